// Package kernel holds the inner loops of package cpu: one pass over the data of a
// least-squares problem, in each instruction set that there is code for.
//
// # Layout
//
// The data lie in strips. A strip holds V = 64/sizeof(T) consecutive samples, 8 of float64
// or 16 of float32, feature by feature and the targets last, so that each line of it fills
// a cache line and no lane of a vector is wasted, however few features there are:
//
//	x₁[V] x₂[V] … x_P[V] d[V]
//
// The last strip is filled up with zeros; its mask says which samples are real.
//
// # Order of summation
//
// Every instruction set gives the same bits, those of the Go functions in portable.go, which
// therefore are the reference of all others. Lane l of a sum takes lane l of every strip, in
// float64 or float32 as the data are. Strips are taken in groups of four, with an accumulator for each
// place in the group, so that four additions are under way at once; what is left over after the
// last whole group is added to the first accumulator, strip by strip. At the end of at most
// Run strips the accumulators are added in pairs, widened to float64, lanes l and l+8 of
// float32 added together, and then the eight lanes folded in halves: l and l+4, l+2, l+1.
//
// A value so passes through at most Run/4 + 7 roundings in T, and all others are in float64,
// which is what keeps float32 sums exact enough at any number of samples.
package kernel

import "unsafe"

// Float is the precision of the data.
type Float interface{ float32 | float64 }

// Line is the number of bytes of a line of a strip, and of the alignment of the data.
const Line = 64

// Run is the greatest number of strips that are summed in T before the sums are widened to
// float64.
const Run = 256

// Lanes returns V, the number of samples of a strip.
func Lanes[T Float]() int {
	var v T
	return Line / int(unsafe.Sizeof(v))
}

// A Set is the kernels of one instruction set for data of one precision. Pointers are to the first of as
// many values as the other arguments say; nothing is written but what is named as written. One call
// should pass over less than a megabyte, since assembly cannot be preempted.
type Set[T Float] struct {
	// Name is that of the instruction set, as DESCENT_SIMD takes it.
	Name string

	// Line is the pass for one feature. With e = w₁·x + (w₀ − d), it sets
	//
	//	sums[0] = Σe,  sums[1] = Σe·x
	//
	// over strips ≥ 1 strips, of which the last counts where mask has ones.
	Line func(sums *[2]float64, data *T, strips int, w *T, mask *Mask)

	// Residuals is the first half of the pass for features ≥ 1 features. It sets, for every sample,
	//
	//	e = (w₀ − d) + w₁·x₁ + … + w_P·x_P,   *sum = Σe
	//
	// with one rounding for each product and sum, from left to right. 1 ≤ strips ≤ Run, and e has
	// V·strips entries; those where mask has zeros are 0.
	Residuals func(e *T, sum *float64, data *T, strips, features int, w *T, mask *Mask)

	// Gradient is the second half: g[j] += Σe·x_j for j < features, x_j being feature j+1. It is as fast as
	// the memory level that data and e lie in, so they should still be in a cache.
	Gradient func(g *float64, data, e *T, strips, features int)

	// Sum returns the sum of as many lines of V values. It is what the bandwidth of the others is held
	// against: no kernel can read faster.
	Sum func(data *T, lines int) float64
}

// A Mask marks the real samples of a strip: all bits of a real sample's value are ones,
// all others zeros.
type Mask [Line]byte

// MaskOf returns the mask of a strip whose first samples are real, 1 ≤ samples ≤ V.
func MaskOf[T Float](samples int) *Mask {
	var v T
	return (*Mask)(ramp[Line-samples*int(unsafe.Sizeof(v)):])
}

// ramp is a line of ones and then one of zeros: each mask is a window of it.
var ramp = func() (r [2 * Line]byte) {
	for i := range Line {
		r[i] = 0xff
	}
	return r
}()
