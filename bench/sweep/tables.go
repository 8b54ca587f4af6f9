package sweep

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"descent/bench/stats"
	"descent/bench/typeset"
)

// The least and the most columns of a half of the bars.
const (
	leastBar = 4
	mostBar  = 16
)

// A detail says how much of the table of sizes is shown.
type detail struct{ times, intervals, names, bars bool }

// sizes adds the table of sizes: both champions, their times of an epoch, and who wins. It shows as
// much as fits.
func (p *page) sizes(title string, s *Sweep, pr *Problem) {
	all := detail{times: true, intervals: true, names: true}
	choices := []detail{all, {times: true, names: true}, {names: true, intervals: true}, {names: true}, {}}
	g := p.sizeGrid(s, pr, all, 0)
	if p.Width > 0 {
		for _, choice := range choices {
			if g = p.sizeGrid(s, pr, choice, 0); g.Width() <= p.Width {
				break
			}
		}
		half := (p.Width - g.Width() - len(typeset.Gap) - 1) / 2
		if half >= leastBar && p.Width >= 80 && len(pr.compared()) > 0 {
			all.bars = true
			g = p.sizeGrid(s, pr, all, min(half, mostBar))
		}
	}
	p.table(title, g)
}

// sizeGrid has a row for each size. If nothing is compared, it has no column of winners.
func (p *page) sizeGrid(s *Sweep, pr *Problem, d detail, half int) typeset.Grid {
	g := typeset.Grid{Head: []string{"N", s.short(0), "epoch", s.short(1), "epoch", "wins", ""}, Right: []int{0, 2, 4}}
	compared := pr.compared()
	scale := 0.0
	for _, at := range compared {
		scale = max(scale, math.Abs(math.Log(at.Ratio.Ratio)))
	}
	if d.bars {
		g.Head[6] = barHead(s.short(0), s.short(1), half)
	}
	for i := range pr.Sizes {
		at := &pr.Sizes[i]
		row := make([]string, len(g.Head))
		row[0] = typeset.Count(at.N)
		for side, c := range at.Champions {
			if c == nil {
				continue
			}
			if d.names {
				row[1+2*side] = c.cell()
			}
			if d.times {
				row[2+2*side] = duration(c.EpochNS)
				if c.Scaled {
					row[2+2*side] = "≈ " + row[2+2*side]
				}
			}
		}
		if len(compared) > 0 {
			row[5] = p.winnerCell(s, at, d.intervals)
		}
		if d.bars && at.Ratio != nil {
			row[6] = p.bar(at, scale, half)
		}
		g.Add(row...)
	}
	return g
}

// barHead labels the two directions of the bars.
func barHead(left, right string, half int) string {
	left, right = typeset.Cut(left, half), typeset.Cut(right, half)
	return strings.Repeat(" ", half-typeset.Columns(left)) + left + "|" + right
}

// bar shows a ratio as a bar towards the side that is faster, logarithmic: to the left the first.
func (p *page) bar(at *Size, scale float64, half int) string {
	ratio := math.Log(at.Ratio.Ratio)
	length := 0
	if scale > 0 {
		length = int(math.Round(float64(half) * math.Abs(ratio) / scale))
	}
	bar := strings.Repeat("━", length)
	if ratio > 0 {
		return strings.Repeat(" ", half) + "|" + p.In(color(at.Winner), bar)
	}
	return strings.Repeat(" ", half-length) + p.In(color(at.Winner), bar) + "|"
}

// breakEven adds from how many epochs the second side wins, for each start and for a few sizes; in
// the details, for all sizes.
func (p *page) breakEven(s *Sweep, pr *Problem) {
	ns := p.breakEvenSizes(pr)
	if len(ns) == 0 {
		return
	}
	g := typeset.Grid{Head: []string{"start"}}
	for _, n := range ns {
		g.Head = append(g.Head, "N = "+typeset.Count(n))
	}
	for _, start := range []Start{Cold, NewData, Resident} {
		for _, first := range []bool{true, false} {
			row := []string{string(start)}
			if first {
				row[0] = "first " + row[0]
			}
			for _, n := range ns {
				row = append(row, pr.breakEven(n, start, first).cell())
			}
			if (start == Cold || !first || p.details) && strings.Join(row[1:], "") != "" {
				g.Add(row...)
			}
		}
	}
	if len(g.Head) > 4 { // sizes are rows if there are many
		g = turned(g, "N")
		for i := range g.Rows {
			g.Rows[i][0] = strings.TrimPrefix(g.Rows[i][0], "N = ")
		}
		g.Right = []int{0}
	}
	p.table("From how many epochs "+s.the(1)+" wins", g)
}

// turned returns a grid whose rows are the columns of g.
func turned(g typeset.Grid, corner string) typeset.Grid {
	out := typeset.Grid{Head: []string{corner}}
	for _, row := range g.Rows {
		out.Head = append(out.Head, row[0])
	}
	for i := 1; i < len(g.Head); i++ {
		row := []string{g.Head[i]}
		for _, cells := range g.Rows {
			row = append(row, cells[i])
		}
		out.Add(row...)
	}
	return out
}

// breakEvenSizes chooses the sizes of the break-even: that of the verdict, the first at which the
// second side wins, and the largest.
func (p *page) breakEvenSizes(pr *Problem) []int {
	var all []int
	for _, b := range pr.BreakEven {
		all = append(all, b.N)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if p.details || len(all) <= 3 {
		return all
	}
	chosen := []int{all[len(all)-1]}
	compared := pr.compared()
	if main := mainSize(compared); main != nil {
		chosen = append(chosen, main.N)
	}
	for _, at := range compared {
		if at.Winner == 1 && slices.Contains(all, at.N) {
			chosen = append(chosen, at.N)
			break
		}
	}
	slices.Sort(chosen)
	return slices.DeleteFunc(slices.Compact(chosen), func(n int) bool { return !slices.Contains(all, n) })
}

// cell says from how many epochs the second side wins.
func (b *BreakEven) cell() string {
	if b == nil {
		return ""
	}
	switch b.Answer {
	case stats.FromEpochs:
		return around(b.Epochs, b.Lo, b.Hi)
	case stats.UntilEpochs:
		return "only up to " + around(b.Epochs, b.Lo, b.Hi)
	}
	return string(b.Answer)
}

// winners adds a winner map. In the short report it has a few of its rows.
func (p *page) winners(s *Sweep, pr *Problem, m *Map, title string) {
	const few = 5
	rows := m.Rows
	if !p.details {
		rows = spread(rows, few)
	}
	if len(rows) == 0 || len(m.Epochs) == 0 {
		return
	}
	g := mapGrid(s, m, rows, 1, true)
	for every, factors := 1, true; p.Width > 0 && g.Width() > p.Width && every < len(m.Epochs); {
		if factors {
			factors = false
		} else {
			every++
		}
		g = mapGrid(s, m, rows, every, factors)
	}
	letters := s.letters()
	note := fmt.Sprintf("%s: %s, %s: %s, =: cannot tell, -: a gap.", letters[0], s.short(0), letters[1], s.short(1))
	note += " Cells in [ ] are measured; others are computed from one-off cost + K epochs."
	p.table(title, g, note, m.validation())
}

// spread returns so many of rows, from the first to the last.
func spread[T any](rows []T, most int) []T {
	if len(rows) <= most {
		return rows
	}
	var out []T
	for i := range most {
		out = append(out, rows[i*(len(rows)-1)/(most-1)])
	}
	return out
}

// mapGrid lays a map out, with the last of its columns and every so many of the others.
func mapGrid(s *Sweep, m *Map, rows []MapAt, every int, factors bool) typeset.Grid {
	g := typeset.Grid{Head: []string{"N"}, Right: []int{0}}
	var columns []int
	for k := range m.Epochs {
		if (len(m.Epochs)-1-k)%every == 0 {
			columns = append(columns, k)
			g.Head = append(g.Head, rounded(float64(m.Epochs[k]), 3))
		}
	}
	g.Head[1] = "K = " + g.Head[1]
	letters := s.letters()
	for _, at := range rows {
		row := []string{typeset.Count(at.N)}
		for _, k := range columns {
			cell := "-"
			if k < len(at.Cells) {
				cell = at.Cells[k].text(letters, factors)
			}
			row = append(row, cell)
		}
		g.Add(row...)
	}
	return g
}

// text says who wins in a cell of a map, and by how much: G 3.1x. A measured cell is in brackets.
func (c *Cell) text(letters [2]string, factor bool) string {
	out := "="
	switch {
	case c.Best[0] == "" || c.Best[1] == "":
		return "-"
	case c.Winner == 0 || c.Winner == 1:
		out = letters[c.Winner]
		if ratio := c.Ratio; factor && ratio > 0 {
			if c.Winner == 0 {
				ratio = 1 / ratio
			}
			out += " " + typeset.Factor(ratio) + "x"
		}
	}
	if c.Measured {
		return "[" + out + "]"
	}
	return out
}

// validation says how far computed times were from measured ones.
func (m *Map) validation() string {
	worst, count := 0.0, 0
	for _, at := range m.Rows {
		for i := range at.Cells {
			if at.Cells[i].Measured {
				count++
				worst = max(worst, at.Cells[i].Error)
			}
		}
	}
	if count == 0 {
		return ""
	}
	return fmt.Sprintf("%s: computed times were off by at most %s.", typeset.Plural(count, "measured cell"), typeset.Percent(worst))
}

// reasons adds what bounds an epoch of both champions at the smallest, the middle and the largest
// size; in the details, all sizes.
func (p *page) reasons(s *Sweep, pr *Problem) {
	var sizes []*Size
	for i := range pr.Sizes {
		at := &pr.Sizes[i]
		if at.Champions[0].reason() != "" || at.Champions[1].reason() != "" {
			sizes = append(sizes, at)
		}
	}
	g := typeset.Grid{Head: []string{"N", s.short(0), s.short(1)}, Right: []int{0}}
	for _, at := range sizes {
		row := []string{typeset.Count(at.N)}
		for _, c := range at.Champions {
			row = append(row, c.reason())
		}
		g.Add(row...)
	}
	if !p.details {
		g.Rows = spread(g.Rows, 3)
	}
	p.table("What an epoch is bound by, as a share of its time", g)
}

// models says how the time of an epoch depends on N, for the champions for which a line holds.
func (p *Problem) models() []string {
	var out []string
	for _, m := range p.Models {
		parts := []string{}
		if m.ConstNS > 0 {
			parts = append(parts, duration(m.ConstNS))
		}
		if m.RowsPerNS > 0 {
			parts = append(parts, "N / "+typeset.Significant(m.RowsPerNS, 2)+" per ns")
		}
		if len(parts) > 0 {
			out = append(out, fmt.Sprintf("An epoch of %s takes %s, to %s, for N = %s to %s.", backend(m.Contender), strings.Join(parts, " + "),
				typeset.Percent(m.Residual), typeset.Count(m.FromN), typeset.Count(m.ToN)))
		}
	}
	return out
}
