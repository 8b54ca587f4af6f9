package report

import (
	"fmt"
	"slices"

	"descent/bench/typeset"
)

// fairness writes the fairness sheet: what each contender is, and what its time contains.
func (p *page) fairness(rep *Report) {
	rows := ready(rep)
	p.table("What each contender is, in its own words", p.identityGrid(rows))
	p.explain(fairnessNote(rep, rows))
	p.table("What each time contains, in the contender's own words", timedGrid(rows))
}

// identityGrid lists each contender that was ready to descend, even if it failed later: what it ran
// on, how many threads it says it used, and how many processors it kept busy. Contenders that say
// the same share a row.
func (p *page) identityGrid(rows []*Row) typeset.Grid {
	g := typeset.Grid{Head: []string{"contender", "version", "device", "threads", "busy"}, Right: []int{3, 4}}
	keys, having := alike(rows, func(row *Row) [3]string {
		return [3]string{said(row.Info.Version), p.device(row), some(row.Info.Threads)}
	})
	for _, key := range keys {
		g.Add(shortly(having[key], rows, marked), key[0], key[1], key[2], busy(having[key]))
	}
	return g
}

// ready returns the rows of contenders that were ready to descend. Only these have said what they
// are.
func ready(rep *Report) []*Row {
	var out []*Row
	for i := range rep.Rows {
		if row := &rep.Rows[i]; row.Init != nil {
			out = append(out, row)
		}
	}
	return out
}

// busy formats how many processors the rows kept busy, as far as it is known: 1.0, or 0.9 – 2.0.
func busy(rows []*Row) string {
	var all []float64
	for _, row := range rows {
		if row.Busy > 0 {
			all = append(all, row.Busy)
		}
	}
	if all == nil {
		return ""
	}
	least, most := fmt.Sprintf("%.1f", slices.Min(all)), fmt.Sprintf("%.1f", slices.Max(all))
	if least == most {
		return least
	}
	return least + " – " + most
}

// timedGrid says what is within the timed call and what is not. Contenders that say the same share
// a row. It is empty if no contender says anything, as in older results files.
func timedGrid(rows []*Row) typeset.Grid {
	g := typeset.Grid{Head: []string{"contender", "contains", "done before it", "how its end is known"}}
	says := func(row *Row) bool { return row.Info.Timed+row.Info.Untimed+row.Info.Sync != "" }
	if !slices.ContainsFunc(rows, says) {
		return g
	}
	keys, having := alike(rows, func(row *Row) [3]string {
		return [3]string{said(row.Info.Timed), said(row.Info.Untimed), said(row.Info.Sync)}
	})
	for _, key := range keys {
		g.Add(shortly(having[key], rows, marked), key[0], key[1], key[2])
	}
	return g
}

func said(phrase string) string {
	if phrase == "" {
		return "not said"
	}
	return phrase
}

// fairnessNote explains the first table: what was measured, and what all contenders were told.
func fairnessNote(rep *Report, rows []*Row) string {
	out := ""
	if slices.ContainsFunc(rows, func(row *Row) bool { return row.Busy > 0 }) {
		out = "Busy was measured: how many processors the contender kept busy during its samples. A loop that waits counts, child processes do not. Below 1, it waited for a processor or a device. "
	}
	if n := rep.Plan.Threads; n > 0 && len(rows) > 0 {
		out += "Every contender was told to use at most " + typeset.Plural(n, "thread") + " (--threads)."
	}
	return out
}
