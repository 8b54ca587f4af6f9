package kernel

import "unsafe"

// Portable returns the kernels in plain Go. They go lane by lane, so that the accumulators of a
// lane stay in registers.
func Portable[T Float]() *Set[T] {
	return &Set[T]{
		Name: "purego",
		Line: line[T], Plane: plane[T], Fold: foldLanes[T], Sum: sum[T], MulAdds: mulAdds[T],
		Moments: portableMoments[T](),
	}
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
				// Half of the group after the other, since amd64 has registers for no more.
				s := x[at : at+7*v+1 : at+7*v+1]
				e0 := fma(w1, s[0], w0-s[v])
				e1 := fma(w1, s[2*v], w0-s[3*v])
				eA += e0 + e1
				ex0 = fma(e0, s[0], ex0)
				ex1 = fma(e1, s[2*v], ex1)
				e2 := fma(w1, s[4*v], w0-s[5*v])
				e3 := fma(w1, s[6*v], w0-s[7*v])
				eB += e2 + e3
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

func plane[T Float](sums *float64, data *T, groups, features int, w *T, mask *Mask) {
	v := Lanes[T]()
	size := (features + 1) * v
	x := unsafe.Slice(data, groups*Group*size)
	totals := unsafe.Slice(sums, size)
	ws := unsafe.Slice(w, features+1)
	var e [Group][16]T
	for g := range groups {
		group := x[g*Group*size:][:Group*size]
		for k := range e {
			residuals(e[k][:v], group[k*size:][:size], ws)
		}
		if g == groups-1 {
			for k := range e {
				for l := range v {
					if !mask.has((k*v + l) * Line / v) {
						e[k][l] = 0
					}
				}
			}
		}
		for l := range v {
			totals[l] += float64((e[0][l] + e[1][l]) + (e[2][l] + e[3][l]))
		}
		for j := range features {
			x0, x1, x2, x3 := group[j*v:][:v], group[size+j*v:][:v], group[2*size+j*v:][:v], group[3*size+j*v:][:v]
			total := totals[(j+1)*v:][:v]
			for l := range total {
				t := e[0][l] * x0[l]
				t = fma(e[1][l], x1[l], t)
				t = fma(e[2][l], x2[l], t)
				t = fma(e[3][l], x3[l], t)
				total[l] += float64(t)
			}
		}
	}
}

// residuals sets e = (w₀ − d) + w₁·x₁ + … for the samples of a strip, four at a time.
func residuals[T Float](e, strip, w []T) {
	v := len(e)
	d := strip[len(strip)-v:]
	for l := 0; l < v; l += 4 {
		e0, e1, e2, e3 := w[0]-d[l], w[0]-d[l+1], w[0]-d[l+2], w[0]-d[l+3]
		at := l
		for _, wj := range w[1:] {
			row := strip[at : at+4 : at+4]
			e0 = fma(wj, row[0], e0)
			e1 = fma(wj, row[1], e1)
			e2 = fma(wj, row[2], e2)
			e3 = fma(wj, row[3], e3)
			at += v
		}
		e[l], e[l+1], e[l+2], e[l+3] = e0, e1, e2, e3
	}
}

func foldLanes[T Float](totals, sums *float64, n int) {
	v := Lanes[T]()
	lanes := unsafe.Slice(sums, n*v)
	for i := range unsafe.Slice(totals, n) {
		t := [8]float64(lanes[i*v:])
		if v == 16 {
			for l, x := range lanes[i*v+8:][:8] {
				t[l] += x
			}
		}
		unsafe.Slice(totals, n)[i] = fold(&t)
	}
}

func sum[T Float](data *T, lines, passes int) float64 {
	v := Lanes[T]()
	var acc [8 * 16]T // line k of a group has the v from k·v on
	for range passes {
		x := unsafe.Slice(data, lines*v)
		for s := acc[:8*v]; len(x) >= len(s); x = x[len(s):] {
			for i, value := range x[:len(s)] {
				s[i] += value
			}
		}
		for ; len(x) > 0; x = x[v:] {
			for l, value := range x[:v] {
				acc[l] += value
			}
		}
	}
	for n := 4 * v; n >= v; n /= 2 {
		for i, value := range acc[n : 2*n] {
			acc[i] += value
		}
	}
	var total [8]float64
	widen(&total, acc[:v])
	return fold(&total)
}

func mulAdds[T Float](y *T, rounds int, w *T) {
	w0, w1 := unsafe.Slice(w, 2)[0], unsafe.Slice(w, 2)[1]
	values := unsafe.Slice(y, MulAddLines*Lanes[T]())
	for i, value := range values {
		for range rounds {
			value = fma(w1, value, w0)
		}
		values[i] = value
	}
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
