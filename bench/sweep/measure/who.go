package measure

import (
	"fmt"
	"slices"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/sweep"
	"descent/bench/typeset"
)

// tooSlow is how many times as long as the best of its side a contender takes, at two sizes in a
// row, to be left out of larger ones.
const tooSlow = 30

// nearBest is how many times as long as the best of its side a contender may take, at the sizes
// beside a new one, to be measured there.
const nearBest = 3

// present returns the contenders that are measured at a size of the grid, and those that are left
// out.
func (s *Sweeping) present(answers *sweep.Sweep, at size) (present []bench.Contender, leftOut []journal.LeftOut) {
	for _, c := range s.setup.Contenders {
		reason := s.gone(c.Name())
		if reason == "" && answers != nil {
			reason = slow(answers, c, at)
		}
		if reason == "" {
			present = append(present, c)
		} else {
			leftOut = append(leftOut, journal.LeftOut{Contender: c.Name(), Reason: reason})
		}
	}
	return present, leftOut
}

// gone returns why a contender is not tried again at any size: it cannot run, or it failed in two
// runs in a row. It returns "" if it is tried.
func (s *Sweeping) gone(name string) string {
	failed := 0
	for _, run := range s.runs {
		if !slices.Contains(bench.Names(run.Header.Contenders), name) {
			continue
		}
		i := slices.IndexFunc(run.Faults, func(f journal.Fault) bool { return f.Contender == name })
		if i < 0 {
			failed = 0
			continue
		}
		fault := run.Faults[i]
		if fault.Unavailable {
			return fault.Error
		}
		if failed++; failed == 2 {
			return "it failed in two runs in a row: " + fault.Error
		}
	}
	return ""
}

// hasNoContest reports whether one of the two sides has no contender that can run, so that there is
// nothing to compare.
func (s *Sweeping) hasNoContest() bool {
	if len(s.runs) == 0 {
		return false
	}
	var sides [2]bool
	for _, c := range s.setup.Contenders {
		info, started := s.info(c.Name())
		tried := slices.ContainsFunc(s.runs, func(run *journal.Results) bool {
			return slices.Contains(bench.Names(run.Header.Contenders), c.Name())
		})
		switch {
		case started && info.Algorithm != "" || s.gone(c.Name()) != "":
		case !started && tried && len(s.setup.Sweep.Between) == 0:
			return false // it failed before it told its device
		default:
			if side := s.setup.Sweep.SideOf(c.Name(), &info); side >= 0 {
				sides[side] = true
			}
		}
	}
	return !sides[0] || !sides[1]
}

// info returns what a contender said of itself when it was last started, and whether it was.
func (s *Sweeping) info(name string) (bench.Info, bool) {
	for _, run := range slices.Backward(s.runs) {
		for _, p := range slices.Backward(run.Processes) {
			if p.Contender == name {
				return p.Info, true
			}
		}
	}
	return bench.Info{}, false
}

// timesOf returns the times of a contender at a size, and of the best contender of its side. A
// contender of no side is held against the better side. ok is false if one of them has none.
func timesOf(at *sweep.Size, name string) (own, best float64, ok bool) {
	side, fastest := -1, 0.0
	for i, champion := range at.Champions {
		if champion == nil {
			continue
		}
		if fastest == 0 || champion.EpochNS < fastest {
			fastest = champion.EpochNS
		}
		if champion.Contender == name {
			side, own = i, champion.EpochNS
		}
	}
	for _, t := range at.Others {
		if t.Contender == name {
			side, own = t.Side, t.EpochNS
		}
	}
	best = fastest
	if side >= 0 && at.Champions[side] != nil {
		best = at.Champions[side].EpochNS
	}
	return own, best, own > 0 && best > 0
}

// slow returns why a contender is too slow for a size, "" if it is not. It is if it took tooSlow
// times as long as the best of its side, or longer, at the two largest sizes below at which it was
// measured, and if that does not fall so fast from one to the other that it would be less here. The
// cost of a dispatch makes a contender slow at small sizes, and does not matter at large ones. Best
// of its own side: otherwise a sweep could lose all of a side where the other side is far ahead,
// and miss the crossover. So the best of a side is never left out.
func slow(answers *sweep.Sweep, c bench.Contender, at size) string {
	var ns []int
	var factors []float64
	for _, p := range answers.Problems {
		if p.Features != at.features || p.Precision != c.Precision.String() {
			continue
		}
		for i := range p.Sizes {
			if own, best, ok := timesOf(&p.Sizes[i], c.Name()); ok && p.Sizes[i].N < at.n {
				ns, factors = append(ns, p.Sizes[i].N), append(factors, own/best)
			}
		}
	}
	last := len(ns) - 1
	if last < 1 || factors[last-1] < tooSlow || factors[last] < tooSlow ||
		extrapolated(ns[last-1:], factors[last-1:], at.n) < tooSlow {
		return ""
	}
	return fmt.Sprintf("it took %s times as long as the best of its side at N = %s, and %s times at N = %s",
		typeset.Factor(factors[last-1]), typeset.Count(ns[last-1]), typeset.Factor(factors[last]), typeset.Count(ns[last]))
}

// near returns the contenders of a problem that may be the best of their side at n: those that are
// near the best at the nearest sizes below and above, or at n itself.
func (s *Sweeping) near(p *sweep.Problem, n int) (out []bench.Contender) {
	var beside []*sweep.Size
	for i := range p.Sizes {
		at := &p.Sizes[i]
		switch {
		case at.Gap != "":
		case at.N <= n:
			beside = []*sweep.Size{at}
		case len(beside) == 0 || beside[len(beside)-1].N <= n:
			beside = append(beside, at)
		}
	}
	for _, c := range s.setup.Contenders {
		isNear := slices.ContainsFunc(beside, func(at *sweep.Size) bool {
			own, best, ok := timesOf(at, c.Name())
			return ok && own <= nearBest*best
		})
		info, _ := s.info(c.Name())
		if isNear && info.Algorithm == "" && s.gone(c.Name()) == "" {
			out = append(out, c)
		}
	}
	return out
}
