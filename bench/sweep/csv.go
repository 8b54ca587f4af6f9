package sweep

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"descent/bench/stats"
	"descent/bench/typeset"
)

// A line is what a line of CSV is about: one size of one problem.
type line struct {
	sweep   *Sweep
	problem *Problem
	size    *Size
}

// A column is a column of CSV. field returns "" if the line has no such value.
type column struct {
	name  string
	field func(line) string
}

// writeCSV writes a line for each size of each problem of each sweep. Sweeps are numbered from 1.
func writeCSV(w io.Writer, sweeps []*Sweep, all bool) error {
	columns := usual
	if all {
		columns = slices.Concat(usual, wide)
	}
	out := csv.NewWriter(w)
	record := []string{"sweep"}
	for _, c := range columns {
		record = append(record, c.name)
	}
	out.Write(record) // out.Error returns the error
	for i, s := range sweeps {
		for k := range s.Problems {
			p := &s.Problems[k]
			for j := range p.Sizes {
				record = []string{strconv.Itoa(i + 1)}
				for _, c := range columns {
					record = append(record, c.field(line{s, p, &p.Sizes[j]}))
				}
				out.Write(record)
			}
		}
	}
	out.Flush()
	return out.Error()
}

// usual are the columns after the number of the sweep.
var usual = slices.Concat([]column{
	{"id", func(l line) string { return l.sweep.ID }},
	{"date", func(l line) string { return l.sweep.Time.Format(time.RFC3339) }},
	{"version", func(l line) string { return l.sweep.Version }},
	{"cpu", func(l line) string { return l.sweep.Env.CPU }},
	{"cpu_threads", func(l line) string { return typeset.Known(l.sweep.Env.Threads) }},
	{"features", func(l line) string { return typeset.Number(l.problem.Features) }},
	{"precision", func(l line) string { return l.problem.Precision }},
	{"epochs", func(l line) string { return typeset.Number(l.problem.Epochs) }},
	{"n", func(l line) string { return typeset.Number(l.size.N) }},
}, sideColumns("first", 0), sideColumns("second", 1), []column{
	{"ratio", ofRatio(func(r *stats.Ratio) string { return typeset.Number(r.Ratio) })},
	{"ratio_lo", ofRatio(func(r *stats.Ratio) string { return typeset.Known(r.Lo) })},
	{"ratio_hi", ofRatio(func(r *stats.Ratio) string { return typeset.Known(r.Hi) })},
	{"noise_floor", func(l line) string { return typeset.Known(l.size.Floor) }},
	{"winner", func(l line) string {
		if w := l.size.Winner; l.size.Ratio != nil && w >= 0 {
			return l.sweep.Sides[w].Name
		}
		return ""
	}},
	{"gap", func(l line) string { return l.size.Gap }},
	{"outcome", func(l line) string { return string(l.problem.Crossover.Outcome) }},
	{"crossover_n", ofChange(func(c stats.Change) float64 { return c.At })},
	{"crossover_lo", ofChange(func(c stats.Change) float64 { return c.Lo })},
	{"crossover_hi", ofChange(func(c stats.Change) float64 { return c.Hi })},
	{"grade", func(l line) string { return string(l.sweep.Grade) }},
})

// wide are further columns, for report.Options.Wide.
var wide = slices.Concat([]column{
	{"end", func(l line) string { return l.sweep.End }},
	{"first_bounds", func(l line) string { return l.size.Champions[0].reason() }},
	{"second_bounds", func(l line) string { return l.size.Champions[1].reason() }},
	{"others", func(l line) string {
		var out []string
		for _, t := range l.size.Others {
			if t.EpochNS > 0 {
				out = append(out, t.Contender+"="+typeset.Number(t.EpochNS))
			}
		}
		return strings.Join(out, " ")
	}},
	{"changes", func(l line) string { return changes(&l.problem.Crossover) }},
	{"cost_outcome", func(l line) string {
		if c := l.problem.ByCost; c != nil {
			return string(c.Outcome)
		}
		return ""
	}},
	{"cost_changes", func(l line) string { return changes(l.problem.ByCost) }},
}, breakEvenColumns("cold", Cold), breakEvenColumns("new_data", NewData), breakEvenColumns("resident", Resident))

// sideColumns returns the columns of a side: its name, and its champion.
func sideColumns(prefix string, side int) []column {
	of := func(name string, field func(*Champion) string) column {
		return column{prefix + name, func(l line) string {
			if c := l.size.Champions[side]; c != nil {
				return field(c)
			}
			return ""
		}}
	}
	return []column{
		{prefix + "_side", func(l line) string { return l.sweep.Sides[side].Name }},
		of("", func(c *Champion) string { return c.Contender }),
		of("_threads", func(c *Champion) string { return typeset.Known(c.Info.Threads) }),
		of("_device", func(c *Champion) string { return c.Info.Device }),
		of("_software", func(c *Champion) string { return strconv.FormatBool(c.Info.Software) }),
		of("_epoch_ns", func(c *Champion) string { return typeset.Known(c.EpochNS) }),
		of("_lo_ns", func(c *Champion) string { return typeset.Known(c.Lo) }),
		of("_hi_ns", func(c *Champion) string { return typeset.Known(c.Hi) }),
		of("_processes", func(c *Champion) string { return typeset.Number(c.Processes) }),
		of("_scaled", func(c *Champion) string { return strconv.FormatBool(c.Scaled) }),
		of("_bound_by", func(c *Champion) string { return c.BoundBy }),
	}
}

// ofRatio makes a field from a part of the ratio, empty if there is none.
func ofRatio(part func(*stats.Ratio) string) func(line) string {
	return func(l line) string {
		if l.size.Ratio == nil {
			return ""
		}
		return part(l.size.Ratio)
	}
}

// ofChange makes a field from a part of the crossover, empty unless it is known that there is
// exactly one.
func ofChange(part func(stats.Change) float64) func(line) string {
	return func(l line) string {
		if c := l.problem.Crossover; c.Outcome == stats.OneCrossover && len(c.Changes) == 1 {
			return typeset.Known(part(c.Changes[0]))
		}
		return ""
	}
}

// changes lists all changes of the winner: the side, the size and its interval.
func changes(c *stats.Crossover) string {
	if c == nil {
		return ""
	}
	var out []string
	for _, change := range c.Changes {
		out = append(out, strconv.Itoa(change.To)+":"+typeset.Known(change.At)+"("+typeset.Known(change.Lo)+".."+typeset.Known(change.Hi)+")")
	}
	return strings.Join(out, " ")
}

// breakEvenColumns returns the columns of the break-even of a start, for later and for first
// processes.
func breakEvenColumns(name string, start Start) []column {
	var out []column
	for _, first := range []bool{false, true} {
		prefix := name + "_"
		if first {
			prefix = "first_" + prefix
		}
		of := func(name string, field func(*BreakEven) string) column {
			return column{prefix + name, func(l line) string {
				if b := l.problem.breakEven(l.size.N, start, first); b != nil {
					return field(b)
				}
				return ""
			}}
		}
		out = append(out,
			of("answer", func(b *BreakEven) string { return string(b.Answer) }),
			of("epochs", func(b *BreakEven) string { return typeset.Known(b.Epochs) }),
			of("epochs_lo", func(b *BreakEven) string { return typeset.Known(b.Lo) }),
			of("epochs_hi", func(b *BreakEven) string { return typeset.Known(b.Hi) }))
	}
	return out
}
