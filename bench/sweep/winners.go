package sweep

import (
	"maps"
	"math"
	"slices"

	"descent/bench/stats"
)

// mostEpochs is the last column of a map, unless the sweep has more epochs.
const mostEpochs = 1_000_000

// columns returns the epochs of a map: powers of ten from 1 to mostEpochs at least, and the sweep's
// own epochs.
func columns(epochs int) []int {
	out := []int{1}
	for out[len(out)-1] < max(mostEpochs, epochs) {
		out = append(out, 10*out[len(out)-1])
	}
	if !slices.Contains(out, epochs) {
		out = append(out, epochs)
	}
	slices.Sort(out)
	return out
}

// A total is what a descent costs each process of a contender, its cold start included.
type total struct {
	name  string
	costs stats.Series // one value a process
}

// total returns F + K·e of each later process of the contender for a cold start. If it had one
// process, it is the first one's.
func (a *arm) total(epochs int) total {
	first, later := a.starts()
	out := total{a.name, stats.Series{}}
	for process, c := range later {
		out.costs.Add(process, c.total(epochs, c.epoch))
	}
	if len(later) == 0 {
		out.costs.Add(slices.Min(slices.Collect(maps.Keys(a.costs))), first.total(epochs, first.epoch))
	}
	return out
}

func (t total) median() float64 { return stats.Median(t.costs.All()) }

// cheapest returns the contender of each side with the least median total; nil if a side has none
// with a time that counts. See bestOf.
func (m *match) cheapest(epochs int) (best [2]*total) {
	for side, arms := range m.sides {
		if a := bestOf(arms, func(a *arm) float64 { return a.total(epochs).median() }); a != nil {
			t := a.total(epochs)
			best[side] = &t
		}
	}
	return best
}

// cell says who wins for so many epochs: the best contender of each side at so many epochs, whoever
// is the champion of the sweep's. A side wins as in a Size, by the pairs that there are: without
// any, nobody wins, however far the sides are apart.
func (m *match) cell(epochs int) Cell {
	best := m.cheapest(epochs)
	out := Cell{Winner: -1}
	for side, t := range best {
		if t != nil {
			out.Best[side] = t.name
		}
	}
	if best[0] == nil || best[1] == nil {
		return out
	}
	ratio := m.compare(best[0].costs, best[1].costs)
	out.Winner = stats.Point{Ratio: ratio, Floor: m.floor}.Side()
	if ratio.Processes() < stats.MinProcesses {
		out.Ratio = m.prices[0] * best[0].median() / (m.prices[1] * best[1].median())
		return out
	}
	lo, hi := ratio.Bounds()
	out.Ratio, out.Lo, out.Hi = math.Exp(ratio.Log()), math.Exp(lo), math.Exp(hi)
	return out
}

// winners returns the map of some matches. checks are the matches of the runs that validate, by
// their epochs.
func winners(matches []*match, checks map[int][]*match, epochs int) Map {
	out := Map{Epochs: columns(epochs)}
	for _, m := range matches {
		row := MapAt{N: m.n}
		for _, k := range out.Epochs {
			cell := m.cell(k)
			cell.Measured = cell.Ratio > 0 && m.timed(cell.Best, k)
			row.Cells = append(row.Cells, cell)
		}
		out.Rows = append(out.Rows, row)
	}
	for _, k := range slices.Sorted(maps.Keys(checks)) {
		for _, check := range checks[k] {
			out.check(matches, check, k)
		}
	}
	return out
}

// timed reports whether these contenders made descents of so many epochs: all epochs of the sweep,
// or those of the first descent of a process.
func (m *match) timed(names [2]string, epochs int) bool {
	for side, arms := range m.sides {
		for _, a := range arms {
			if a.name == names[side] && (a.scaled() || a.epochs != epochs) && !a.opened(epochs) {
				return false
			}
		}
	}
	return true
}

// opened reports whether the first descent of every process was of so many epochs.
func (a *arm) opened(epochs int) bool {
	for _, c := range a.costs {
		if !c.opened(epochs) {
			return false
		}
	}
	return true
}

// check holds the computed times of K epochs against the times that a run took to validate them. A
// cell becomes a measured one if the run has the best contender of both sides. Its ratio is that of
// the measured times, and has no interval, because a run that validates has few processes. The
// winner stays if the measured ratio says so too.
func (w *Map) check(matches []*match, measured *match, epochs int) {
	i, found := slices.BinarySearchFunc(matches, measured, byN)
	if !found {
		return
	}
	out, cell := Check{N: measured.n, Epochs: epochs}, &Cell{}
	if column := slices.Index(w.Epochs, epochs); column >= 0 {
		cell = &w.Rows[i].Cells[column]
	}
	ratio, checked := cell.Ratio, 0
	for side, arms := range measured.sides {
		for _, a := range arms {
			j := slices.IndexFunc(matches[i].sides[side], func(known *arm) bool { return known.name == a.name })
			if j < 0 || !a.fit() || a.scaled() || !matches[i].sides[side][j].fit() {
				continue
			}
			times := a.timesComputed(epochs, matches[i].sides[side][j])
			out.Contenders = append(out.Contenders, a.name)
			out.Error = max(out.Error, math.Abs(times-1))
			if a.name == cell.Best[side] {
				ratio *= [2]float64{times, 1 / times}[side]
				checked++
			}
		}
	}
	if out.Contenders == nil {
		return
	}
	w.Checks = append(w.Checks, out)
	if checked == 2 {
		if (ratio > 1) != (cell.Winner == 1) {
			cell.Winner = -1
		}
		cell.Ratio, cell.Lo, cell.Hi, cell.Measured, cell.Error = ratio, 0, 0, true, out.Error
	}
}

// timesComputed returns how many times as long as computed a descent of so many epochs took: the
// median over the processes of a, which made such descents. Each process's own one-off cost counts
// in both times, so that what differs is the K epochs: as a measured them, and as K times the e of
// the sweep's arm.
func (a *arm) timesComputed(epochs int, of *arm) float64 {
	var each, all []float64
	for _, c := range of.costs {
		each = append(each, c.epoch)
	}
	e := stats.Median(each)
	for _, c := range a.costs {
		all = append(all, c.total(epochs, c.epoch)/c.total(epochs, e))
	}
	return stats.Median(all)
}
