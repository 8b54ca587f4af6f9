package cpu

import (
	"gonum.org/v1/gonum/floats"

	"descent/cpu/internal/kernel"
	"descent/dataset"
)

// SIMD is the descent in vector instructions on all processors. An epoch reads the data once, and
// nothing else of that size.
//
// The data lie in strips. Package kernel says how, and in which order the lanes of a strip are
// summed.
//
// Every worker has its own segments and its own copy of w. Once an epoch the workers wait for one
// another. Each then adds the sums of all segments in the same order, so all have the same w again
// without another wait. The sums are kept twice, for even and odd epochs, so that none is
// overwritten while others still read it.
//
// The bits depend neither on the number of workers nor on the instruction set, so that number may
// change at any time.
type SIMD[T Float] struct {
	set    *kernel.Set[T]
	limit  int // of workers; 0 is all processors
	strips strips[T]
	bounds []int // of the segments
	team   team
	deals  []*deal[T] // to one worker, and to more where there can be more
	best   *deal[T]   // of the trials

	// How many slices one worker still has to run, and how many it was told to run last.
	skip, penalty int

	// What the workers do: epochs epochs from w. Worker 0 replaces w at the end.
	job    func(worker int)
	deal   *deal[T]
	w      []float64
	step   float64
	epochs int
}

// NewSIMD returns a SIMD with nothing loaded, on at most threads workers; 0 stands for all
// processors. An empty name takes the fastest instruction set of the processor. A name that the
// processor does not have is an error.
func NewSIMD[T Float](threads int, name string) (*SIMD[T], error) {
	set, err := kernel.Named[T](name)
	if err != nil {
		return nil, err
	}
	return &SIMD[T]{set: set, limit: threads}, nil
}

// InstructionSet returns the name of the instruction set in use.
func (b *SIMD[T]) InstructionSet() string { return b.set.Name }

// Load implements the backend contract. It also tries how many workers are the fastest.
func (b *SIMD[T]) Load(p *dataset.Problem) error {
	if err := p.Check(); err != nil {
		return err
	}
	b.strips = newStrips[T](p)
	b.bounds = b.strips.segments()
	b.job = b.work
	most := min(Processors(b.limit), len(b.bounds)-1)
	b.team.run(most, func(worker int) {
		b.strips.fill(p, nil, share(b.strips.count, worker, most), share(b.strips.count, worker+1, most))
	})
	b.choose(most)
	return nil
}

// Descend implements the backend contract. It does not allocate.
func (b *SIMD[T]) Descend(w []float64, rate float64, epochs int) error {
	if err := checkDescend(b.strips.n, b.strips.p, w); err != nil {
		return err
	}
	b.w, b.step = w, rate*2/float64(b.strips.n)
	for {
		d := b.next()
		b.run(d, min(epochs, d.slice))
		if epochs -= b.epochs; epochs == 0 {
			b.w = nil
			return nil
		}
	}
}

// work is a worker's share of the epochs.
func (b *SIMD[T]) work(i int) {
	d := b.deal
	me := d.workers[i]
	round(me.w, b.w)
	for k := range b.epochs {
		turn := d.round + uint64(k) + 1
		sums := d.sums[turn&1]
		for s := me.lo; s < me.hi; s++ {
			segment := s
			if turn&1 == 1 {
				segment = me.lo + me.hi - 1 - s // the cache has those that came last
			}
			b.pass(me, segment, sums[d.at[segment]:][:len(me.w)])
		}
		if len(d.workers) > 1 {
			d.places.await(i, turn, d.looks)
		}
		b.update(me, sums, d.at)
	}
}

// callBytes is about how many bytes a kernel is given at once, because it cannot be preempted.
const callBytes = 512 << 10

// pass leaves the sums of a segment in g: Σe, Σe·x₁, … Σe·x_P.
func (b *SIMD[T]) pass(me *worker[T], segment int, g []float64) {
	lo, hi := b.bounds[segment], b.bounds[segment+1]
	if b.strips.p == 1 {
		b.line(me, lo, hi, g)
		return
	}
	clear(me.lanes)
	step := kernel.Group * max(1, callBytes/(kernel.Group*kernel.Line*len(g)))
	for ; lo < hi; lo += step {
		n := groups(min(step, hi-lo))
		mask := b.strips.mask(lo+(n-1)*kernel.Group, kernel.Group)
		b.set.Plane(&me.lanes[0], b.strips.at(lo), n, b.strips.p, &me.w[0], mask)
	}
	b.set.Fold(&g[0], &me.lanes[0], len(g))
}

// line is pass for one feature.
func (b *SIMD[T]) line(me *worker[T], lo, hi int, g []float64) {
	const step = callBytes / (2 * kernel.Line)
	sums := (*[2]float64)(me.lanes)
	clear(g)
	for ; lo < hi; lo += step {
		n := min(step, hi-lo)
		b.set.Line(sums, b.strips.at(lo), n, &me.w[0], b.strips.mask(lo+n-1, 1))
		g[0] += sums[0]
		g[1] += sums[1]
	}
}

// update adds the sums of all segments and takes the step. The sums of segment s begin at at[s].
func (b *SIMD[T]) update(me *worker[T], sums []float64, at []int) {
	g := me.g
	clear(g)
	if len(g) == 2 {
		var e, ex float64
		for _, at := range at {
			s := sums[at:][:2]
			e += s[0]
			ex += s[1]
		}
		g[0], g[1] = e, ex
	} else {
		for _, at := range at {
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
