package kernel

import (
	"math"
	"unsafe"
)

// fma returns a·b + c with one rounding, as the vector instructions do. For float32 the product is
// exact in float64, and the sum is rounded to float64 and then to float32: that differs from one
// rounding only where the first ends halfway between two float32 numbers, about once in 2²⁹
// operations.
func fma[T Float](a, b, c T) T {
	if unsafe.Sizeof(a) == 8 {
		return T(math.FMA(float64(a), float64(b), float64(c)))
	}
	return T(float64(a)*float64(b) + float64(c))
}
