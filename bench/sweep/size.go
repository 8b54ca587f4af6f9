package sweep

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"descent/bench/stats"
	"descent/bench/typeset"
)

// size returns what a pool shows of its N. The champion of a side is its contender with the least
// median time of an epoch; both champions are held against each other by the pairs of their
// processes that ran side by side.
func (p *pool) size(resolution float64, sides *sides) Size {
	out := Size{N: p.n, Winner: -1, point: stats.Point{N: float64(p.n), Visits: p.visits}}
	best := p.champions()
	for side, a := range best {
		if a != nil {
			out.Champions[side] = a.champion()
		}
	}
	for _, a := range p.arms {
		if a != best[0] && a != best[1] && !sides.absent(a.name) {
			out.Others = append(out.Others, a.time())
		}
	}
	out.Gap = p.gap(best, sides)
	if out.Gap != "" {
		return out
	}
	out.point.Ratio, out.point.Floor = stats.Compare(best[0].timings, best[1].timings), p.floor()
	if out.point.Ratio.Processes() == 0 {
		out.Gap = fmt.Sprintf("%s and %s never ran side by side", best[0].name, best[1].name)
		return out
	}
	samples := min(best[0].timings.Len(), best[1].timings.Len())
	out.Ratio = out.point.Ratio.Ratio(best[0].name, out.point.Floor, resolution, samples)
	out.Floor, out.Winner = math.Expm1(out.point.Floor), out.point.Side()
	return out
}

// champions returns the best contender of each side; nil if it has none with a time that counts.
func (p *pool) champions() (best [2]*arm) {
	for _, a := range p.arms {
		if a.ranked() && (best[a.side] == nil || a.median() < best[a.side].median()) {
			best[a.side] = a
		}
	}
	return best
}

func (a *arm) champion() *Champion {
	out := &Champion{Time: a.time(), Info: a.best().Info}
	for _, row := range a.rows {
		out.Info.Threads = max(out.Info.Threads, row.Info.Threads)
	}
	return out
}

// gap says why there is nothing to compare at this size; "" if both sides have a champion.
func (p *pool) gap(best [2]*arm, sides *sides) string {
	var out []string
	for side, a := range best {
		if a == nil {
			out = append(out, p.missing(side, sides))
		}
	}
	return strings.Join(out, "; ")
}

// missing says why a side has no champion. It names two of its contenders at most.
func (p *pool) missing(side int, sides *sides) string {
	const most = 2
	var faults []string
	for _, a := range p.arms {
		if a.side == side && !sides.absent(a.name) {
			faults = append(faults, a.fault())
		}
	}
	for _, left := range p.leftOut {
		fault := left.Contender + " was left out: " + left.Reason
		if sides.of(left.Contender) == side && !slices.Contains(faults, fault) {
			faults = append(faults, fault)
		}
	}
	if len(faults) == 0 {
		return "no " + sides.names[side].Name
	}
	said := strings.Join(faults[:min(most, len(faults))], "; ")
	if more := len(faults) - most; more > 0 {
		said += "; and " + typeset.Plural(more, "other") + " of this side"
	}
	return said
}
