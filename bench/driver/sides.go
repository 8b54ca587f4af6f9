package driver

import (
	"cmp"
	"slices"
	"time"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/stats"
	"descent/dataset"
)

// A contender of a sweep that takes farBehind times as long as the best of its side, or longer, is
// no match for it. The difference between two processes of one contender is smaller.
const farBehind = 1.5

// longest is how many times its budget a run of a sweep may take until its contest has its fewest
// generations. With fewer, a size has no interval, or one that is hardly narrow enough to tell.
const longest = 5

// Landslide is how many times as fast one side must be for the noise floor not to matter: no two
// processes of a contender differ by so much.
const Landslide = 4

// A contest is between the contenders of two sides that have times in one precision, the fastest of
// each side first.
type contest [2]arms

// contests returns the contests of a sweep that have contenders on both sides.
func (as arms) contests() (out []contest) {
	for _, precision := range []dataset.Precision{dataset.Float64, dataset.Float32} {
		var c contest
		for _, a := range as {
			if a.Precision == precision && a.side >= 0 && !a.ended && a.timings.Len() > 0 {
				c[a.side] = append(c[a.side], a)
			}
		}
		for _, side := range c {
			slices.SortStableFunc(side, func(a, b *arm) int { return cmp.Compare(a.centre(), b.centre()) })
		}
		if len(c[0]) > 0 && len(c[1]) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// decided reports whether more generations would tell no more: the best of both sides are told
// apart, or their ratio is known to resolution.
func (c contest) decided(floor, resolution float64) bool {
	leaders := c.leaders()
	ratio := stats.Compare(leaders[0].timings, leaders[1].timings)
	return ratio.Beyond(floor) || ratio.Settled(resolution)
}

// candidates returns the contenders that may be the best of their side.
func (c contest) candidates(floor float64) (out arms) {
	for _, side := range c {
		best := side[0]
		for _, a := range side {
			if a.centre() <= farBehind*best.centre() && !stats.Compare(a.timings, best.timings).Beyond(floor) || a == best {
				out = append(out, a)
			}
		}
	}
	return out
}

// leaders returns the contender of each side that goes on if only one can: of those that are as
// good as the best, the one with the most processes.
func (c contest) leaders() (out arms) {
	for _, side := range c {
		leader := side[0]
		for _, a := range side {
			if a.centre() <= stats.AsGood*side[0].centre() && len(a.timings) > len(leader.timings) {
				leader = a
			}
		}
		out = append(out, leader)
	}
	return out
}

// floor returns the noise floor so far, a logarithm.
func (as arms) floor() float64 {
	twin := as.twin()
	if twin == nil || twin.ended || as.twinned().ended {
		return 0
	}
	return stats.Compare(as.twinned().timings, twin.timings).Floor()
}

// isLandslide reports whether all contests of a run are so clear that no twin is needed to decide
// them. Before the first samples, the pace of the warm-ups tells.
func (r *Run) isLandslide() bool {
	if !r.contested() {
		return false
	}
	any := false
	for _, precision := range []dataset.Precision{dataset.Float64, dataset.Float32} {
		var best [2]time.Duration
		for _, a := range r.arms {
			if a.Precision == precision && a.side >= 0 && !a.ended && a.pace > 0 {
				if whole := r.whole(a); best[a.side] == 0 || whole < best[a.side] {
					best[a.side] = whole
				}
			}
		}
		lo, hi := min(best[0], best[1]), max(best[0], best[1])
		if lo > 0 && hi <= Landslide*lo {
			return false
		}
		any = any || lo > 0
	}
	return any
}

// sideOf returns the side of a contender in a sweep: −1 if it is on none, or if the run is of no
// sweep. Algorithms of one pass are on none.
func (r *Run) sideOf(a *arm, info *bench.Info) int {
	if r.setup.Sweep == nil || info.Algorithm != "" {
		return -1
	}
	return r.setup.Sweep.SideOf(a.Name(), info)
}

// contested reports whether the run ends when the best of the two sides of a sweep are known.
func (r *Run) contested() bool { return r.setup.Sweep != nil && r.plan.Processes == 0 }

// excuse excuses the contenders of a sweep that no contest needs in the generations to come, and
// returns those that it needs. It needs the candidates of every contest that is not decided, the
// twin of one of them, and contenders that had no turn yet. If alone, it needs the leaders only.
// Nothing is decided before there are enough generations.
func (r *Run) excuse(enough, alone bool) (needed arms) {
	floor := r.arms.floor()
	for _, c := range r.arms.contests() {
		switch {
		case enough && c.decided(floor, r.plan.Resolution):
		case alone:
			needed = append(needed, c.leaders()...)
		default:
			needed = append(needed, c.candidates(floor)...)
		}
	}
	for _, a := range r.arms {
		if a.Twin && !a.ended && slices.Contains(needed, r.arms.twinned()) || !a.Twin && !a.ended && a.opened+a.timings.Len() == 0 {
			needed = append(needed, a)
		}
		a.excused = !slices.Contains(needed, a)
	}
	return needed
}

// reasonToEndContest is reasonToEnd for a run of a sweep. If the budget is short, only the leaders
// of both sides and the twin go on. They may exceed it until they have an interval.
func (r *Run) reasonToEndContest(g int) string {
	spent := time.Since(r.start)
	enough := g+1 >= journal.LeastGenerations
	needed := r.excuse(enough, false)
	rounds := max(1, journal.LeastGenerations-(g+1))
	if time.Duration(rounds)*needed.cost() > r.plan.Budget-spent {
		needed = r.excuse(enough, true)
	}
	if len(needed) == 0 {
		return journal.Resolved
	}
	most := r.plan.Budget
	if g+1 < journal.LeastGenerations {
		most *= longest
	}
	if spent+needed.cost() > most {
		r.short = true
		return journal.OutOfBudget
	}
	r.perProcess = max(r.perProcess, (r.plan.Budget-spent)/time.Duration(rounds*len(needed)))
	return ""
}

// cost returns about how long another generation of these contenders takes.
func (as arms) cost() (d time.Duration) {
	for _, a := range as {
		d += a.used - a.usedBefore
	}
	return d
}

// firstAllotment returns what a process in the first generation of a sweep's run may use of the
// budget. Every contender has one process, and the best of the two sides and the twin have more.
func (r *Run) firstAllotment() time.Duration {
	const sides = 2
	precisions := map[dataset.Precision]bool{}
	for _, a := range r.arms {
		precisions[a.Precision] = true
	}
	on, twins := sides*len(precisions), 1
	if r.plan.NoNull {
		twins = 0
	}
	processes := len(r.arms) + twins + (journal.LeastGenerations-1)*(on+twins)
	return r.plan.Budget / time.Duration(processes)
}
