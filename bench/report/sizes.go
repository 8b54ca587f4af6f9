package report

import (
	"cmp"
	"maps"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench"
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

// table returns a table with a row for each size and a column for each contender.
func (s bySize) table() table.Writer {
	order := slices.SortedFunc(maps.Keys(s.rows), func(a, b size) int {
		return cmp.Or(cmp.Compare(a.features, b.features), cmp.Compare(a.n, b.n), cmp.Compare(a.epochs, b.epochs), cmp.Compare(a.cpu, b.cpu))
	})
	machines := slices.ContainsFunc(order, func(at size) bool { return at.cpu != order[0].cpu })
	t := table.NewWriter()
	header := table.Row{"N", "features", "epochs"}
	for _, name := range s.names {
		header = append(header, s.marked(name))
	}
	if machines {
		header = append(header, "machine")
	}
	t.AppendHeader(header)
	columns := make([]table.ColumnConfig, 3+len(s.names))
	for i := range columns {
		columns[i] = table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight}
	}
	t.SetColumnConfigs(columns)
	for _, at := range order {
		line := append(table.Row{count(at.n), count(at.features), count(at.epochs)}, s.cells(at)...)
		if machines {
			line = append(line, at.cpu)
		}
		t.AppendRow(line)
	}
	return t
}

// cells returns the times of one size and marks the fastest.
func (s bySize) cells(at size) table.Row {
	var fastest *Row
	for _, name := range s.names {
		row := s.rows[at][name]
		if row != nil && row.Run != nil && row.Info.Algorithm == "" && (fastest == nil || row.PerEpoch() < fastest.PerEpoch()) {
			fastest = row
		}
	}
	var out table.Row
	for _, name := range s.names {
		row := s.rows[at][name]
		switch {
		case row == nil:
			out = append(out, "")
		case row.Run == nil:
			out = append(out, statusWord(row))
		case row.Info.Algorithm == "" && reaches(row, fastest):
			out = append(out, "» "+duration(row.PerEpoch()))
		default:
			out = append(out, duration(row.PerEpoch()))
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

func (s bySize) notes() []string {
	out := []string{"Medians; of several runs of one size the last stands. » marks the fastest of a row, and whatever has a 95% interval\n" +
		"that reaches the fastest's."}
	out = append(out, grouped(s.all, otherAlgorithm("» is for the others alone."))...)
	return append(out, grouped(s.all, func(row *Row) (string, string) {
		if row.Info.Place() == "cpu" {
			return "", ""
		}
		return "", "on " + device(row.Info)
	})...)
}
