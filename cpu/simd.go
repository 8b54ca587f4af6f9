package cpu

import (
	"fmt"
	"time"

	"gonum.org/v1/gonum/floats"

	"descent/cpu/internal/kernel"
	"descent/dataset"
)

// SIMD is the descent in vector instructions on all processors: an epoch reads the data once,
// and nothing else of that size.
//
// The data lie in strips (package kernel says how, and in which order a strip's lanes are summed). For one feature a pass
// over a segment of them is a single loop; for more, the residuals of a block that fits in a cache come
// first, and are multiplied with the same block then:
//
//	e = Xw − d  over the block;  g ← g + Xᵀe  over the block
//
// Every worker has its own segments and its own copy of w. Once an epoch they wait for one another, and each
// then adds the sums of all segments in the same order, so that all have the same w again without another
// wait. The sums are kept twice, for even and odd epochs: none is overwritten while others still read it.
//
// The bits do not depend on the number of workers or on the instruction set.
type SIMD[T Float] struct {
	set    *kernel.Set[T]
	limit  int // of workers; 0 is all processors
	strips strips[T]
	bounds []int // of the segments
	block  int   // strips of a block
	team   team

	workers []*worker[T] // those that share an epoch
	places  barrier
	sums    [2][]float64 // of even and odd rounds: segment s has P+1 numbers from at[s] on
	at      []int
	patient bool   // a worker that waits stays awake for a while
	round   uint64 // of the barrier, the last that all have come to
	trials  []Trial
	job     func(worker int)

	start  []float64 // of one Descend: w, and what follows
	step   float64
	epochs int
}

// A worker is what one of the workers writes to, on cache lines of its own.
type worker[T Float] struct {
	w      []T       // P+1
	e      []T       // the residuals of a block
	g      []float64 // P+1
	sums   []float64 // of a block: Σe and, for one feature, Σe·x
	lo, hi int       // its segments
}

// A Trial is the time of an epoch with a number of workers.
type Trial struct {
	Workers int
	Epoch   time.Duration
}

// NewSIMD returns a SIMD with nothing loaded, on at most threads workers, or as many as there are processors where threads
// is 0. The instruction set is the fastest that the processor has where name is empty; a name that it
// has not is an error.
func NewSIMD[T Float](threads int, name string) (*SIMD[T], error) {
	set, err := kernel.Named[T](name)
	if err != nil {
		return nil, err
	}
	return &SIMD[T]{set: set, limit: threads}, nil
}

// InstructionSet returns the name of the one in use.
func (b *SIMD[T]) InstructionSet() string { return b.set.Name }

// Workers returns how many share an epoch of the loaded problem, and the trials that decided it.
func (b *SIMD[T]) Workers() (n int, trials []Trial) { return len(b.workers), b.trials }

// Load implements the backend contract. It also tries how many workers are the fastest.
func (b *SIMD[T]) Load(p *dataset.Problem) error {
	if err := p.Check(); err != nil {
		return err
	}
	b.strips = newStrips[T](p)
	b.bounds = b.strips.segments()
	b.block = blockStrips(p.P)
	b.job = b.epochsOf
	most := min(processors(b.limit), len(b.bounds)-1)
	b.team.run(most, func(worker int) {
		b.strips.fill(p, nil, share(b.strips.count, worker, most), share(b.strips.count, worker+1, most))
	})
	b.settle(most)
	return nil
}

// A block of at most blockBytes, its residuals included, should stay in the first cache between the two
// halves of its pass. It has one strip more than a multiple of the kernels' group, since the last is always by itself.
const blockBytes = 24 << 10

// blockStrips returns the number of strips of a block of p features.
func blockStrips(p int) int {
	return min(max(1, blockBytes/(4*kernel.Line*(p+2))), kernel.Run/4-1)*4 + 1
}

// share deals the segments to n workers.
func (b *SIMD[T]) share(n int) {
	segments, p := len(b.bounds)-1, b.strips.p
	b.workers = make([]*worker[T], n)
	b.places, b.round = newBarrier(n), 0
	b.patient = n <= processors(0)
	b.at = make([]int, segments)
	size := 0
	for i := range b.workers {
		w := &worker[T]{
			w: aligned[T](p + 1), g: aligned[float64](p + 1), sums: aligned[float64](2),
			lo: share(segments, i, n), hi: share(segments, i+1, n),
		}
		if p > 1 {
			w.e = aligned[T](b.block * kernel.Lanes[T]())
		}
		b.workers[i] = w
		for s := w.lo; s < w.hi; s++ {
			b.at[s] = size
			size += p + 1
		}
		size += 2 * kernel.Lanes[float64]() // no line is written by two workers, nor fetched with another's
	}
	b.sums = [2][]float64{aligned[float64](size), aligned[float64](size)}
}

// Descend implements the backend contract. It does not allocate.
func (b *SIMD[T]) Descend(w []float64, rate float64, epochs int) error {
	if err := checkDescend(b.strips.n, b.strips.p, w); err != nil {
		return err
	}
	b.start, b.step, b.epochs = w, rate*2/float64(b.strips.n), epochs
	b.team.run(len(b.workers), b.job)
	b.start = nil
	b.round += uint64(epochs)
	widen(w, b.workers[0].w)
	return nil
}

// epochsOf runs a worker's share of all epochs of one Descend.
func (b *SIMD[T]) epochsOf(i int) {
	me := b.workers[i]
	round(me.w, b.start)
	for k := range b.epochs {
		turn := b.round + uint64(k) + 1
		sums := b.sums[turn&1]
		for s := me.lo; s < me.hi; s++ {
			segment := s
			if turn&1 == 1 {
				segment = me.lo + me.hi - 1 - s // the cache has those that came last
			}
			b.pass(me, segment, sums[b.at[segment]:][:len(me.w)])
		}
		if len(b.workers) > 1 {
			b.places.await(i, turn, b.patient)
		}
		b.update(me, sums)
	}
}

// pass leaves the sums of a segment in g: Σe, Σe·x₁, … Σe·x_P.
func (b *SIMD[T]) pass(me *worker[T], segment int, g []float64) {
	lo, hi := b.bounds[segment], b.bounds[segment+1]
	if b.strips.p == 1 {
		b.line(me, lo, hi, g)
		return
	}
	clear(g)
	for ; lo < hi; lo += b.block {
		n := min(b.block, hi-lo)
		data := b.strips.at(lo)
		b.set.Residuals(&me.e[0], &me.sums[0], data, n, b.strips.p, &me.w[0], b.strips.mask(lo+n-1))
		b.set.Gradient(&g[1], data, &me.e[0], n, b.strips.p)
		g[0] += me.sums[0]
	}
}

// lineStrips is how many strips of one feature a kernel is given at once: half a
// megabyte, since it cannot be preempted.
const lineStrips = 4096

// line is pass for one feature.
func (b *SIMD[T]) line(me *worker[T], lo, hi int, g []float64) {
	clear(g)
	for ; lo < hi; lo += lineStrips {
		n := min(lineStrips, hi-lo)
		b.set.Line((*[2]float64)(me.sums), b.strips.at(lo), n, &me.w[0], b.strips.mask(lo+n-1))
		g[0] += me.sums[0]
		g[1] += me.sums[1]
	}
}

// update adds the sums of all segments, and takes the step.
func (b *SIMD[T]) update(me *worker[T], sums []float64) {
	g := me.g
	clear(g)
	if len(g) == 2 {
		var e, ex float64
		for _, at := range b.at {
			s := sums[at:][:2]
			e += s[0]
			ex += s[1]
		}
		g[0], g[1] = e, ex
	} else {
		for _, at := range b.at {
			floats.Add(g, sums[at:][:len(g)])
		}
	}
	for j, sum := range g {
		me.w[j] -= T(b.step * sum)
	}
}

// Close implements the backend contract.
func (b *SIMD[T]) Close() error {
	b.team.dismiss()
	*b = SIMD[T]{set: b.set, limit: b.limit}
	return nil
}

// A trial runs for about trialTime, and of trialTimes of them the shortest counts. What more workers win has to be
// more than trialMargin, or they are left to others.
const (
	trialTime   = time.Millisecond
	trialTimes  = 5
	trialMargin = 0.03
)

// settle finds the number of workers, at most most, with the least time for an epoch.
func (b *SIMD[T]) settle(most int) {
	b.trials, b.workers = nil, nil
	if most > 1 {
		best := Trial{}
		for n := 1; ; n = min(2*n, most) {
			b.share(n)
			t := Trial{n, b.try()}
			b.trials = append(b.trials, t)
			if best.Workers == 0 || float64(t.Epoch) < (1-trialMargin)*float64(best.Epoch) {
				best = t
			}
			if n == most {
				break
			}
		}
		most = best.Workers
	}
	if len(b.workers) != most {
		b.share(most)
	}
}

// try returns the time of an epoch: at rate 0, from w = 0.
func (b *SIMD[T]) try() time.Duration {
	w := make([]float64, b.strips.p+1)
	run := func(epochs int) time.Duration {
		start := time.Now()
		if err := b.Descend(w, 0, epochs); err != nil {
			panic(fmt.Sprint("a trial of a loaded problem: ", err))
		}
		return time.Since(start)
	}
	once := max(run(1), 1)
	epochs := 1 + int(trialTime/once)
	best := run(epochs)
	for range trialTimes - 1 {
		if float64(best) > 20*float64(trialTime) {
			break
		}
		best = min(best, run(epochs))
	}
	return best / time.Duration(epochs)
}
