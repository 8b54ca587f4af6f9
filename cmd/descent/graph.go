package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"descent/gpu/graph"
)

// A graphCommand is one call of descent graph.
type graphCommand struct {
	step        string
	n, features countFlag
	explain     bool
	format      string
}

func newGraphCommand() *cobra.Command {
	g := graphCommand{n: 10_000, features: 1}
	var names []string
	var steps strings.Builder
	for _, s := range graph.TrainingSteps {
		names = append(names, s.Name)
		fmt.Fprintf(&steps, "\n  %-13s %s", s.Name, s.Formula)
	}
	cmd := &cobra.Command{
		Use:   "graph",
		Short: "Show a training step as a graph, and what an optimiser makes of it",
		Long: `Graph prints a training step as gl-graph runs it: a line a node, with its operation, its
shape and the nodes that it reads. On a GPU each operation is a dispatch, in every epoch.
No GPU is needed, and nothing is computed. The steps:
` + steps.String() + `

--explain prints what a pass over the graph makes of it: whether it is the least-squares step,
which a fused shader does in one operation, and if not, why; what depends on constants alone
and is computed once; which element-wise operations become one; and what is left to run.

The exit status is 0, or 2 for a mistake on the command line.`,
		Example: `  descent graph
  descent graph --explain
  descent graph --step ridge --explain
  descent graph --step by-gradients --n 1e6 --features 8 --explain
  descent graph --step momentum --explain --format json`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error { return g.run(cmd.OutOrStdout()) },
	}
	flags := cmd.Flags()
	flags.StringVar(&g.step, "step", names[0], strings.Join(names, ", "))
	complete(cmd, "step", names...)
	flags.Var(&g.n, "n", "samples")
	flags.Var(&g.features, "features", "features of a sample")
	flags.BoolVar(&g.explain, "explain", false, "print what is recognised, computed once and fused")
	registerFormat(cmd, &g.format, textOrJSON...)
	return cmd
}

func (g *graphCommand) run(out io.Writer) error {
	if err := checkTextOrJSON(g.format); err != nil {
		return err
	}
	plan, err := g.plan()
	if err != nil {
		return usage(err, "")
	}
	listed := listedGraph{Step: g.step, N: int(g.n), Features: int(g.features), Nodes: listNodes(plan)}
	text := plan.String()
	if g.explain {
		o := plan.Optimize()
		text, listed.Explain = o.Explain(), explainGraph(o)
	}
	if g.format == "json" {
		return writeJSON(out, listed)
	}
	_, err = io.WriteString(out, text)
	return err
}

// plan compiles the step on data that nobody reads.
func (g *graphCommand) plan() (*graph.Plan, error) {
	switch {
	case g.n < 1:
		return nil, fmt.Errorf("--n %d: at least 1 is needed", g.n)
	case g.features < 1:
		return nil, fmt.Errorf("--features %d: at least 1 is needed", g.features)
	}
	none := func([]float64, int) {}
	var names []string
	for _, s := range graph.TrainingSteps {
		if s.Name == g.step {
			return s.Compile(graph.NewLeastSquares(int(g.n), int(g.features), none, none))
		}
		names = append(names, s.Name)
	}
	return nil, fmt.Errorf("--step %q is not one of %s", g.step, strings.Join(names, ", "))
}

// A listedGraph is what descent graph --format json prints.
type listedGraph struct {
	Step     string          `json:"step"`
	N        int             `json:"n"`
	Features int             `json:"features"`
	Nodes    []listedNode    `json:"nodes"`
	Explain  *explainedGraph `json:"explain,omitempty"`
}

type listedNode struct {
	Name    string   `json:"name"`
	Op      string   `json:"op"`
	Shape   [2]int   `json:"shape"`
	Inputs  []string `json:"inputs,omitempty"`
	Factor  float64  `json:"factor,omitempty"`
	Formula string   `json:"formula,omitempty"` // of what was fused
	Once    bool     `json:"once,omitempty"`    // computed when the data are loaded
}

// An explainedGraph is what the pass has made of a step.
type explainedGraph struct {
	LeastSquares *leastSquaresStep `json:"least_squares,omitempty"`
	Reason       string            `json:"reason,omitempty"` // why it is not the least-squares step
	Hoisted      []string          `json:"hoisted"`
	Fused        []fusedNodes      `json:"fused"`
	Nodes        []listedNode      `json:"nodes"`
}

type leastSquaresStep struct {
	X      string  `json:"x"`
	D      string  `json:"d"`
	W      string  `json:"w"`
	Rate   string  `json:"rate,omitempty"` // none where the rate is a number, in the factor
	Factor float64 `json:"factor"`
}

type fusedNodes struct {
	Into string   `json:"into"`
	From []string `json:"from"`
}

func explainGraph(o *graph.Optimized) *explainedGraph {
	e := &explainedGraph{Reason: o.Reason, Hoisted: nodeNames(o.Hoisted), Fused: []fusedNodes{}, Nodes: listNodes(o.Plan)}
	if s := o.Step; s != nil {
		e.LeastSquares = &leastSquaresStep{X: s.X.Name, D: s.D.Name, W: s.W.Name, Factor: s.Factor}
		if s.Rate != nil {
			e.LeastSquares.Rate = s.Rate.Name
		}
	}
	for _, f := range o.Fused {
		e.Fused = append(e.Fused, fusedNodes{f.Into.Name, nodeNames(f.From)})
	}
	return e
}

func listNodes(p *graph.Plan) (all []listedNode) {
	for i, nodes := range [][]*graph.Node{p.Once, p.Nodes, p.Assigns} {
		for _, n := range nodes {
			listed := listedNode{Name: n.Name, Op: n.Op.String(), Shape: [2]int{n.Shape.Rows, n.Shape.Cols}, Inputs: nodeNames(n.Inputs), Factor: n.Factor, Once: i == 0}
			if n.Expression != nil {
				listed.Formula = n.Formula()
			}
			all = append(all, listed)
		}
	}
	return all
}

func nodeNames(nodes []*graph.Node) []string {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = n.Name
	}
	return names
}
