package kernel

import "unsafe"

// portableMoments returns the kernels of sums of products in plain Go.
func portableMoments[T Float]() Moments[T] {
	return Moments[T]{LineMoments: lineMoments[T], Squares: squares[T], Products: products[T], Apply: apply}
}

func lineMoments[T Float](sums *[4]float64, data *T, strips int) {
	v := Lanes[T]()
	x := unsafe.Slice(data, strips*2*v)
	var totals [4][8]float64
	for len(x) > 0 {
		run := x[:min(len(x), MomentRun*2*8)]
		for l := range 8 {
			lane := lineLane(run, l)
			for k := range totals {
				totals[k][l] += lane[k]
			}
		}
		x = x[len(run):]
	}
	for k := range totals {
		sums[k] = fold(&totals[k])
	}
}

// lineLane returns the sums of one lane over a run.
func lineLane[T Float](x []T, lane int) [4]float64 {
	v := Lanes[T]()
	steps := len(x) / (2 * 8)
	at := func(step int) (z, d float64) {
		i := 2*(step*8&^(v-1)) + step*8&(v-1) + lane // 8 lanes of v, in strips of 2v
		return float64(x[i]), float64(x[i+v])
	}
	var sz, sd, zz0, zz1, zz2, zz3, zd0, zd1, zd2, zd3 float64
	s := 0
	for ; s+4 <= steps; s += 4 {
		z0, d0 := at(s)
		z1, d1 := at(s + 1)
		z2, d2 := at(s + 2)
		z3, d3 := at(s + 3)
		sz += (z0 + z1) + (z2 + z3)
		sd += (d0 + d1) + (d2 + d3)
		zz0, zd0 = fma(z0, z0, zz0), fma(z0, d0, zd0)
		zz1, zd1 = fma(z1, z1, zz1), fma(z1, d1, zd1)
		zz2, zd2 = fma(z2, z2, zz2), fma(z2, d2, zd2)
		zz3, zd3 = fma(z3, z3, zz3), fma(z3, d3, zd3)
	}
	for ; s < steps; s++ {
		z, d := at(s)
		sz += z
		sd += d
		zz0, zd0 = fma(z, z, zz0), fma(z, d, zd0)
	}
	return [4]float64{sz, sd, (zz0 + zz1) + (zz2 + zz3), (zd0 + zd1) + (zd2 + zd3)}
}

func squares[T Float](tile *[Tile * Tile]float64, panel *T, strips, stride, columns int, _ *byte) {
	z := lines(panel, strips, stride, columns)
	for j := range columns {
		for i := range j + 1 {
			tile[Square(i, j)] += product(z, z, i, j, stride)
		}
		tile[ColumnSum(j)] += columnSum(z, j, stride)
	}
}

func products[T Float](tile *[Tile * Tile]float64, a, b *T, strips, stride, columns int) {
	za, zb := lines(a, strips, stride, Tile), lines(b, strips, stride, columns)
	for j := range columns {
		for i := range Tile {
			tile[Product(i, j)] += product(za, zb, i, j, stride)
		}
	}
}

// lines returns the values from the first to the last of as many columns.
func lines[T Float](panel *T, strips, stride, columns int) []T {
	return unsafe.Slice(panel, ((strips-1)*stride+columns)*Lanes[T]())
}

// product returns the sum of the products of column i of a and column j of b.
func product[T Float](a, b []T, i, j, stride int) float64 {
	v := Lanes[T]()
	var s [8]float64
	for i, j = i*v, j*v; i < len(a); i, j = i+stride*v, j+stride*v {
		x, y := a[i:][:v], b[j:][:v]
		for l := range s {
			s[l] = fma(float64(x[l]), float64(y[l]), s[l])
		}
		if v > 8 {
			for l := range s {
				s[l] = fma(float64(x[l+8]), float64(y[l+8]), s[l])
			}
		}
	}
	return fold(&s)
}

// columnSum returns the sum of column j.
func columnSum[T Float](z []T, j, stride int) float64 {
	v := Lanes[T]()
	var s [8]float64
	for j *= v; j < len(z); j += stride * v {
		for l, x := range z[j:][:v] {
			s[l%8] += float64(x)
		}
	}
	return fold(&s)
}

func apply(y, a, u *float64, strips, columns int) {
	const v = 8
	out, x := unsafe.Slice(y, strips*v), unsafe.Slice(a, strips*columns*v)
	for i := range out {
		at := i/v*columns*v + i%v
		var acc [4]float64
		for k, factor := range unsafe.Slice(u, columns) {
			acc[k%4] = fma(x[at+k*v], factor, acc[k%4])
		}
		out[i] = (acc[0] + acc[1]) + (acc[2] + acc[3])
	}
}
