package report

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"descent/bench/journal"
	"descent/bench/stats"
)

var comparisonFormats = formatsOf[Comparison]{
	"bench":    compareBench,
	"csv":      compareCSV,
	"json":     jsonComparisons,
	"markdown": func(w io.Writer, cs []*Comparison, o Options) error { return compareText(w, inMarkdown, cs) },
	"text":     func(w io.Writer, cs []*Comparison, o Options) error { return compareText(w, inText(o), cs) },
}

// WriteComparison writes comparisons of two results files to w. format is one of Formats.
func WriteComparison(w io.Writer, format string, cs []*Comparison, o Options) error {
	return comparisonFormats.write(w, format, cs, o)
}

func compareText(w io.Writer, l layout, cs []*Comparison) error {
	var parts []string
	for i, c := range cs {
		if i > 0 {
			parts = append(parts, l.rule)
		}
		parts = append(parts, l.strong(problem(c.Plan))+l.line+machines(c))
		parts = append(parts, l.table(l.compareTable(c)))
		parts = append(parts, compareNotes(c)...)
	}
	_, err := io.WriteString(w, strings.Join(parts, "\n\n")+"\n")
	return err
}

// machines returns the lines about the machines of the two runs.
func machines(c *Comparison) string {
	line := machineLine(c.New)
	if c.CrossMachine != "" {
		line = "ACROSS MACHINES: what differs may be the machines alone, not the programs.\nold: " + machineLine(c.Old) + "\nnew: " + line
	}
	if c.Changed != nil {
		line += "\nchanged beside it: " + strings.Join(c.Changed, ", ")
	}
	return line
}

func (l layout) compareTable(c *Comparison) table.Writer {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"contender", "old, " + Plural(c.Plan.Epochs, "epoch"), "new", "speed of the new one", ""})
	for i := range c.Rows {
		row := &c.Rows[i]
		if row.Ratio == nil {
			t.AppendRow(table.Row{row.Contender, "", "", row.Note, flag(row)})
			continue
		}
		t.AppendRow(table.Row{row.Contender, interval(row.Old, 1), interval(row.New, 1), l.ratioCell(row.Ratio), flag(row)})
	}
	return t
}

// flag returns the mark of a row that changes the exit status, "" for any other row.
func flag(row *Compared) string {
	switch {
	case row.Regressed:
		return "REGRESSION"
	case row.Unclear:
		return "unclear"
	}
	return ""
}

func compareNotes(c *Comparison) []string {
	out := []string{"The speed of the new one is the ratio of times, old over new, with its 95% interval: over 1 is faster."}
	if c.Floor > 0 {
		out = append(out, "The noise floor of the runs is "+percent(c.Floor)+": nothing within it is called faster or slower.")
	}
	if c.Limit > 0 {
		out = append(out, "A regression is a slow-down of more than "+percent(c.Limit)+", over the whole interval (--fail-above).")
	}
	for i := range c.Rows {
		row := &c.Rows[i]
		switch r := row.Ratio; {
		case r == nil:
		case r.Lo == 0:
			out = append(out, fmt.Sprintf("%s: an interval takes %d processes in both runs", row.Contender, stats.MinProcesses))
		case r.MoreBlocks > 0:
			out = append(out, fmt.Sprintf("%s: about %s in both runs would tell (--resume, with --budget and --resolution)", row.Contender, Plural(r.MoreBlocks, "more block")))
		}
	}
	return out
}

// compareCSV writes a line for each contender of each comparison. Comparisons are numbered from 1.
func compareCSV(w io.Writer, cs []*Comparison, _ Options) error {
	out := csv.NewWriter(w)
	out.Write([]string{ // out.Error returns the error
		"contender", "n", "features", "epochs", "old_median_ns", "old_lo_ns", "old_hi_ns", "new_median_ns", "new_lo_ns", "new_hi_ns",
		"ratio", "lo", "hi", "verdict", "more_blocks", "regressed", "unclear", "note", "noise_floor", "cross_machine", "comparison",
	})
	for i, c := range cs {
		for _, row := range c.Rows {
			line := []string{row.Contender, fmt.Sprint(c.Plan.N), fmt.Sprint(c.Plan.Features), fmt.Sprint(c.Plan.Epochs)}
			for _, s := range []*stats.Summary{row.Old, row.New} {
				if s == nil {
					s = new(stats.Summary)
				}
				line = append(line, known(s.Median), known(s.Lo), known(s.Hi))
			}
			line = append(line, ratioFields(row.Ratio)...)
			out.Write(append(line, fmt.Sprint(row.Regressed), fmt.Sprint(row.Unclear), row.Note, known(c.Floor), c.CrossMachine, fmt.Sprint(i+1)))
		}
	}
	out.Flush()
	return out.Error()
}

// ratioFields returns the ratio, its interval, its verdict, and how many more blocks would tell.
func ratioFields(r *stats.Ratio) []string {
	if r == nil {
		return make([]string, 5)
	}
	return []string{number(r.Ratio), known(r.Lo), known(r.Hi), string(r.Verdict), known(r.MoreBlocks)}
}

// compareBench writes the samples of both runs in the format of Go benchmarks. They are marked
// "run: old" and "run: new", so that 'benchstat -col run' compares them.
func compareBench(w io.Writer, cs []*Comparison, _ Options) error {
	out := bufio.NewWriter(w)
	for _, c := range cs {
		for k, run := range []struct {
			name string
			env  journal.Env
		}{{"old", c.Old}, {"new", c.New}} {
			benchHead(out, run.env, &c.Plan)
			fmt.Fprintf(out, "run: %s\n", run.name)
			for i := range c.Rows {
				row := &c.Rows[i]
				if row.Ratio == nil {
					continue
				}
				before, after := row.Times()
				b := benchmark{row.Contender, c.Plan.N, c.Plan.Features, row.Epochs, run.env.Threads}
				b.write(out, [2][]float64{before, after}[k])
			}
		}
	}
	return out.Flush() // returns the first error of any write
}
