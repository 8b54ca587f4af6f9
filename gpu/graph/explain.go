package graph

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// Explain says what Optimize has done, for a reader who knows the nodes of the graph and not
// this package: the step as it was, what was recognised, hoisted and fused, and the step
// as it is.
func (o *Optimized) Explain() string {
	var b strings.Builder
	fmt.Fprintf(&b, "The step as it was written: %s\n\n%s", o.before.size(), indent(o.before.String()))

	b.WriteString("\nThe least-squares step, w ← w − rate·factor·Xᵀ·(X·w − d)?\n")
	if o.Step != nil {
		fmt.Fprintf(&b, "  Yes: %v\n", o.Step)
	} else {
		fmt.Fprintf(&b, "  No: %s.\n", o.Reason)
	}
	if o.value != "" {
		fmt.Fprintf(&b, "  Multiplied out, the step is %s.\n", o.value)
	}
	if o.Step != nil {
		b.WriteString("  A form that does it in one operation may run it in place of all that follows.\n")
	}

	b.WriteString("\nComputed once, since it depends on constants alone:\n")
	table(&b, len(o.Hoisted), func(i int) (string, string) {
		n := o.Hoisted[i]
		return n.Name, n.Op.String() + " of " + n.Formula()
	})

	b.WriteString("\nFused, since nothing else reads the results in between:\n")
	table(&b, len(o.Fused), func(i int) (string, string) {
		f := o.Fused[i]
		return f.Into.Name, f.Into.Formula() + "\tfrom " + names(f.From)
	})

	fmt.Fprintf(&b, "\nThe step as it runs node by node: %s\n\n%s", o.Plan.size(), indent(list(slices.Concat(o.Plan.Nodes, o.Plan.Assigns))))
	if len(o.Plan.Once) > 0 {
		fmt.Fprintf(&b, "\nThere before the first step: %s\n", names(o.Plan.Once))
	}
	return b.String()
}

// table writes count lines of a name and what it is.
func table(b *strings.Builder, count int, line func(i int) (name, text string)) {
	if count == 0 {
		b.WriteString("  nothing\n")
		return
	}
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for i := range count {
		name, text := line(i)
		fmt.Fprintf(w, "  %s\t%s\n", name, text)
	}
	w.Flush()
}

// size says what a step of the plan takes.
func (p *Plan) size() string {
	operations := len(p.Assigns)
	for _, n := range p.Nodes {
		if n.Op != Constant && n.Op != Variable {
			operations++
		}
	}
	return fmt.Sprintf("%d operations, each a dispatch on a GPU, a long sum two", operations)
}

func names(nodes []*Node) string {
	var list []string
	for _, n := range nodes {
		list = append(list, n.Name)
	}
	return strings.Join(list, ", ")
}

// indent puts two blanks in front of every line.
func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("  " + line)
	}
	return b.String()
}
