package driver

import (
	"cmp"
	"slices"

	"descent/bench/journal"
	"descent/bench/stats"
)

// undecided reports for each arm whether another generation of it is needed. It is if the ranking
// depends on how the arm compares with its neighbour, and that is not known to resolution yet; or
// if it depends on the noise floor, which the twins tell. The rest of a ranking follows from
// neighbours. Algorithms of one pass have no rank.
func (as arms) undecided(resolution float64) []bool {
	needed := make([]bool, len(as))
	ranked := []int{}
	for i, a := range as {
		if !a.ended && !a.onePass && !a.Twin && a.timings.Len() > 0 {
			ranked = append(ranked, i)
		}
	}
	slices.SortFunc(ranked, func(i, k int) int { return cmp.Compare(as[i].centre(), as[k].centre()) })
	null, twin := stats.LogRatio{}, as.twin()
	if twin != nil && !twin.ended {
		null = stats.Compare(as.twinned().timings, twin.timings)
	}
	decided := len(ranked) > 1
	for at := range max(0, len(ranked)-1) {
		i, k := ranked[at], ranked[at+1]
		c := stats.Compare(as[i].timings, as[k].timings)
		decided = decided && c.Beyond(null.Floor())
		if !c.Settled(resolution) && !c.Beyond(null.Floor()) {
			needed[i], needed[k] = true, true
		}
	}
	if twin != nil && !twin.ended && !as.twinned().ended && !decided && !null.Settled(resolution) {
		needed[slices.Index(as, twin)], needed[slices.Index(as, as.twinned())] = true, true
	}
	return needed
}

// addTwin adds a twin of the fastest contender on the CPU, or of the fastest of all if none is on
// the CPU. Algorithms of one pass come last. It returns nil if there is a twin already, if there is
// nothing to be a twin of, or if the sides of a sweep are so far apart that the noise floor does
// not matter. A contest that turns out to be closer has its twin from a later generation on.
func (r *Run) addTwin() (*arm, error) {
	if r.plan.NoNull || r.arms.twin() != nil || r.isLandslide() {
		return nil, nil
	}
	candidates := slices.DeleteFunc(slices.Clone(r.arms), func(a *arm) bool { return a.ended || a.excused || a.pace == 0 })
	if len(candidates) == 0 {
		return nil, nil
	}
	class := func(a *arm) int {
		switch {
		case a.onePass:
			return 2
		case a.device != "cpu":
			return 1
		}
		return 0
	}
	of := slices.MinFunc(candidates, func(a, b *arm) int {
		return cmp.Or(cmp.Compare(class(a), class(b)), cmp.Compare(r.whole(a), r.whole(b)))
	})
	twin := newTwin(of)
	twin.epochs, twin.calls, twin.pace = of.epochs, of.calls, of.pace
	r.arms = append(r.arms, twin)
	return twin, r.journal.Write(journal.Record{Twin: &twin.Contender})
}

// newTwin returns a new arm that is the twin of a.
func newTwin(a *arm) *arm {
	twin := &arm{Contender: a.Contender, timings: stats.Series{}, side: -1}
	twin.Twin = true
	return twin
}
