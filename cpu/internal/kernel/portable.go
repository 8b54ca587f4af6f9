package kernel

import "unsafe"

// Portable returns the kernels in plain Go. They go lane by lane, so that the accumulators of a lane
// stay in registers.
func Portable[T Float]() *Set[T] {
	return &Set[T]{Name: "purego", Line: line[T], Residuals: residuals[T], Gradient: gradient[T], Sum: sum[T]}
}

func line[T Float](sums *[2]float64, data *T, strips int, w *T, mask *Mask) {
	v := Lanes[T]()
	x := unsafe.Slice(data, strips*2*v)
	w0, w1 := unsafe.Slice(w, 2)[0], unsafe.Slice(w, 2)[1]
	var totalE, totalX [8]float64
	for full := strips - 1; ; full -= Run {
		last := full <= Run-1 // with the masked strip this run has at most Run
		groups, singles := Run/4, 0
		if last {
			groups, singles = full/4, full%4
		}
		var e, ex [16]T
		for l := range v {
			var eA, eB, ex0, ex1, ex2, ex3 T
			at := l
			for range groups {
				s := x[at : at+7*v+1 : at+7*v+1]
				e0 := fma(w1, s[0], w0-s[v])
				e1 := fma(w1, s[2*v], w0-s[3*v])
				e2 := fma(w1, s[4*v], w0-s[5*v])
				e3 := fma(w1, s[6*v], w0-s[7*v])
				eA += e0 + e1
				eB += e2 + e3
				ex0 = fma(e0, s[0], ex0)
				ex1 = fma(e1, s[2*v], ex1)
				ex2 = fma(e2, s[4*v], ex2)
				ex3 = fma(e3, s[6*v], ex3)
				at += 8 * v
			}
			if last {
				for range singles {
					e0 := fma(w1, x[at], w0-x[at+v])
					eA += e0
					ex0 = fma(e0, x[at], ex0)
					at += 2 * v
				}
				if mask.has(l * Line / v) {
					e0 := fma(w1, x[at], w0-x[at+v])
					eA += e0
					ex0 = fma(e0, x[at], ex0)
				}
			}
			e[l], ex[l] = eA+eB, (ex0+ex1)+(ex2+ex3)
		}
		widen(&totalE, e[:v])
		widen(&totalX, ex[:v])
		if last {
			sums[0], sums[1] = fold(&totalE), fold(&totalX)
			return
		}
		x = x[Run*2*v:]
	}
}

func residuals[T Float](e *T, sum *float64, data *T, strips, features int, w *T, mask *Mask) {
	v := Lanes[T]()
	out := unsafe.Slice(e, strips*v)
	x := unsafe.Slice(data, strips*(features+1)*v)
	ws := unsafe.Slice(w, features+1)
	for s := range strips {
		strip := x[s*(features+1)*v:][:(features+1)*v]
		for l := 0; l < v; l += 4 {
			d := strip[features*v+l:][:4]
			e0, e1, e2, e3 := ws[0]-d[0], ws[0]-d[1], ws[0]-d[2], ws[0]-d[3]
			at := l
			for _, wj := range ws[1:] {
				row := strip[at : at+4 : at+4]
				e0 = fma(wj, row[0], e0)
				e1 = fma(wj, row[1], e1)
				e2 = fma(wj, row[2], e2)
				e3 = fma(wj, row[3], e3)
				at += v
			}
			out[s*v+l], out[s*v+l+1], out[s*v+l+2], out[s*v+l+3] = e0, e1, e2, e3
		}
	}
	for l := range v {
		if !mask.has(l * Line / v) {
			out[(strips-1)*v+l] = 0
		}
	}
	var sums [16]T
	for l := range v {
		var eA, eB T
		s := 0
		for ; s+4 < strips; s += 4 {
			eA += out[s*v+l] + out[(s+1)*v+l]
			eB += out[(s+2)*v+l] + out[(s+3)*v+l]
		}
		for ; s < strips; s++ {
			eA += out[s*v+l]
		}
		sums[l] = eA + eB
	}
	var total [8]float64
	widen(&total, sums[:v])
	*sum = fold(&total)
}

func gradient[T Float](g *float64, data, e *T, strips, features int) {
	v := Lanes[T]()
	es := unsafe.Slice(e, strips*v)
	x := unsafe.Slice(data, strips*(features+1)*v)
	step := (features + 1) * v
	for j, gj := range unsafe.Slice(g, features) {
		var sums [16]T
		for l := range v {
			var g0, g1, g2, g3 T
			at, s := j*v+l, l
			groups := (strips - 1) / 4
			for range groups {
				g0 = fma(es[s], x[at], g0)
				g1 = fma(es[s+v], x[at+step], g1)
				g2 = fma(es[s+2*v], x[at+2*step], g2)
				g3 = fma(es[s+3*v], x[at+3*step], g3)
				at += 4 * step
				s += 4 * v
			}
			for range strips - 4*groups {
				g0 = fma(es[s], x[at], g0)
				at += step
				s += v
			}
			sums[l] = (g0 + g1) + (g2 + g3)
		}
		var total [8]float64
		widen(&total, sums[:v])
		unsafe.Slice(g, features)[j] = gj + fold(&total)
	}
}

func sum[T Float](data *T, lines int) float64 {
	v := Lanes[T]()
	var s [8]T
	for x := unsafe.Slice(data, lines*v); len(x) > 0; x = x[8:] {
		for l := range s {
			s[l] += x[l]
		}
	}
	var total [8]float64
	widen(&total, s[:])
	return fold(&total)
}

// has reports whether the mask has ones at a byte.
func (m *Mask) has(at int) bool { return m[at] != 0 }

// widen adds the lanes of one run to the totals.
func widen[T Float](total *[8]float64, lanes []T) {
	for l := range total {
		v := float64(lanes[l])
		if len(lanes) == 16 {
			v += float64(lanes[l+8])
		}
		total[l] += v
	}
}

// fold adds eight lanes in halves.
func fold(t *[8]float64) float64 {
	a, b, c, d := t[0]+t[4], t[1]+t[5], t[2]+t[6], t[3]+t[7]
	return (a + c) + (b + d)
}
