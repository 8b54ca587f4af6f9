package graph

// A Real is a floating-point type that an executor computes in.
type Real interface{ float32 | float64 }

// block is how many terms are added one after the other before their sum joins a
// compensated total. It bounds the rounding errors that one term goes through, whatever the
// length of the whole sum, to the block's and a few more.
const block = 32

// A total is a sum by Kahan's compensated summation (1965): for terms t its error is at
// most about 2u·Σ|t|, u being half the distance from 1 to the next number.
type total[T Real] struct{ sum, carry T }

func (s *total[T]) add(x T) {
	y := x - s.carry
	t := s.sum + y
	s.carry = (t - s.sum) - y
	s.sum = t
}

// matMul sets c = A·B for row-major A (m×k), B (k×n) and c (m×n). It is the twin of
// matmul.comp followed by matmul_reduce.comp.
func matMul[T Real](c, a, b []T, m, n, k int) {
	for i := range m {
		row := a[i*k : (i+1)*k]
		for j := range n {
			var s total[T]
			for first := 0; first < k; first += block {
				var part T
				for l := first; l < min(first+block, k); l++ {
					part += row[l] * b[l*n+j]
				}
				s.add(part)
			}
			c[i*n+j] = s.sum
		}
	}
}

// transpose sets out = Aᵀ for row-major A (rows×cols). It is the twin of
// transpose.comp.
func transpose[T Real](out, a []T, rows, cols int) {
	for i := range rows {
		for j := range cols {
			out[j*rows+i] = a[i*cols+j]
		}
	}
}

// reduceMean returns factor·Σa, the mean when factor is 1/len(a). It is the twin of
// reduce_mean.comp.
func reduceMean[T Real](a []T, factor T) T {
	var s total[T]
	for first := 0; first < len(a); first += block {
		var part T
		for _, x := range a[first:min(first+block, len(a))] {
			part += x
		}
		s.add(part)
	}
	return factor * s.sum
}

// elementwise sets out[i] = a[i·strideA] op b[i·strideB], a stride being 0 for an operand that
// broadcasts and 1 for the others; Scale and Square have no b. It is the twin of
// elementwise.comp.
func elementwise[T Real](op Op, out, a, b []T, strideA, strideB int, factor T) {
	for i := range out {
		x := a[i*strideA]
		switch op {
		case Sub:
			out[i] = x - b[i*strideB]
		case Add:
			out[i] = x + b[i*strideB]
		case Mul:
			out[i] = x * b[i*strideB]
		case Scale:
			out[i] = factor * x
		case Square:
			out[i] = x * x
		}
	}
}
