package driver

import (
	"cmp"
	"slices"
	"time"
)

// Progress says how far a run is. It estimates no end: a run ends when the ranking is known, which
// nobody knows before, or when the budget is used up and every contender has its fewest samples.
type Progress struct {
	Generation  int // in progress, from 1
	Generations int // asked for; 0: until the ranking is known
	Start       time.Time
	Budget      time.Duration

	Turn     string    // the contender in turn
	Starting bool      // it has no process yet; else it takes a sample
	Since    time.Time // its turn

	Standings []Standing // the fastest first; other algorithms last
}

// A Standing is what is known so far of a contender that has samples.
type Standing struct {
	Name           string
	Time           time.Duration // of the plan's epochs: the median over processes
	OtherAlgorithm bool
}

// progress says how far the run is when the turn of next comes.
func (r *Run) progress(next *arm) Progress {
	return Progress{
		Generation: r.number + 1, Generations: r.plan.Processes, Start: r.start, Budget: r.plan.Budget,
		Turn: next.Name(), Starting: next.proc == nil, Since: time.Now(),
		Standings: r.arms.standings(r.plan.Epochs),
	}
}

// standings returns the contenders that have times which can be shown. The twin is left out.
func (as arms) standings(epochs int) (out []Standing) {
	for _, a := range as {
		if !a.ended && !a.untrusted && !a.Twin && a.timings.Len() > 0 {
			out = append(out, Standing{a.Name(), time.Duration(a.centre() * float64(epochs)), a.onePass})
		}
	}
	class := map[bool]int{true: 1}
	slices.SortFunc(out, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(class[a.OtherAlgorithm], class[b.OtherAlgorithm]), cmp.Compare(a.Time, b.Time))
	})
	return out
}
