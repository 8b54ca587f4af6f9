package main

import (
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/gomlx/gomlx/pkg/core/tensors"

	"descent/dataset"
)

// batchRows is the most rows in a batch. DotGeneral adds up a batch in one chain, eight products at
// a time. In float32, one batch of N = 10,000,000 is off by ten times what rounding explains.
// Batches of 4,096 rows take 10% longer in float64 at N = 1,000,000.
const batchRows = 1 << 14

// A layout says how the N rows lie in tensors: in batches of the same number of rows, padded with
// zeros at the end.
//
//	x   batches×rows×(P+1), with a leading column of ones; if P = 1, batches×rows without it
//	xt  batches×(P+1)×rows, with a leading row of ones, which is 0 in the padding
//	d   batches×rows
type layout struct{ batches, rows int }

// newLayout gives each thread the same number of batches, because simplego does not divide a batch.
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

// resident returns a tensor in the engine's memory. fill gets its values as zeros and sets them.
func (b *gomlx[T]) resident(fill func(flat []T), dims ...int) (*tensors.Tensor, error) {
	t := tensors.FromShape(shapes.Make(dtypes.FromGenericsType[T](), dims...))
	if err := tensors.MutableFlatData(t, fill); err != nil {
		return nil, err
	}
	return t, t.MaterializeOnDevice(b.engine, true, 0)
}

// round sets dst to src in precision T. src may be shorter than dst.
func round[T float32 | float64](dst []T, src []float64) {
	for i, v := range src {
		dst[i] = T(v)
	}
}
