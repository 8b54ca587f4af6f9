package bench

import (
	"slices"
	"time"
)

// A process is asleep where its threads used less than restShare of a processor since it was last looked at, restLook
// before or more. A sample waits restMost for that at the longest.
const (
	restLook  = 2 * time.Millisecond
	restShare = 0.02
	restMost  = time.Second
)

// rest waits until the threads of all contenders are asleep: what the last one left to do, or waits for in a loop, would
// take a processor from the next. It returns those other than next that did not fall asleep; these are not waited for
// again. Where a process's time cannot be read it waits for nobody. Within a warm-up, where nobody else works, it waits a
// moment for what the worker does behind its answer; before one, for whoever worked last.
func (r *Run) rest(next *arm, warmup bool) (awake []string) {
	busy := r.arms
	if warmup && r.worked == next {
		time.Sleep(restLook)
		return nil
	}
	if warmup && r.worked != nil {
		busy = []*arm{r.worked}
	}
	r.worked = next
	for start := time.Now(); ; time.Sleep(restLook) {
		var still []*arm
		for _, a := range busy {
			if a.proc != nil && a.moved(!warmup) {
				still = append(still, a)
			}
		}
		most := restMost
		if !slices.ContainsFunc(still, func(a *arm) bool { return !a.restless }) {
			most = 0 // they were waited for once
		}
		if busy = still; len(busy) == 0 || time.Since(start) > most {
			break
		}
	}
	for _, a := range busy {
		a.restless = true
		if a != next {
			awake = append(awake, a.Name())
		}
	}
	return awake
}

// moved reports whether a's process used more of a processor than one asleep does, since this was last asked. Where that
// is so short ago that the time of a thread that never slept may not have been added up, a thorough look also asks
// whether one runs.
func (a *arm) moved(thorough bool) bool {
	used, ok := a.proc.cpuTime()
	if !ok {
		return false
	}
	now := time.Now()
	past := now.Sub(a.lookedAt)
	moved := used-a.cpuUsed > time.Duration(restShare*float64(past)) || thorough && past < clockTicks && a.proc.running()
	a.cpuUsed, a.lookedAt = used, now
	return moved
}
