package cpu

import (
	"time"

	"descent/cpu/internal/kernel"
	"descent/dataset"
)

// Gram is the descent from sufficient statistics. Descend passes over the data once, for the sums
// of the products of all columns, and then runs its epochs on these (P+1)² numbers. It is another
// algorithm than that of the other backends, with the same iterates. Its epochs take as long for
// any N.
//
// Load takes from each column a shift close to its mean, c from x and c_d from d, and keeps z = x −
// c. With
//
//	v = w₀ + Σ_k c_k·w_k − c_d
//
// a residual is e = v + Σ_k z_k·w_k − z_d, so that with x₀ = 1 and x_j = c_j + z_j the sums of the
// gradient are
//
//	Σe·x_j = Σx_j·v + Σ_k (Σx_j·z_k)·w_k − Σx_j·z_d
//	Σx_j = c_j·N + Σz_j,   Σx_j·z_k = Σz_j·z_k + c_j·Σz_k
//
// in which the sums on the right come from the pass. All of them are multiplied by rate·2/N before
// the first epoch.
//
// # Rounding
//
// A sum of products is rounded in proportion to the size of the products. The products of z are as
// large as the columns spread. Products of x would be as large as c², and little of that tells the
// slope. c_j is only ever multiplied with Σz_k, which is close to 0, and with v. v is formed in
// every epoch, from w itself, with an error of at most (P+2)·u·(|w₀| + Σ|c_k·w_k| + |c_d|): a
// single residual of any other backend has this error too. z is exact where x is within a factor of
// two of c, and elsewhere off by at most u·|z|, which is of the order of the rounding of a product
// in such a residual.
//
// The sums are in float64 for both precisions. Package kernel has their order within a block of
// strips. Blocks are added one by one, and segments of blocks in pairs, so no value passes through
// more than dataset.SumDepth additions. w is rounded to T after every epoch, as in all backends.
//
// The bits do not depend on the number of workers or on the instruction set.
type Gram[T Float] struct {
	set     *kernel.Set[T]
	limit   int // of workers; 0 is all processors
	strips  strips[T]
	moments moments[T]
	center  []float64 // c₁, … c_P, c_d, of precision T
	team    team
	workers int
	job     func(worker int)
	pass    time.Duration

	w []T
	// What v, w₁, … w_P and 1 are multiplied with for each Σe·x_j: strips of P+2 lines.
	system  []float64
	unknown []float64 // v, w₁, … w_P, −1
	steps   []float64 // rate·(2/N)·Σe·x_j
	columns []float64 // Σz₁, … Σz_P, Σz_d
}

// NewGram returns a Gram with nothing loaded. The arguments are those of NewSIMD.
func NewGram[T Float](threads int, name string) (*Gram[T], error) {
	set, err := kernel.Named[T](name)
	if err != nil {
		return nil, err
	}
	return &Gram[T]{set: set, limit: threads}, nil
}

// InstructionSet returns the name of the instruction set in use.
func (b *Gram[T]) InstructionSet() string { return b.set.Name }

// Pass returns how long the pass over the data took in the last Descend.
func (b *Gram[T]) Pass() time.Duration { return b.pass }

// Workers returns how many workers share the pass over the loaded problem; 0 before Load.
func (b *Gram[T]) Workers() int { return b.workers }

// Load implements the backend contract.
func (b *Gram[T]) Load(p *dataset.Problem) error {
	if err := p.Check(); err != nil {
		return err
	}
	b.strips = newStrips[T](p)
	b.moments = newMoments(b.set, &b.strips)
	b.share(b.worth())
	b.center = b.means(p)
	shift := convert[T](b.center)
	widen(b.center, shift)
	b.run(func(lo, hi int) { b.strips.fill(p, shift, b.moments.bounds[lo], b.moments.bounds[hi]) })
	v := kernel.Lanes[float64]()
	rows := groups((p.P+v)/v) * kernel.Group * v
	b.system, b.steps = aligned[float64](rows*(p.P+2)), aligned[float64](rows)
	b.w, b.unknown, b.columns = make([]T, p.P+1), make([]float64, p.P+2), make([]float64, p.P+1)
	b.unknown[p.P+1] = -1
	return nil
}

// Another worker is worth waking for worthAWorker bytes read and products added: some 10 µs.
const worthAWorker = 512 << 10

// worth returns the number of workers for the pass.
func (b *Gram[T]) worth() int {
	columns := b.strips.p + 1
	work := float64(b.strips.count*columns) * float64(kernel.Line+kernel.Lanes[T]()*(columns+1)/2)
	most := min(Processors(b.limit), len(b.moments.sums))
	return int(max(1, min(float64(most), work/worthAWorker)))
}

// share deals the segments to so many workers.
func (b *Gram[T]) share(workers int) {
	b.workers = workers
	b.job = b.worker(b.moments.sum)
}

// worker returns what calls do with a worker's segments.
func (b *Gram[T]) worker(do func(lo, hi int)) func(worker int) {
	n, workers := len(b.moments.sums), b.workers
	return func(worker int) { do(share(n, worker, workers), share(n, worker+1, workers)) }
}

// run has every worker call do with its segments.
func (b *Gram[T]) run(do func(lo, hi int)) { b.team.run(b.workers, b.worker(do)) }

// means returns the mean of each column of p, with d last. A value is divided by N first, so that
// no sum overflows.
func (b *Gram[T]) means(p *dataset.Problem) []float64 {
	parts := make([][]float64, len(b.moments.sums))
	v, part := kernel.Lanes[T](), 1/float64(p.N)
	b.run(func(lo, hi int) {
		for s := lo; s < hi; s++ {
			mean := make([]float64, p.P+1)
			for i := b.moments.bounds[s] * v; i < min(b.moments.bounds[s+1]*v, p.N); i++ {
				for j, x := range p.Row(i) {
					mean[j] += x * part
				}
				mean[p.P] += p.D[i] * part
			}
			parts[s] = mean
		}
	})
	addInPairs(parts)
	return parts[0]
}

// Descend implements the backend contract. It does not allocate.
func (b *Gram[T]) Descend(w []float64, rate float64, epochs int) error {
	if err := checkDescend(b.strips.n, b.strips.p, w); err != nil {
		return err
	}
	start := time.Now()
	b.team.run(b.workers, b.job)
	b.moments.total()
	b.pass = time.Since(start)
	b.layOut(rate * 2 / float64(b.strips.n))
	round(b.w, w)
	if b.strips.p == 1 {
		b.line(epochs)
	} else {
		b.plane(epochs)
	}
	widen(w, b.w)
	return nil
}

// layOut fills the system with step times its sums.
func (b *Gram[T]) layOut(step float64) {
	p, n, sums := b.strips.p, float64(b.strips.n), b.columns
	b.moments.columns(func(j int, sum float64) { sums[j] = sum })
	*b.at(0, 0) = step * n
	for j, sum := range sums {
		*b.at(0, j+1) = step * sum
		if j < p {
			*b.at(j+1, 0) = step * (b.center[j]*n + sum)
		}
	}
	b.moments.products(func(j, k int, sum float64) {
		*b.at(j+1, k+1) = step * (sum + b.center[j]*sums[k])
		if k < p {
			*b.at(k+1, j+1) = step * (sum + b.center[k]*sums[j])
		}
	})
}

// at returns an entry of the system for Σe·x_row. Column 0 has the factor of v, column k the factor
// of w_k, and column P+1 the last sum.
func (b *Gram[T]) at(row, column int) *float64 {
	v := kernel.Lanes[float64]()
	return &b.system[(row/v*(b.strips.p+2)+column)*v+row%v]
}

// line runs the epochs of one feature.
func (b *Gram[T]) line(epochs int) {
	n, s, sd := *b.at(0, 0), *b.at(0, 1), *b.at(0, 2)
	x, xz, xd := *b.at(1, 0), *b.at(1, 1), *b.at(1, 2)
	c, cd := b.center[0], b.center[1]
	w0, w1 := b.w[0], b.w[1]
	for range epochs {
		u0, u1 := float64(w0), float64(w1)
		v := (u0 - cd) + c*u1
		w0 -= T(n*v + (s*u1 - sd))
		w1 -= T(x*v + (xz*u1 - xd))
	}
	b.w[0], b.w[1] = w0, w1
}

// systemBytes is about how much of the system a kernel is given at once, because it cannot be
// preempted.
const systemBytes = 256 << 10

// plane runs the epochs of any number of features.
func (b *Gram[T]) plane(epochs int) {
	p, lanes := b.strips.p, kernel.Lanes[float64]()
	strips := max(systemBytes/((p+2)*kernel.Line), 1)
	for range epochs {
		v := float64(b.w[0]) - b.center[p]
		for j, w := range b.w[1:] {
			u := float64(w)
			b.unknown[j+1] = u
			v += b.center[j] * u
		}
		b.unknown[0] = v
		for row := 0; row <= p; row += strips * lanes {
			b.set.Apply(&b.steps[row], b.at(row, 0), &b.unknown[0], min(strips, (p-row)/lanes+1), p+2)
		}
		for j := range b.w {
			b.w[j] -= T(b.steps[j])
		}
	}
}

// Close implements the backend contract.
func (b *Gram[T]) Close() error {
	b.team.dismiss()
	*b = Gram[T]{set: b.set, limit: b.limit}
	return nil
}
