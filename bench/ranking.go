package bench

import (
	"cmp"
	"descent/bench/stats"
	"math"
	"slices"
)

// undecided reports, for each arm, whether another generation of it is needed: whether the ranking depends on how it
// compares with its neighbour in it, and that is not known yet; or on the noise floor, which the twins tell. The
// rest of a ranking follows from neighbours. Other algorithms have no rank.
func (r *Run) undecided() []bool {
	needed := make([]bool, len(r.arms))
	ranked := []int{}
	for i, a := range r.arms {
		if !a.ended && !a.other && !a.Twin && a.samples() > 0 {
			ranked = append(ranked, i)
		}
	}
	slices.SortFunc(ranked, func(i, k int) int { return cmp.Compare(r.arms[i].centre(), r.arms[k].centre()) })
	null, twin := stats.LogRatio{}, r.twin()
	if twin != nil && !twin.ended {
		null = stats.Compare(r.twinned().timings, twin.timings)
	}
	clear := len(ranked) > 1
	for at := range max(0, len(ranked)-1) {
		i, k := ranked[at], ranked[at+1]
		c := stats.Compare(r.arms[i].timings, r.arms[k].timings)
		clear = clear && c.Beyond(null.Floor())
		if !c.Settled(r.plan.Resolution) && !c.Beyond(null.Floor()) {
			needed[i], needed[k] = true, true
		}
	}
	if twin != nil && !twin.ended && !r.twinned().ended && !clear && !null.Settled(r.plan.Resolution) {
		needed[slices.Index(r.arms, twin)], needed[slices.Index(r.arms, r.twinned())] = true, true
	}
	return needed
}

// centre is the median time of an epoch, over processes.
func (a *arm) centre() float64 {
	_, medians := a.timings.Medians()
	if len(medians) == 0 {
		return math.Inf(1)
	}
	return stats.Median(medians)
}
