package cpu

import (
	"runtime"
	"sync/atomic"
)

// A team is goroutines that work together on one task after another. Some ms after a task they are
// parked and use no processor. The zero team has no goroutines yet.
type team struct {
	task   func(worker int)
	seats  []*seat // of worker i+1; worker 0 is the caller of run
	caller *sleeper
}

// A seat is where a worker gets its tasks, on cache lines of its own. The tasks are counted.
type seat struct {
	given, done atomic.Uint64
	dismissed   bool // read after given
	sleeper
	_ [128 - 48]byte
}

// Processors returns how many processors this process may use, at most limit if limit is above 0.
func Processors(limit int) int {
	n := min(runtime.GOMAXPROCS(0), runtime.NumCPU())
	if limit > 0 {
		n = min(n, limit)
	}
	return n
}

// run calls task with each worker from 0 to below workers, all at once. It returns when all calls
// have returned. Worker 0 is the caller.
func (t *team) run(workers int, task func(worker int)) {
	for len(t.seats) < workers-1 {
		t.hire()
	}
	t.task = task
	seats := t.seats[:workers-1]
	for _, s := range seats {
		s.given.Add(1)
		s.wake()
	}
	task(0)
	for _, s := range seats {
		t.caller.wait(&s.done, s.given.Load(), looksFor(workers))
	}
	t.task = nil
}

func (t *team) hire() {
	if t.caller == nil {
		t.caller = &sleeper{tokens: make(chan struct{}, 1)}
	}
	s := &seat{sleeper: sleeper{tokens: make(chan struct{}, 1)}}
	t.seats = append(t.seats, s)
	worker, caller := len(t.seats), t.caller // who may be gone when a worker wakes him
	looks := looksFor(worker + 1)
	go func() {
		for turn := uint64(1); ; turn++ {
			s.wait(&s.given, turn, looks)
			if s.dismissed {
				return
			}
			t.task(worker)
			s.done.Store(turn)
			caller.wake()
		}
	}()
}

// dismiss ends the goroutines. The team may be used again.
func (t *team) dismiss() {
	for _, s := range t.seats {
		s.dismissed = true
		s.given.Add(1)
		s.wake()
	}
	t.seats = nil
}

// A barrier is where workers wait for one another, round by round. Every worker looks at all
// others, so a round costs one transfer of a cache line. A counter shared by all would cost two.
type barrier []place

// A place belongs to one worker. It is on two cache lines of its own, because processors fetch them
// in pairs.
type place struct {
	round atomic.Uint64 // the last that the worker has come to
	sleeper
	_ [128 - 32]byte
}

func newBarrier(workers int) barrier {
	b := make(barrier, workers)
	for i := range b {
		b[i].tokens = make(chan struct{}, 1)
	}
	return b
}

// await returns when all workers have come to the round, which must be one more than worker's last.
// What they wrote before is then visible. A worker that waits looks at another's round at most
// looks times before it sleeps.
func (b barrier) await(worker int, round uint64, looks int) {
	me := &b[worker]
	me.round.Store(round)
	for i := range b {
		if i != worker {
			b[i].wake()
		}
	}
	for i := range b {
		me.wait(&b[i].round, round, looks)
	}
}

// A worker that waits for a count looks at it spins times without a pause. This takes some µs,
// longer than workers' shares of an epoch differ on a quiet machine. Then it lets other threads and
// goroutines run on its processor every now and then: one of them may be what it waits for. After
// mostLooks, a ms or so, it sleeps. To sleep sooner would cost more, because a worker that is woken
// shares its waker's processor for a while, and each then waits for the other to sleep. After
// mostLate waits in a row that were so long, it moves to another processor.
const (
	spins     = 2_000
	mostLate  = 8
	mostLooks = 50_000
)

// looksFor returns after how many looks one of so many workers sleeps. It is 0 if there are not
// processors for all.
func looksFor(workers int) int {
	if workers > Processors(0) {
		return 0
	}
	return mostLooks
}

// A sleeper waits for counts that others raise. They wake it afterwards.
type sleeper struct {
	parked atomic.Bool // he sleeps, or is about to, until a token comes
	tokens chan struct{}
	late   int // waits of late that took more than spins looks, in a row
}

// wait returns when the count is at least least.
func (s *sleeper) wait(count *atomic.Uint64, least uint64, looks int) {
	look := 0
	for ; look < looks && count.Load() < least; look++ {
		switch {
		case look < spins:
		case look%1024 == 0:
			runtime.Gosched()
		case look%64 == 0:
			yield()
		}
	}
	if look <= spins {
		s.late = 0
	} else if s.late++; s.late == mostLate {
		s.late = 0
		move()
	}
	for count.Load() < least {
		s.parked.Store(true)
		if count.Load() >= least && s.parked.CompareAndSwap(true, false) {
			return
		}
		<-s.tokens
	}
}

func (s *sleeper) wake() {
	if s.parked.Load() && s.parked.CompareAndSwap(true, false) {
		s.tokens <- struct{}{}
	}
}
