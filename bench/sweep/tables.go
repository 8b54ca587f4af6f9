package sweep

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"descent/bench/journal"
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

// shownSizes returns the indexes of the sizes that the table has. On a short page they are
// mostSizes at the most: the first, the last, that of the verdict, those at which the winner is
// another than at the next, gaps, and as many others as there is room for.
func (p *page) shownSizes(s *Sweep, pr *Problem) []int {
	const mostSizes = 8
	all := s.begun(pr)
	if p.long() || len(all) <= mostSizes {
		return all
	}
	main := mainSize(pr.compared())
	needed := []int{all[0], all[len(all)-1]}
	for k, i := range all {
		at := &pr.Sizes[i]
		edge := func(k int) bool { return k >= 0 && k < len(all) && pr.Sizes[all[k]].Winner != at.Winner }
		if at == main || edge(k-1) || edge(k+1) {
			needed = append(needed, i)
		}
	}
	slices.Sort(needed)
	needed = slices.Compact(needed)
	if len(needed) >= mostSizes {
		return needed
	}
	others := slices.DeleteFunc(slices.Clone(all), func(i int) bool { return slices.Contains(needed, i) })
	needed = append(needed, spread(others, mostSizes-len(needed))...)
	slices.Sort(needed)
	return needed
}

// begun returns the indexes of the sizes at which anything was measured, or tried. A size without
// is one at which a visit was cut short before its first time.
func (s *Sweep) begun(p *Problem) []int {
	var out []int
	for i := range p.Sizes {
		at := &p.Sizes[i]
		open := func(u journal.Unvisited) bool { return u.N == at.N && u.Features == p.Features }
		if at.Champions[0] != nil || at.Champions[1] != nil || !slices.ContainsFunc(s.Unvisited, open) {
			out = append(out, i)
		}
	}
	return out
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
		g.Head[6] = s.barHead(half)
	}
	for _, i := range p.shownSizes(s, pr) {
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

// barHead labels the two directions of the bars: with the names of the sides if they fit, or with
// their letters.
func (s *Sweep) barHead(half int) string {
	left, right := s.short(0), s.short(1)
	if max(typeset.Columns(left), typeset.Columns(right)) > half {
		letters := s.letters()
		left, right = letters[0], letters[1]
	}
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
	title := "Epochs from which " + s.the(1) + " wins"
	if p.details {
		p.table(title, everyBreakEven(s, pr, ns))
		return
	}
	g := breakEvenGrid(pr, ns, true)
	if first := g.Rows[0][1]; !slices.ContainsFunc(g.Rows, func(row []string) bool {
		return slices.ContainsFunc(row[1:], func(cell string) bool { return cell != first && cell != "" })
	}) {
		p.section(p.line(fmt.Sprintf("%s: %s, for every start at N = %s.", title, first, counts(ns))))
		return
	}
	if p.Width > 0 && g.Width() > p.Width {
		g = breakEvenGrid(pr, ns, false)
	}
	p.table(title, g, pr.seenOnce(ns))
}

// seenOnce explains why a first process may seem to start faster than later ones; "" if none does.
func (p *Problem) seenOnce(ns []int) string {
	for _, n := range ns {
		first, later := p.breakEven(n, Cold, true), p.breakEven(n, Cold, false)
		if first != nil && later != nil && first.Answer == stats.FromEpochs && later.Answer == stats.FromEpochs && first.Epochs < later.Epochs {
			return "The first process was seen once, so its number may be below that of later ones."
		}
	}
	return ""
}

// breakEvenGrid has a row for each start: a cold process, the first of all and later ones, new data
// and data that are on the device.
func breakEvenGrid(pr *Problem, ns []int, intervals bool) typeset.Grid {
	g := typeset.Grid{Head: []string{"start"}}
	for _, n := range ns {
		g.Head = append(g.Head, "N = "+typeset.Count(n))
	}
	for _, row := range []struct {
		name  string
		start Start
		first bool
	}{{"first cold process", Cold, true}, {string(Cold), Cold, false}, {string(NewData), NewData, false}, {string(Resident), Resident, false}} {
		cells := []string{row.name}
		for _, n := range ns {
			cells = append(cells, pr.breakEven(n, row.start, row.first).cell(intervals))
		}
		g.Add(cells...)
	}
	return g
}

// everyBreakEven has a row for each size and start.
func everyBreakEven(s *Sweep, pr *Problem, ns []int) typeset.Grid {
	g := typeset.Grid{Head: []string{"N", "start", "first process", "later processes"}, Right: []int{0}}
	for _, n := range ns {
		for _, start := range []Start{Cold, NewData, Resident} {
			row := []string{typeset.Count(n), string(start)}
			for _, first := range []bool{true, false} {
				b := pr.breakEven(n, start, first)
				cell := b.cell(true)
				if b != nil && b.Answer == stats.EpochsUntold && b.Lo > 1 && b.Below >= 0 {
					cell += "; " + s.short(b.Below) + " wins up to " + rounded(b.Lo, 2)
				}
				row = append(row, cell)
			}
			g.Add(row...)
		}
	}
	return g
}

// counts lists sizes: 64, 128, 256.
func counts(ns []int) string {
	var out []string
	for _, n := range ns {
		out = append(out, typeset.Count(n))
	}
	return strings.Join(out, ", ")
}

// breakEvenSizes chooses the sizes of the break-even: that of the verdict, the first at which the
// second side wins, and the largest.
func (p *page) breakEvenSizes(pr *Problem) []int {
	const few = 3
	var all []int
	for _, b := range pr.BreakEven {
		all = append(all, b.N)
	}
	slices.Sort(all)
	if all = slices.Compact(all); p.details || len(all) <= few {
		return all
	}
	chosen := []int{all[len(all)-1]}
	compared := pr.compared()
	if main := mainSize(compared); main != nil {
		chosen = append(chosen, main.N)
	}
	if i := slices.IndexFunc(compared, func(at *Size) bool { return at.Winner == 1 }); i >= 0 {
		chosen = append(chosen, compared[i].N)
	}
	slices.Sort(chosen)
	return slices.Compact(slices.DeleteFunc(chosen, func(n int) bool { return !slices.Contains(all, n) }))
}

// cell says from how many epochs the second side wins, with the interval if that is asked for.
func (b *BreakEven) cell(interval bool) string {
	if b == nil {
		return ""
	}
	epochs := rounded(b.Epochs, 2)
	if interval {
		epochs = around(b.Epochs, b.Lo, b.Hi)
	}
	switch b.Answer {
	case stats.FromEpochs:
		return epochs
	case stats.UntilEpochs:
		return "only up to " + epochs
	}
	return string(b.Answer)
}

// winners adds a winner map. In the short report it has a few of its rows.
func (p *page) winners(s *Sweep, pr *Problem, m *Map, title string) {
	rows := m.Rows
	if !p.long() {
		rows = p.mapRows(s, pr, m)
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
	p.table(title, g, s.mapLegend(m))
}

// mapRows returns the rows of a map on a short page: those of the first size and of the
// break-evens, and as many others as there is room for.
func (p *page) mapRows(s *Sweep, pr *Problem, m *Map) []MapAt {
	const few = 4
	needed := p.breakEvenSizes(pr)
	var rows, others []MapAt
	begun := s.begun(pr)
	for i, at := range m.Rows {
		if !slices.ContainsFunc(begun, func(k int) bool { return pr.Sizes[k].N == at.N }) {
			continue
		}
		if i == 0 || slices.Contains(needed, at.N) {
			rows = append(rows, at)
		} else {
			others = append(others, at)
		}
	}
	rows = append(rows, spread(others, max(0, few-len(rows)))...)
	slices.SortFunc(rows, func(a, b MapAt) int { return cmp.Compare(a.N, b.N) })
	return rows
}

// mapLegend explains the cells of a map, and says how far computed times were from measured ones.
func (s *Sweep) mapLegend(m *Map) string {
	letters := s.letters()
	note := fmt.Sprintf("%s: %s, %s: %s, =: cannot tell, -: a gap. [ ]: so many epochs were timed. Others: one-off cost + K epochs",
		letters[0], s.short(0), letters[1], s.short(1))
	if len(m.Checks) > 0 {
		note += fmt.Sprintf(", off by at most %s in %s", percent(m.worst()), typeset.Plural(len(m.Checks), "check"))
	}
	return note + "."
}

// spread returns so many of rows, from the first to the last.
func spread[T any](rows []T, most int) []T {
	if len(rows) <= most {
		return rows
	}
	var out []T
	for i := range most {
		out = append(out, rows[i*(len(rows)-1)/max(1, most-1)])
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
			g.Head = append(g.Head, whole(m.Epochs[k]))
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

// whole formats a number of epochs: 10,000, and 1 M.
func whole(epochs int) string {
	const million = 1_000_000
	if epochs >= million && epochs%million == 0 {
		return typeset.Count(epochs/million) + " M"
	}
	return typeset.Count(epochs)
}

// text says who wins in a cell of a map, and by how much: G 3.1x. A measured cell is in brackets.
func (c *Cell) text(letters [2]string, factor bool) string {
	out := "="
	switch {
	case c.Best[0] == "" || c.Best[1] == "":
		return "-"
	case c.Winner >= 0:
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
	p.table("What an epoch is bound by, as a share of its time", g, pr.models(p.details)...)
	if len(g.Rows) == 0 {
		p.section(p.lines(pr.models(p.details))...)
	}
}

// models says how the time of an epoch depends on N, where a line holds: for the champions if it is
// close to their times, or for all contenders.
func (p *Problem) models(all bool) []string {
	const near = 0.2
	var out []string
	for _, m := range p.Models {
		if !all && (m.Residual > near || !p.champion(m.Contender)) {
			continue
		}
		var parts []string
		if m.ConstNS > 0 {
			parts = append(parts, duration(m.ConstNS))
		}
		if m.RowsPerNS > 0 {
			parts = append(parts, typeset.Significant(1/m.RowsPerNS, 2)+" ns a row")
		}
		if len(parts) > 0 {
			out = append(out, fmt.Sprintf("%s takes %s, within %s (N = %s to %s).", backend(m.Contender), strings.Join(parts, " + "),
				percent(m.Residual), typeset.Count(m.FromN), typeset.Count(m.ToN)))
		}
	}
	return out
}

// champion reports whether a contender is the best of its side at some size.
func (p *Problem) champion(name string) bool {
	return slices.ContainsFunc(p.Sizes, func(at Size) bool {
		return slices.ContainsFunc(at.Champions[:], func(c *Champion) bool { return c != nil && c.Contender == name })
	})
}
