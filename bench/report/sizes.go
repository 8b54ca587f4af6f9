package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"descent/bench"
	"descent/bench/typeset"
)

// A size holds what the time of an epoch depends on, besides the contender.
type size struct {
	n, features, epochs int
	cpu                 string
}

// bySize holds the rows of several runs, by size and contender. If several runs have the same size,
// the last one counts.
type bySize struct {
	names []string // contenders that ran, in the order of their first rows
	rows  map[size]map[string]*Row
	all   []Row
}

func newBySize(reps []*Report) bySize {
	s := bySize{rows: map[size]map[string]*Row{}}
	for _, rep := range reps {
		at := size{rep.Plan.N, rep.Plan.Features, rep.Plan.Epochs, rep.Env.CPU}
		for i := range rep.Rows {
			row := &rep.Rows[i]
			if row.Status == bench.Unavailable || row.Unreached() {
				continue
			}
			if s.rows[at] == nil {
				s.rows[at] = map[string]*Row{}
			}
			s.rows[at][row.Contender] = row
			s.all = append(s.all, *row)
			if !slices.Contains(s.names, row.Contender) {
				s.names = append(s.names, row.Contender)
			}
		}
	}
	return s
}

// write adds tables with a row for each size and a column for each contender. They are several if
// one would be too wide.
func (s bySize) write(p *page) {
	order := slices.SortedFunc(maps.Keys(s.rows), func(a, b size) int {
		return cmp.Or(cmp.Compare(a.features, b.features), cmp.Compare(a.n, b.n), cmp.Compare(a.epochs, b.epochs), cmp.Compare(a.cpu, b.cpu))
	})
	var machines []string
	for _, at := range order {
		if !slices.Contains(machines, at.cpu) {
			machines = append(machines, at.cpu)
		}
	}
	heading := "Time per epoch by N"
	for names := s.names; len(names) > 0; heading = "Further contenders" {
		g := s.grid(order, machines, names[:1])
		fit := 1
		for ; fit < len(names); fit++ {
			wider := s.grid(order, machines, names[:fit+1])
			if p.Width > 0 && wider.Width() > p.Width {
				break
			}
			g = wider
		}
		p.table(heading, g)
		names = names[fit:]
	}
	s.explain(p, machines)
}

// grid returns a table of these contenders. It has the number of the machine if there are several.
func (s bySize) grid(order []size, machines, names []string) typeset.Grid {
	g := typeset.Grid{Head: []string{"N", "features", "epochs"}}
	if len(machines) > 1 {
		g.Head = append(g.Head, "machine")
	}
	for _, name := range names {
		g.Head = append(g.Head, s.marked(name))
	}
	for i := range g.Head {
		g.Right = append(g.Right, i)
	}
	for _, at := range order {
		line := []string{typeset.Count(at.n), typeset.Count(at.features), typeset.Count(at.epochs)}
		if len(machines) > 1 {
			line = append(line, strconv.Itoa(slices.Index(machines, at.cpu)+1))
		}
		g.Add(append(line, s.cells(at, names)...)...)
	}
	return g
}

// cells returns the times of these contenders for one size, and marks the fastest of all.
func (s bySize) cells(at size, names []string) []string {
	var fastest *Row
	for _, name := range s.names {
		row := s.rows[at][name]
		if row != nil && row.Run != nil && row.Info.Algorithm == "" && (fastest == nil || row.PerEpoch() < fastest.PerEpoch()) {
			fastest = row
		}
	}
	var out []string
	for _, name := range names {
		row := s.rows[at][name]
		switch {
		case row == nil:
			out = append(out, "")
		case row.Run == nil:
			out = append(out, statusWord(row))
		case row.Info.Algorithm == "" && reaches(row, fastest):
			out = append(out, "» "+typeset.Duration(row.PerEpoch()))
		default:
			out = append(out, typeset.Duration(row.PerEpoch()))
		}
	}
	return out
}

// reaches reports whether row is as fast as the fastest row, as far as their intervals show.
func reaches(row, fastest *Row) bool {
	if row.PerEpoch() == fastest.PerEpoch() {
		return true
	}
	return row.Run.Lo > 0 && fastest.Run.Hi > 0 && row.Run.Lo/float64(row.Epochs) <= fastest.Run.Hi/float64(fastest.Epochs)
}

// marked returns the head of a contender's column. It has a mark if any row of the contender has
// one.
func (s bySize) marked(name string) string {
	for i := range s.all {
		if row := &s.all[i]; row.Contender == name && row.Info.Algorithm != "" {
			return marked(row)
		}
	}
	return name
}

// explain adds what the tables' marks mean, and which machines and devices the times are of.
func (s bySize) explain(p *page, machines []string) {
	p.explain("Times are medians. Of several runs of one size, the last counts. " +
		"» marks the fastest of a row, and every contender with a 95% interval that reaches the fastest's.")
	var lines []string
	for i, machine := range machines {
		if len(machines) > 1 {
			lines = append(lines, fmt.Sprintf("machine %d: %s", i+1, machine))
		}
	}
	device := func(row *Row) string {
		if row.Info.Place() == "cpu" {
			return ""
		}
		return device(row.Info)
	}
	for _, n := range slices.Concat(otherAlgorithm(s.all, "It gets no »."),
		grouped(s.all, device, func(names, device string) string { return names + ": on " + device })) {
		lines = append(lines, n.text)
	}
	p.list(lines)
}
