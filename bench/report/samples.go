package report

import (
	"fmt"
	"slices"
	"strings"

	"descent/bench/typeset"
)

// longProtocol is the share of a sample from which on the protocol is worth a remark.
const longProtocol = 0.01

// samples writes a table of what the samples of each row are, and how many are odd. Odd samples
// count like all others.
func (p *page) samples(rep *Report) {
	g := typeset.Grid{
		Head:  []string{"contender", "epochs a sample", "takes", "processes", "far out", "slow processor", "others awake", "not steady", "protocol"},
		Right: []int{1, 2, 3, 4, 5, 6, 7, 8},
	}
	for i := range rep.Rows {
		row := &rep.Rows[i]
		if row.Run == nil {
			continue
		}
		steady := ""
		if row.Unsettled > 0 {
			steady = fmt.Sprintf("%d of %d", row.Unsettled, row.Processes)
		}
		g.Add(marked(row), sampleOf(row), typeset.Duration(row.Run.Median*float64(row.Calls)), typeset.Count(row.Processes),
			some(len(row.Outliers)), some(row.Slowed), some(row.Disturbed), steady, typeset.Share(row.OverheadShare))
	}
	if len(g.Rows) == 0 {
		return
	}
	p.table("What the samples are, and how many are odd", g)
	p.explain(explained(g))
	for _, n := range grouped(rep.Rows, func(row *Row) string {
		if row.Run == nil || row.OverheadShare <= longProtocol {
			return ""
		}
		return fmt.Sprintf("The protocol takes more than %g%% of a sample: ", 100*longProtocol)
	}, func(names, which string) string { return which + names }) {
		p.explain(n.text + ". These samples are short, or the machine was busy. The driver's clock confirms their times only to that share.")
	}
}

// explained explains the columns of g that are not empty.
func explained(g typeset.Grid) string {
	said := []string{"All samples count, the odd ones too."}
	for _, column := range [][2]string{
		{"far out", "Far out are samples far from the others of their process."},
		{"slow processor", "Slow processor: before and after the sample, a fixed computation of the driver took 10% longer than it can."},
		{"others awake", "Others awake: threads of another contender did not sleep."},
		{"not steady", "Not steady are processes whose times still drifted when the warm-up ended."},
		{"protocol", "Protocol is the median share of a sample that is outside the worker's clock. It is not in the times."},
	} {
		i := slices.Index(g.Head, column[0])
		if slices.ContainsFunc(g.Rows, func(row []string) bool { return row[i] != "" }) {
			said = append(said, column[1])
		}
	}
	return strings.Join(said, " ")
}

// sampleOf returns the epochs of a sample: 10,000, or 12 × 10,000.
func sampleOf(row *Row) string {
	if row.Calls == 1 {
		return typeset.Count(row.Epochs)
	}
	return typeset.Count(row.Calls) + " × " + typeset.Count(row.Epochs)
}

// some formats a number, or returns "" if n is 0.
func some(n int) string {
	if n == 0 {
		return ""
	}
	return typeset.Count(n)
}
