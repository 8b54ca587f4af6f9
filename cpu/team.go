package cpu

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A team is goroutines that work together on one task after another. Between tasks they are parked, and
// use no processor.
type team struct {
	task func(worker int)
	wake []chan struct{} // of worker i+1; worker 0 is the caller of run
	busy sync.WaitGroup
}

// processors returns how many workers can run at once, at most limit if that is above 0.
func processors(limit int) int {
	n := min(runtime.GOMAXPROCS(0), runtime.NumCPU())
	if limit > 0 {
		n = min(n, limit)
	}
	return n
}

// run calls task with each worker from 0 to below workers, all at once, and returns when all
// calls have. Worker 0 is the caller.
func (t *team) run(workers int, task func(worker int)) {
	for len(t.wake) < workers-1 {
		t.hire()
	}
	t.task = task
	t.busy.Add(workers - 1)
	for _, wake := range t.wake[:workers-1] {
		wake <- struct{}{}
	}
	task(0)
	t.busy.Wait()
	t.task = nil
}

func (t *team) hire() {
	wake := make(chan struct{}, 1)
	t.wake = append(t.wake, wake)
	worker := len(t.wake)
	go func() {
		for range wake {
			t.task(worker)
			t.busy.Done()
		}
	}()
}

// dismiss ends the goroutines. The team may be used again.
func (t *team) dismiss() {
	for _, wake := range t.wake {
		close(wake)
	}
	t.wake = nil
}

// A barrier is where workers wait for one another, round by round. Every worker looks at
// all others, so that a round costs one transfer of a cache line where a counter shared by all costs two.
type barrier []place

// A place is one worker's, on cache lines of its own: two, since processors fetch them in pairs.
type place struct {
	round  atomic.Uint64 // the last that the worker has come to
	parked atomic.Bool   // the worker sleeps, or is about to, until a token comes
	tokens chan struct{}
	_      [128 - 24]byte
}

func newBarrier(workers int) barrier {
	b := make(barrier, workers)
	for i := range b {
		b[i].tokens = make(chan struct{}, 1)
	}
	return b
}

// spins is for how many looks a worker waits awake, some 20 µs: longer than the others' epochs differ on a quiet
// machine, and short against what it takes to be scheduled again.
const spins = 20_000

// await returns when all workers have come to the round, which must be one more than worker's last. What
// they wrote before is visible after. Where patient, a worker that waits spins at first.
func (b barrier) await(worker int, round uint64, patient bool) {
	me := &b[worker]
	me.round.Store(round)
	for i := range b {
		if i != worker && b[i].parked.Load() && b[i].parked.CompareAndSwap(true, false) {
			b[i].tokens <- struct{}{}
		}
	}
	for i := range b {
		other := &b[i]
		for look := 0; patient && look < spins && other.round.Load() < round; look++ {
		}
		for other.round.Load() < round {
			me.park(other, round)
		}
	}
}

// park sleeps until some worker comes to its next round, unless other has come to the round already.
func (me *place) park(other *place, round uint64) {
	me.parked.Store(true)
	if other.round.Load() >= round && me.parked.CompareAndSwap(true, false) {
		return
	}
	<-me.tokens
}
