package gpu

import (
	"descent/dataset"
)

// A fusedTwin is gl-fused in Go: the same tiles, segments and clusters, and the same sums in the
// same order, so that it gives the same bits as the device.
type fusedTwin[T float32 | float64] struct {
	*tiling
	data []T // tile by tile
}

func newFusedTwin[T float32 | float64](t *tiling, p *dataset.Problem) *fusedTwin[T] {
	f := &fusedTwin[T]{t, make([]T, t.tiles*t.rows*t.width())}
	for i := range t.tiles {
		pack(t, f.data[i*t.rows*t.width():][:t.rows*t.width()], observationsOf(p), i)
	}
	return f
}

func (f *fusedTwin[T]) descend(w []float64, rate float64, epochs int) {
	weights := make([]T, len(w))
	for c := range w {
		weights[c] = T(w[c])
	}
	for range epochs {
		fusedEpoch(f, weights, T(rate*2/float64(f.n)))
	}
	for c := range w {
		w[c] = float64(weights[c])
	}
}

// fusedEpoch is fused.comp: w ← w − step·Σ e·(1, x).
func fusedEpoch[T float32 | float64](f *fusedTwin[T], w []T, step T) {
	var sums [][]T
	for _, b := range f.blocks {
		for s := range b.segments {
			sums = append(sums, f.segment(b, s, w))
		}
	}
	if f.clusters > 1 {
		var joined [][]T
		for _, b := range f.blocks {
			for s := 0; s < b.segments; s += f.cluster {
				joined = append(joined, f.reduce(sums[b.before+s:b.before+min(s+f.cluster, b.segments)]))
			}
		}
		sums = joined
	}
	for c, g := range f.reduce(sums) {
		w[c] -= T(step * g)
	}
}

// A compensated sum is that of shaders/accumulate.glsl, of runs of terms.
type compensated[T float32 | float64] struct{ run, sum, carry T }

func (c *compensated[T]) join() {
	y := c.run - c.carry
	t := c.sum + y
	c.carry = (t - c.sum) - y
	c.sum, c.run = t, 0
}

// segment returns the sums of segment s of a block, over its tiles.
func (f *fusedTwin[T]) segment(b dataBlock, s int, w []T) []T {
	const run = 32
	lanes, rows, width := f.shape.Lanes, f.shape.Rows(), f.rows/f.shape.Rows()
	slots := make([]compensated[T], rows*f.width())
	for k, tile := 0, s; tile < b.tiles; k, tile = k+1, tile+b.segments {
		at := f.data[(b.first+tile)*f.rows*f.width():]
		for r := range rows {
			e := make([]T, width)
			for i := range e {
				e[i] = f.residual(at, r*width+i, lanes, w)
				if (b.first+tile)*f.rows+r*width+i >= f.n {
					e[i] = 0
				}
			}
			slots[r].run += pairs(e)
			for j := range f.p {
				product := make([]T, width)
				for i := range e {
					product[i] = e[i] * at[j*f.rows+r*width+i]
				}
				slots[(j+1)*rows+r].run += pairs(product)
			}
		}
		if (k+1)%run == 0 && tile+b.segments < b.tiles {
			for i := range slots {
				slots[i].join()
			}
		}
	}
	sums := make([]T, f.width())
	for c := range sums {
		totals := make([]T, rows)
		for r := range totals {
			slots[c*rows+r].join()
			totals[r] = slots[c*rows+r].sum
		}
		sums[c] = tree(totals)
	}
	return sums
}

// residual is the residual of one row of a tile: each lane sums over its features, and a tree over
// the lanes.
func (f *fusedTwin[T]) residual(tile []T, sample, lanes int, w []T) T {
	parts := make([]T, lanes)
	parts[0] = w[0] - tile[f.p*f.rows+sample]
	for j := range f.p {
		parts[j%lanes] += T(w[j+1] * tile[j*f.rows+sample])
	}
	return tree(parts)
}

// reduce adds up rows of sums column by column: shares of them in compensated sums, and a tree over
// these.
func (f *fusedTwin[T]) reduce(rows [][]T) []T {
	columns := 32
	for columns > 1 && columns/2 >= f.shape.Lanes*f.shape.Features+1 {
		columns /= 2
	}
	out := make([]T, f.width())
	for c := range out {
		shares := make([]compensated[T], 256/columns)
		for i, row := range rows {
			share := &shares[i%len(shares)]
			share.run = row[c]
			share.join()
		}
		totals := make([]T, len(shares))
		for i := range shares {
			totals[i] = shares[i].sum
		}
		out[c] = tree(totals)
	}
	return out
}

// pairs sums up the samples of a VEC.
func pairs[T float32 | float64](v []T) T {
	if len(v) == 2 {
		return v[0] + v[1]
	}
	return (v[0] + v[1]) + (v[2] + v[3])
}

// tree adds the upper half to the lower until one is left.
func tree[T float32 | float64](v []T) T {
	for half := len(v) / 2; half >= 1; half /= 2 {
		for i := range half {
			v[i] += v[i+half]
		}
	}
	return v[0]
}
