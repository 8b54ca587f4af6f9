// Package kernel holds the inner loops of package cpu: one pass over the data of a least-squares
// problem, in each instruction set that there is code for.
//
// # Layout
//
// The data lie in strips. A strip holds V = 64/sizeof(T) consecutive rows of data, 8 of float64 or
// 16 of float32, feature by feature and the targets last. So each line of a strip fills a cache
// line, and no lane of a vector is wasted, however few features there are:
//
//	x₁[V] x₂[V] … x_P[V] d[V]
//
// The last strip is filled up with zeros, and strips of zeros follow to make a whole group of four.
// A mask says which rows of a group are real. It hides e: a d in the padding has no effect, nor has
// a finite x. An x in the padding that is not finite spoils Σe·x.
//
// # Order of summation
//
// Every instruction set gives the bits of the Go functions in portable.go, which are the reference
// of all others. Lane l of a sum takes lane l of every strip, in float64 or float32 as the data
// are. Strips are taken in groups of four.
//
// For one feature there are four accumulators of Σe·x, one for each place in the group, so that
// four additions are under way at once. There are two accumulators of Σe, one for each half of the
// group, whose two values are added first. The last strip is in no group. Strips after the last
// whole group are added to the first accumulator, one by one. After at most Run strips the
// accumulators are added in pairs and widened to float64; lanes l and l+8 of float32 are added
// together. Then the eight lanes are folded in halves: l and l+4, l+2, l+1.
//
// For more features the sum of a group's four strips is widened to float64 and added to the lanes
// of the sum. Fold adds up the lanes in the same way.
//
// So a value passes through at most Run/4 + 7 roundings in T. All other roundings are in float64.
// That keeps float32 sums exact enough at any number of rows.
//
// # Where things are
//
//	kernel.go             Set: what each kernel computes, and on which layout
//	moments.go            Moments: the kernels that sum products of columns
//	sets.go               the instruction sets of this processor
//	sets_amd64.go         their tables, with moments_amd64.go; sets_other.go without any
//	portable.go           the kernels in Go; moments_portable.go, and fma.go for one rounding
//	kernels_amd64.s       the kernels in assembly, with stubs in kernels_amd64.go
//	gen                   the generator of these two
package kernel

import "unsafe"

// Float is the precision of the data.
type Float interface{ float32 | float64 }

// Line is the number of bytes of a line of a strip, and of the alignment of the data.
const Line = 64

// Group is the number of strips that are taken together.
const Group = 4

// Run is the greatest number of strips that are summed in T before the sums are widened to float64.
const Run = 256

// MulAddLines is how many lines of values MulAdds works on. So many vectors keep two units busy
// that take five cycles for a multiply-add.
const MulAddLines = 12

// Lanes returns V, the number of rows of a strip.
func Lanes[T Float]() int {
	var v T
	return Line / int(unsafe.Sizeof(v))
}

// A Set is the kernels of one instruction set for data of one precision. A pointer is to the first
// of as many values as the other arguments say. A kernel writes nothing but what is named as
// written. One call should pass over less than a megabyte, because assembly cannot be preempted.
type Set[T Float] struct {
	// Name is that of the instruction set, as DESCENT_SIMD takes it.
	Name string

	// Line is the pass for one feature. With e = w₁·x + (w₀ − d), it sets
	//
	//	sums[0] = Σe,  sums[1] = Σe·x
	//
	// over strips ≥ 1 strips, of which the last counts where the first line of mask has ones.
	Line func(sums *[2]float64, data *T, strips int, w *T, mask *Mask)

	// Plane is the pass for features ≥ 1 features. With
	//
	//	e = (w₀ − d) + w₁·x₁ + … + w_P·x_P
	//
	// with one rounding for each product and sum, from left to right. It goes over groups ≥ 1
	// groups of four strips, and adds Σe to the V lanes sums[0:V], and Σe·x_j to sums[j·V:j·V+V].
	// In the last group those rows count where mask has ones. While it multiplies a group it
	// prefetches the next, so a caller should go on there.
	Plane func(sums *float64, data *T, groups, features int, w *T, mask *Mask)

	// Fold sets totals[i] to the sum of the lanes sums[i·V:i·V+V] for i < n, n ≥ 1.
	Fold func(totals, sums *float64, n int)

	// Sum returns the sum of so many lines of V values in passes ≥ 1 passes, in T to the end. The
	// lines are taken in groups of eight with an accumulator for each place. The bandwidth of the
	// other kernels is held against it: no kernel can read faster.
	Sum func(data *T, lines, passes int) float64

	// MulAdds sets
	//
	//	y ← w₁·y + w₀
	//
	// rounds ≥ 1 times for each of the MulAddLines·V values of y, each time with one rounding. The
	// values depend on nothing but themselves, and stay in registers. The arithmetic of the other
	// kernels is held against it: none can make more multiply-adds in the same time.
	MulAdds func(y *T, rounds int, w *T)

	Moments[T]
}

// A Mask marks the real rows of a group of four strips. All bits of a real row's value are ones,
// and all others zeros.
type Mask [Group * Line]byte

// MaskOf returns the mask of a group whose first rows are real, 1 ≤ rows ≤ Group·V.
func MaskOf[T Float](rows int) *Mask {
	var v T
	return (*Mask)(ramp[len(ramp)/2-rows*int(unsafe.Sizeof(v)):])
}

// ramp is a group of ones and then one of zeros: each mask is a window of it.
var ramp = func() (r [2 * Group * Line]byte) {
	for i := range Group * Line {
		r[i] = 0xff
	}
	return r
}()
