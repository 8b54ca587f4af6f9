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

// A match holds the contenders of both sides at one size. All answers of a sweep are found from its
// matches.
type match struct {
	n, visits int
	header    *journal.Header // of the first visit
	sides     [2][]*arm
	rest      []*arm // on no side
	missing   [2]string
	floor     float64 // the noise floor, a logarithm
	// apart says that the sides were measured on two machines. Their processes are not paired.
	apart bool
	// prices multiply the times of each side.
	prices [2]float64
}

// match returns the two sides of a pool. Contenders that could not run at all are left out.
func (p *pool) match(sides *sides) *match {
	m := &match{n: p.n, visits: p.visits, header: p.header, floor: p.floor(), prices: [2]float64{1, 1}}
	for _, a := range p.arms {
		switch {
		case sides.absent(a.name):
		case a.side < 0:
			m.rest = append(m.rest, a)
		default:
			m.sides[a.side] = append(m.sides[a.side], a)
		}
	}
	for side := range m.missing {
		m.missing[side] = p.missing(side, sides)
	}
	return m
}

// priced returns m by money: the times of each side count by its price.
func (m *match) priced(prices [2]float64) *match {
	out := *m
	out.prices = prices
	return &out
}

// champions returns the contender of each side with the least median time of an epoch; nil if a
// side has none with a time that counts. See bestOf.
func (m *match) champions() (best [2]*arm) {
	for side, arms := range m.sides {
		best[side] = bestOf(arms, (*arm).median)
	}
	return best
}

// bestOf returns the contender that takes least; nil if none has a time that counts. If that one
// has too few processes for an interval, it returns the best that has enough and is stats.AsGood.
func bestOf(arms []*arm, takes func(*arm) float64) *arm {
	var best, known *arm
	for _, a := range arms {
		if !a.fit() {
			continue
		}
		if best == nil || takes(a) < takes(best) {
			best = a
		}
		if len(a.timings) >= stats.MinProcesses && (known == nil || takes(a) < takes(known)) {
			known = a
		}
	}
	if known != nil && takes(known) <= stats.AsGood*takes(best) {
		return known
	}
	return best
}

// compare holds two series of times against each other, one of each side.
func (m *match) compare(first, second stats.Series) stats.LogRatio {
	first, second = times(first, m.prices[0]), times(second, m.prices[1])
	if m.apart {
		return stats.CompareApart(first, second)
	}
	return stats.Compare(first, second)
}

// times returns s with every time multiplied by a price.
func times(s stats.Series, price float64) stats.Series {
	if price == 1 {
		return s
	}
	out := stats.Series{}
	for process, all := range s {
		for _, t := range all {
			out.Add(process, price*t)
		}
	}
	return out
}

// point returns what the crossover is found from. A gap has no ratio.
func (m *match) point() stats.Point {
	out := stats.Point{N: float64(m.n), Visits: m.visits, Floor: m.floor}
	if best := m.champions(); best[0] != nil && best[1] != nil {
		out.Ratio = m.compare(best[0].timings, best[1].timings)
	}
	return out
}

// size returns what is known of both sides at this N.
func (m *match) size(resolution float64) Size {
	out := Size{N: m.n, Winner: -1, Floor: math.Expm1(m.floor)}
	best, point := m.champions(), m.point()
	for side, a := range best {
		if a != nil {
			out.Champions[side] = a.champion()
		}
	}
	for _, a := range slices.Concat(m.sides[0], m.sides[1], m.rest) {
		if a != best[0] && a != best[1] {
			out.Others = append(out.Others, a.time())
		}
	}
	out.Gap = m.gap(best, point)
	if out.Gap != "" {
		return out
	}
	samples := min(best[0].timings.Len(), best[1].timings.Len())
	out.Ratio = point.Ratio.Ratio(best[0].name, m.floor, resolution, samples)
	out.Winner = point.Side()
	out.Ratio.Verdict = agreeing(out.Ratio.Verdict, out.Winner)
	return out
}

// agreeing returns the verdict on the second side that agrees with a winner. At 95%, the verdict of
// a single comparison would call the second side faster or slower sooner than it wins.
func agreeing(verdict stats.Verdict, winner int) stats.Verdict {
	switch {
	case winner == 1:
		return stats.Faster
	case winner == 0:
		return stats.Slower
	case verdict == stats.NoDifference:
		return verdict
	}
	return stats.CannotTell
}

// gap says why there is nothing to compare at this size; "" if there is.
func (m *match) gap(best [2]*arm, point stats.Point) string {
	var out []string
	for side, a := range best {
		if a == nil {
			out = append(out, m.missing[side])
		}
	}
	if len(out) == 0 && point.Ratio.Processes() == 0 {
		return fmt.Sprintf("%s and %s never ran side by side", best[0].name, best[1].name)
	}
	return strings.Join(out, "; ")
}

// champion returns the arm as the best of its side. What its epoch is made of comes from the visit
// with the most samples.
func (a *arm) champion() *Champion {
	best := a.best()
	out := &Champion{Time: a.time(), Info: best.Info}
	for _, row := range a.rows {
		out.Info.Threads = max(out.Info.Threads, row.Info.Threads)
	}
	out.Bounds, out.BoundBy = best.BoundsAt(out.EpochNS)
	return out
}

// missing says why a side may have no champion at this size: what became of its contenders. It
// names two of them at most.
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
		return sides.empty(side)
	}
	said := strings.Join(faults[:min(most, len(faults))], "; ")
	if more := len(faults) - most; more > 0 {
		said += "; and " + typeset.Plural(more, "other") + " of this side"
	}
	return said
}

// byN orders matches by their size.
func byN(a, b *match) int { return cmp.Compare(a.n, b.n) }
