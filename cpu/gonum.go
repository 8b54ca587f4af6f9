package cpu

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"descent/dataset"
)

// Gonum64 is the descent as a sequence of whole-vector operations in gonum, in the shape of the
// article's NumPy program. An epoch is a handful of passes over arrays of length N, each a library
// call. None of them is a product with a column of ones.
//
// For one feature:
//
//	y = w₁·x;  y = y + w₀;  e = d − y
//	w₀ ← w₀ + rate·(2/N)·sum(e);  w₁ ← w₁ + rate·(2/N)·dot(e, x)
//
// For more, e = Xw − d and Xᵀe are matrix-vector products (Dgemv).
type Gonum64 struct {
	x    blas64.General // n×p
	d    []float64
	y, e []float64 // length n
	g    []float64 // length p+1, used for more than one feature
}

// Load implements the backend contract.
func (b *Gonum64) Load(p *dataset.Problem) error {
	if err := p.Check(); err != nil {
		return err
	}
	*b = Gonum64{
		x: blas64.General{Rows: p.N, Cols: p.P, Stride: p.P, Data: convert[float64](p.X)},
		d: convert[float64](p.D),
		e: make([]float64, p.N),
		g: make([]float64, p.P+1),
	}
	if p.P == 1 {
		b.y = make([]float64, p.N)
	}
	return nil
}

// Descend implements the backend contract. It does not allocate.
func (b *Gonum64) Descend(w []float64, rate float64, epochs int) error {
	if err := checkDescend(b.x.Rows, b.x.Cols, w); err != nil {
		return err
	}
	step := rate * 2 / float64(b.x.Rows)
	for range epochs {
		if b.x.Cols == 1 {
			b.line(w, step)
		} else {
			b.plane(w, step)
		}
	}
	return nil
}

func (b *Gonum64) line(w []float64, step float64) {
	x := b.x.Data
	floats.ScaleTo(b.y, w[1], x)
	floats.AddConst(w[0], b.y)
	floats.SubTo(b.e, b.d, b.y)
	w[0] += step * floats.Sum(b.e)
	w[1] += step * floats.Dot(b.e, x)
}

func (b *Gonum64) plane(w []float64, step float64) {
	e := blas64.Vector{N: len(b.e), Data: b.e, Inc: 1}
	copy(b.e, b.d)
	blas64.Gemv(blas.NoTrans, 1, b.x, blas64.Vector{N: b.x.Cols, Data: w[1:], Inc: 1}, -1, e)
	floats.AddConst(w[0], b.e)
	b.g[0] = floats.Sum(b.e)
	blas64.Gemv(blas.Trans, 1, b.x, e, 0, blas64.Vector{N: b.x.Cols, Data: b.g[1:], Inc: 1})
	floats.AddScaled(w, -step, b.g)
}

// Close implements the backend contract.
func (b *Gonum64) Close() error {
	*b = Gonum64{}
	return nil
}

// gemvRows is how many rows of X one Sgemv adds up in float32 before the sum goes to float64. A
// single Sgemv over all of X would add N float32 numbers in one chain.
const gemvRows = 64

// Gonum32 is Gonum64 in float32. gonum's floats package has no float32 form, and its Level 1 BLAS
// adds no constants. So the shift by w₀ and the sum of the residuals are one Go loop. dot(e, x) is
// DDot, which accumulates in float64.
type Gonum32 struct {
	x    blas32.General // n×p
	d, e []float32
	w    []float32
	g    []float64 // length p+1
	part []float32 // length p: Xᵀe over gemvRows rows
}

// Load implements the backend contract.
func (b *Gonum32) Load(p *dataset.Problem) error {
	if err := p.Check(); err != nil {
		return err
	}
	*b = Gonum32{
		x: blas32.General{Rows: p.N, Cols: p.P, Stride: p.P, Data: convert[float32](p.X)},
		d: convert[float32](p.D),
		e: make([]float32, p.N),
		w: make([]float32, p.P+1), g: make([]float64, p.P+1), part: make([]float32, p.P),
	}
	return nil
}

// Descend implements the backend contract. It does not allocate.
func (b *Gonum32) Descend(w []float64, rate float64, epochs int) error {
	if err := checkDescend(b.x.Rows, b.x.Cols, w); err != nil {
		return err
	}
	round(b.w, w)
	step := rate * 2 / float64(b.x.Rows)
	for range epochs {
		if b.x.Cols == 1 {
			b.line()
		} else {
			b.plane()
		}
		for j, g := range b.g {
			b.w[j] -= float32(step * g)
		}
	}
	widen(w, b.w)
	return nil
}

// line leaves Σe and Σe·x in g, with e = w₁·x − d + w₀.
func (b *Gonum32) line() {
	x, e := vector32(b.x.Data), vector32(b.e)
	copy(b.e, b.d)
	blas32.Scal(-1, e)
	blas32.Axpy(b.w[1], x, e)
	b.g[0] = b.shift()
	b.g[1] = blas32.DDot(e, x)
}

// plane leaves Σe and Xᵀe in g, with e = Xw − d + w₀.
func (b *Gonum32) plane() {
	copy(b.e, b.d)
	blas32.Gemv(blas.NoTrans, 1, b.x, vector32(b.w[1:]), -1, vector32(b.e))
	b.g[0] = b.shift()
	clear(b.g[1:])
	for lo := 0; lo < b.x.Rows; lo += gemvRows {
		rows := min(gemvRows, b.x.Rows-lo)
		block := b.x
		block.Rows, block.Data = rows, b.x.Data[lo*b.x.Stride:]
		blas32.Gemv(blas.Trans, 1, block, vector32(b.e[lo:lo+rows]), 0, vector32(b.part))
		for j, v := range b.part {
			b.g[j+1] += float64(v)
		}
	}
}

// shift adds w₀ to every residual and returns their sum.
func (b *Gonum32) shift() float64 {
	w0, sum := b.w[0], 0.0
	for i := range b.e {
		b.e[i] += w0
		sum += float64(b.e[i])
	}
	return sum
}

func vector32(v []float32) blas32.Vector {
	return blas32.Vector{N: len(v), Data: v, Inc: 1}
}

// Close implements the backend contract.
func (b *Gonum32) Close() error {
	*b = Gonum32{}
	return nil
}
