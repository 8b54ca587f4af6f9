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
func matMul[T Real](c, a, b []T, k int) {
	m, n := len(a)/k, len(b)/k
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

// elementwise sets out[i] to the value that code leaves for element i. Every operation is rounded
// on its own: the conversions keep Go from contracting two to one. out may be one of the inputs. It
// is the twin of elementwise.comp.
func elementwise[T Real](out []T, code []instruction[T]) {
	var stack [maxOperations + 1]T
	for i := range out {
		top := -1
		for j := range code {
			c := &code[j]
			if c.input != nil {
				top++
				stack[top] = c.input[i*c.stride]
				continue
			}
			switch c.op {
			case Scale:
				stack[top] = T(c.factor * stack[top])
				continue
			case Square:
				stack[top] = T(stack[top] * stack[top])
				continue
			}
			top--
			switch x, y := stack[top], stack[top+1]; c.op {
			case Sub:
				stack[top] = T(x - y)
			case Add:
				stack[top] = T(x + y)
			case Mul:
				stack[top] = T(x * y)
			}
		}
		out[i] = stack[0]
	}
}
