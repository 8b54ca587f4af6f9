package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

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

// order returns the sizes, from small to large.
func (s bySize) order() []size {
	return slices.SortedFunc(maps.Keys(s.rows), func(a, b size) int {
		return cmp.Or(cmp.Compare(a.features, b.features), cmp.Compare(a.n, b.n), cmp.Compare(a.epochs, b.epochs), cmp.Compare(a.cpu, b.cpu))
	})
}

// table returns a table with a row for each size and a column for each contender.
func (s bySize) table() table.Writer {
	order := s.order()
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
		line := append(table.Row{count(at.n), count(at.features), count(at.epochs)}, s.cells(at, duration)...)
		if machines {
			line = append(line, at.cpu)
		}
		t.AppendRow(line)
	}
	return t
}

// text returns a line for each contender and a column for each size. Columns that do not fit the
// width stand below.
func (s bySize) text(o Options) string {
	order := s.order()
	head := []string{"N"}
	grid := make([][]string, len(s.names)) // of the cells after the name
	name := 0
	for _, at := range order {
		label := count(at.n)
		if at.features != order[0].features || at.features > 1 {
			label += fmt.Sprintf(" × %d", at.features)
		}
		head = append(head, label)
		for i, cell := range s.cells(at, duration3) {
			grid[i] = append(grid[i], fmt.Sprint(cell))
		}
	}
	for _, n := range s.names {
		name = max(name, text.StringWidthWithoutEscSequences(s.marked(n)))
	}
	var b strings.Builder
	for from := 0; from < len(order); {
		to, width := from, name
		widths := []int{}
		for ; to < len(order); to++ {
			w := text.StringWidthWithoutEscSequences(head[to+1])
			for i := range grid {
				w = max(w, text.StringWidthWithoutEscSequences(grid[i][to]))
			}
			if width+gap+w > o.columns() && to > from {
				break
			}
			width += gap + w
			widths = append(widths, w)
		}
		line := func(first string, cells []string) {
			out := pad(first, name)
			for i, w := range widths {
				out += strings.Repeat(" ", gap+w-text.StringWidthWithoutEscSequences(cells[from+i])) + cells[from+i]
			}
			b.WriteString(strings.TrimRight(out, " ") + "\n")
		}
		line(head[0], head[1:])
		for i, n := range s.names {
			line(s.marked(n), grid[i])
		}
		from = to
	}
	return b.String()
}

// cells returns the times of one size and marks the fastest.
func (s bySize) cells(at size, format func(float64) string) table.Row {
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
			out = append(out, "» "+format(row.PerEpoch()))
		default:
			out = append(out, format(row.PerEpoch()))
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
