package driver

import (
	"slices"
	"time"

	"descent/bench/journal"
)

// processes returns the number of processes that a contender's share of the budget is to last for.
func (r *Run) processes() int {
	if r.plan.Processes > 0 {
		return r.plan.Processes
	}
	return journal.LeastGenerations
}

// share returns what each contender may use of the budget, the twin included. A contender that
// failed before its first sample leaves its share to the others.
func (r *Run) share() time.Duration {
	if r.contested() {
		return r.perProcess * journal.LeastGenerations
	}
	running := 0
	for _, a := range r.arms {
		if !a.ended || a.timings.Len() > 0 {
			running++
		}
	}
	if !r.plan.NoNull && r.arms.twin() == nil {
		running++ // there will be one
	}
	return r.plan.Budget / time.Duration(max(1, running))
}

// allotment returns what a process of a contender may use of the contender's share.
func (r *Run) allotment() time.Duration { return r.share() / time.Duration(r.processes()) }

// spent reports whether a's process has used up its allotment. A contender with few samples from
// many processes tells more than one with many samples from few. If the plan fixes the number of
// processes, all their samples are taken.
func (r *Run) spent(a *arm) bool {
	return r.plan.Processes == 0 && len(a.timings[a.process]) > 0 && a.used-a.usedBefore+a.last > r.allotment()
}

// done reports whether a has what it needs, or has used what it may, which it notes in r.short.
// After the processes that its
// share is for, only the budget as a whole bounds it. A twin is done with its twinned contender,
// once it has as many samples from its process.
func (r *Run) done(a *arm) bool {
	if a.Twin {
		if of := r.arms.twinned(); r.done(of) && (of.ended || len(a.timings[a.process]) >= len(of.timings[of.process])) {
			return true
		}
	}
	samples := a.timings.Len()
	switch {
	case a.ended || a.excused || r.plan.Processes > 0 && samples >= r.plan.Processes*r.plan.Blocks:
		return true
	case r.contested() || samples < journal.MinSamples || a.used+a.last <= r.share():
		return false
	case r.plan.Processes == 0 && a.opened >= journal.LeastGenerations && time.Since(r.start)+a.last <= r.plan.Budget:
		return false
	}
	r.short = true
	return true
}

// reasonToEnd returns the reason why the run ends after generation g, and "" if it goes on. It
// excuses the contenders whose rank is known from further generations.
func (r *Run) reasonToEnd(g int) string {
	if r.contested() {
		return r.reasonToEndContest(g)
	}
	if !slices.ContainsFunc(r.arms, func(a *arm) bool { return !r.done(a) }) {
		if r.short {
			return journal.OutOfBudget
		}
		return journal.Complete
	}
	if r.plan.Processes > 0 || g+1 < journal.LeastGenerations {
		return ""
	}
	left := r.plan.Budget - time.Since(r.start)
	needed, cost := 0, time.Duration(0)
	for i, must := range r.arms.undecided(r.plan.Resolution) {
		a := r.arms[i]
		a.excused = !must
		if must && !a.ended {
			needed++
			cost += a.used / time.Duration(max(1, a.opened))
		}
	}
	switch {
	case needed == 0:
		return journal.Resolved
	case cost > left:
		return journal.OutOfBudget
	}
	return ""
}
