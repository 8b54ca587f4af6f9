package cpu

import (
	"math"
	"time"

	"descent/cpu/internal/kernel"
)

// A deal is the segments dealt to a number of workers.
type deal[T Float] struct {
	Trial
	slice   int     // how many epochs are run before the next choice
	recent  float64 // ns an epoch, in the last slice
	workers []*worker[T]
	places  barrier
	looks   int          // that a worker stays awake for which waits
	round   uint64       // of the barrier, the last that all have come to
	sums    [2][]float64 // of even and odd rounds: segment s has P+1 numbers from at[s] on
	at      []int
}

// A worker is what one of the workers writes to, on cache lines of its own.
type worker[T Float] struct {
	w      []T       // P+1
	lanes  []float64 // of the sums of a segment, (P+1)·V
	g      []float64 // P+1
	lo, hi int       // its segments
}

// A Trial is what an epoch of the loaded problem takes with a number of workers, and how many
// epochs they have run since.
type Trial struct {
	Workers int
	Epoch   time.Duration
	Epochs  int
}

// newDeal deals the segments to n workers.
func (b *SIMD[T]) newDeal(n int) *deal[T] {
	segments, p := len(b.bounds)-1, b.strips.p
	d := &deal[T]{
		Trial: Trial{Workers: n}, slice: math.MaxInt, workers: make([]*worker[T], n), at: make([]int, segments),
		places: newBarrier(n), looks: looksFor(n),
	}
	size := 0
	for i := range d.workers {
		w := &worker[T]{
			w: aligned[T](p + 1), g: aligned[float64](p + 1), lanes: aligned[float64]((p + 1) * kernel.Lanes[T]()),
			lo: share(segments, i, n), hi: share(segments, i+1, n),
		}
		d.workers[i] = w
		for s := w.lo; s < w.hi; s++ {
			d.at[s] = size
			size += p + 1
		}
		// No line is written by two workers, nor fetched with another's.
		size += 2 * kernel.Lanes[float64]()
	}
	d.sums = [2][]float64{aligned[float64](size), aligned[float64](size)}
	return d
}

// Workers returns how many workers share an epoch of the loaded problem, and the trials. It is the
// number with the shortest epoch in the trials, but in some slices fewer ran because other programs
// kept them waiting. It is 0 before Load. There are no trials if there was no choice.
func (b *SIMD[T]) Workers() (n int, trials []Trial) {
	switch len(b.deals) {
	case 0:
		return 0, nil
	case 1:
		return b.deals[0].Workers, nil
	}
	for _, d := range b.deals {
		trials = append(trials, d.Trial)
	}
	return b.best.Workers, trials
}

// A trial runs for about trialTime, and the shortest of trialTimes trials counts. There are fewer
// trials if an epoch is much longer. A slice takes about sliceTime. Workers that wait for
// processors in use by other programs waste a slice at most.
const (
	trialTime  = time.Millisecond
	trialTimes = 10
	sliceTime  = time.Millisecond
)

// choose finds the number of workers, at most most, with the shortest epoch.
func (b *SIMD[T]) choose(most int) {
	b.deals, b.best, b.deal, b.penalty, b.skip = nil, nil, nil, 0, 0
	for n := 1; ; n = min(2*n, most) {
		d := b.newDeal(n)
		if most > 1 {
			b.try(d)
		}
		b.deals = append(b.deals, d)
		if b.best == nil || d.Epoch < b.best.Epoch {
			b.best = d
		}
		if n == most {
			return
		}
	}
}

// try measures d at rate 0, from w = 0.
func (b *SIMD[T]) try(d *deal[T]) {
	b.w, b.step = make([]float64, b.strips.p+1), 0
	epochs := 1
	for i := 0; i <= trialTimes; i++ {
		b.run(d, epochs)
		took := time.Duration(d.recent)
		if i == 0 {
			epochs = 1 + int(trialTime/max(took, 1))
			continue
		}
		if i == 1 || took < d.Epoch {
			d.Epoch = took
		}
		if took > 20*trialTime {
			break
		}
	}
	d.slice = 1 + int(sliceTime/max(d.Epoch, 1))
	d.recent = float64(d.Epoch)
	d.Epochs = 0
	b.w = nil
}

// run runs a slice of the epochs.
func (b *SIMD[T]) run(d *deal[T], epochs int) {
	b.deal, b.epochs = d, epochs
	start := time.Now()
	b.team.run(len(d.workers), b.job)
	if epochs > 0 {
		d.recent = float64(time.Since(start)) / float64(epochs)
	}
	d.round += uint64(epochs)
	d.Epochs += epochs
	widen(b.w, d.workers[0].w)
}

// mostPenalty bounds how many slices in a row one worker runs alone.
const mostPenalty = 64

// next returns who runs the next slice. If the processors are free for the workers, it is the deal
// of the trials. If other programs use them, workers that wait for one another can be many times
// slower than one alone. So one worker runs the slice after a slice that was slower than one
// worker. After each further such slice in a row it runs twice as many.
func (b *SIMD[T]) next() *deal[T] {
	one, best := b.deals[0], b.best
	if b.deal == best {
		if best.recent > one.recent {
			b.penalty = min(2*b.penalty+1, mostPenalty)
		} else {
			b.penalty = 0
		}
		b.skip = b.penalty
	}
	if b.skip > 0 {
		b.skip--
		return one
	}
	return best
}
