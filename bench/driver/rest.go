package driver

import (
	"slices"
	"time"

	"descent/bench/internal/proc"
)

// A process is asleep if its threads used less than restShare of a processor since the driver last
// looked, at least restLook before. A sample waits for that for restMost at the longest.
const (
	restLook  = 2 * time.Millisecond
	restShare = 0.02
	restMost  = time.Second
)

// rest waits before a sample of next until the threads of all contenders sleep. Threads that work
// on, or wait in a loop, would take a processor from next. It returns the others that did not fall
// asleep; these are not waited for again. If a process's time cannot be read, it is not waited for.
func (r *Run) rest(next *arm) (awake []string) {
	r.worked = next
	for _, a := range r.await(r.arms, (*arm).isAwake) {
		if a != next {
			awake = append(awake, a.Name())
		}
	}
	return awake
}

// restInWarmup waits before a piece of next's warm-up. Within a warm-up nobody else works, so it
// waits a moment for what the worker does after its answer. Before the first piece it waits for the
// contender that worked last.
func (r *Run) restInWarmup(next *arm) {
	last := r.worked
	r.worked = next
	switch last {
	case next:
		time.Sleep(restLook)
	case nil:
		r.await(r.arms, (*arm).moved)
	default:
		r.await(arms{last}, (*arm).moved)
	}
}

// await waits until none of busy is awake, and returns those that still are after restMost. It does
// not wait for contenders that it has waited for in vain before.
func (r *Run) await(busy arms, awake func(*arm) bool) arms {
	for start := time.Now(); ; time.Sleep(restLook) {
		var still arms
		for _, a := range busy {
			if a.proc != nil && awake(a) {
				still = append(still, a)
			}
		}
		most := restMost
		if !slices.ContainsFunc(still, func(a *arm) bool { return !a.restless }) {
			most = 0
		}
		if busy = still; len(busy) == 0 || time.Since(start) > most {
			break
		}
	}
	for _, a := range busy {
		a.restless = true
	}
	return busy
}

// moved reports whether a's process used more of a processor, since the driver last looked, than a
// process that sleeps.
func (a *arm) moved() bool {
	used, ok := a.proc.CPUTime()
	if !ok {
		return false
	}
	now := time.Now()
	moved := used-a.cpuUsed > time.Duration(restShare*float64(now.Sub(a.lookedAt)))
	a.cpuUsed, a.lookedAt = used, now
	return moved
}

// isAwake is moved, but more thorough. The time of a thread that never slept may not have been
// added up since the last look. If that look was less than a tick ago, it asks whether a thread
// runs.
func (a *arm) isAwake() bool {
	past := time.Since(a.lookedAt)
	return a.moved() || past < proc.Tick && a.proc.Running()
}
