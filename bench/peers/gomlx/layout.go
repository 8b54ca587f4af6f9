package main

import (
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/gomlx/gomlx/pkg/core/tensors"

	"descent/dataset"
)

// batchRows is how many samples a batch has at the most. DotGeneral adds up a batch in one chain, eight products at a
// time, and N = 10,000,000 in one are off by ten times what rounding explains in float32. Batches of 4,096 take 10% longer in
// float64 at N = 1,000,000.
const batchRows = 1 << 14

// A layout is how the N samples lie in tensors: in batches of as many rows, the last ones filled up with zeros.
//
//	x   batches×rows×(P+1), with the leading column of ones; for one feature batches×rows, without it
//	xt  batches×(P+1)×rows, with the leading row of ones, which has zeros where rows are filled up
//	d   batches×rows
type layout struct{ batches, rows int }

// newLayout has the same number of batches for each thread: simplego shares out whole ones.
func newLayout(n, threads int) layout {
	batches := ceil(ceil(n, batchRows), threads) * threads
	return layout{batches, ceil(n, batches)}
}

// ceil returns a/b, rounded up.
func ceil(a, b int) int { return (a + b - 1) / b }

// upload copies p into tensors of the engine.
func (b *gomlx[T]) upload(p *dataset.Problem, l layout) (err error) {
	m := p.P + 1
	if p.P == 1 {
		b.x, err = b.resident(func(x []T) { round(x, p.X) }, l.batches, l.rows)
	} else {
		b.x, err = b.resident(func(x []T) {
			for i := range p.N {
				row := x[i*m:][:m]
				row[0] = 1
				round(row[1:], p.X[i*p.P:][:p.P])
			}
		}, l.batches, l.rows, m)
	}
	if err != nil {
		return err
	}
	b.xt, err = b.resident(func(xt []T) {
		for i := range p.N {
			column := xt[i/l.rows*l.rows*m+i%l.rows:]
			column[0] = 1
			for j, v := range p.X[i*p.P:][:p.P] {
				column[(j+1)*l.rows] = T(v)
			}
		}
	}, l.batches, m, l.rows)
	if err != nil {
		return err
	}
	b.d, err = b.resident(func(d []T) { round(d, p.D) }, l.batches, l.rows)
	return err
}

// resident returns a tensor in the engine's memory with what fill made of zeros.
func (b *gomlx[T]) resident(fill func(flat []T), dims ...int) (*tensors.Tensor, error) {
	t := tensors.FromShape(shapes.Make(dtypes.FromGenericsType[T](), dims...))
	if err := tensors.MutableFlatData(t, fill); err != nil {
		return nil, err
	}
	return t, t.MaterializeOnDevice(b.engine, true, 0)
}

// round sets dst to src, which may be shorter, in the precision T.
func round[T float32 | float64](dst []T, src []float64) {
	for i, v := range src {
		dst[i] = T(v)
	}
}
