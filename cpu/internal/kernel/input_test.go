package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

// An input is what the kernels of a Set are called with.
type input[T Float] struct {
	data, w          []T
	lanes            []float64 // what Plane adds to
	strips, features int
	mask, groupMask  *Mask // of the last strip, and of the last group
}

// groups returns how many there are, the last filled up with zeros.
func (in *input[T]) groups() int { return (in.strips + Group - 1) / Group }

// An output is all that they give for it.
type output[T Float] struct {
	line  [2]float64 // where features is 1
	lanes []float64  // Plane's
	sums  []float64  // and what Fold makes of them
	sum   float64
}

func newOutput[T Float](in *input[T]) *output[T] {
	return &output[T]{lanes: slices.Clone(in.lanes), sums: make([]float64, in.features+1)}
}

// run calls the kernels. It gives them the input itself, which they must not change.
func run[T Float](set *Set[T], in *input[T]) *output[T] {
	out := newOutput(in)
	out.from(set, in)
	return out
}

// from calls the kernels with the memory of both as it is.
func (o *output[T]) from(set *Set[T], in *input[T]) {
	if in.features == 1 {
		set.Line(&o.line, &in.data[0], in.strips, &in.w[0], in.mask)
	}
	set.Plane(&o.lanes[0], &in.data[0], in.groups(), in.features, &in.w[0], in.groupMask)
	set.Fold(&o.sums[0], &o.lanes[0], in.features+1)
	o.sum = set.Sum(&in.data[0], in.strips*(in.features+1), 1)
}

// diff says what differs from want by a bit, NaN being NaN whatever its payload.
func (o *output[T]) diff(want *output[T]) string {
	switch {
	case !sameBits(o.line[:], want.line[:]):
		return fmt.Sprintf("Line gives %v, not %v", o.line, want.line)
	case !sameBits(o.lanes, want.lanes):
		return fmt.Sprintf("Plane gives %v, not %v", o.lanes, want.lanes)
	case !sameBits(o.sums, want.sums):
		return fmt.Sprintf("Fold gives %v, not %v", o.sums, want.sums)
	case !sameBits([]float64{o.sum}, []float64{want.sum}):
		return fmt.Sprintf("Sum gives %v, not %v", o.sum, want.sum)
	}
	return ""
}

func sameBits[T Float](a, b []T) bool {
	return slices.EqualFunc(a, b, func(a, b T) bool {
		return a == b && math.Signbit(float64(a)) == math.Signbit(float64(b)) || a != a && b != b
	})
}

// A kind is a distribution of values.
type kind struct {
	name  string
	value func(r *rand.Rand, t limits) float64
}

// limits are the least and the greatest positive number of a precision, and one whose fourth power
// is still far from both.
type limits struct{ least, greatest, wide float64 }

func limitsOf[T Float]() limits {
	if Lanes[T]() == 8 {
		return limits{math.SmallestNonzeroFloat64, math.MaxFloat64, 1e12}
	}
	return limits{math.SmallestNonzeroFloat32, math.MaxFloat32, 1e6}
}

var kinds = []kind{
	{"normal", func(r *rand.Rand, t limits) float64 { return r.NormFloat64() }},
	{"mixed magnitudes", func(r *rand.Rand, t limits) float64 {
		return r.NormFloat64() * math.Pow(t.wide, 2*r.Float64()-1)
	}},
	{"signed zeros", func(r *rand.Rand, t limits) float64 {
		return []float64{0, math.Copysign(0, -1), r.NormFloat64()}[r.IntN(3)]
	}},
	{"negative zeros", func(r *rand.Rand, t limits) float64 { return math.Copysign(0, -1) }},
	{"subnormal", func(r *rand.Rand, t limits) float64 {
		return []float64{t.least * float64(r.IntN(2000)-1000), r.NormFloat64()}[r.IntN(2)]
	}},
	{"infinite", func(r *rand.Rand, t limits) float64 {
		if r.IntN(200) == 0 {
			return math.Inf(r.IntN(2)*2 - 1)
		}
		return r.NormFloat64()
	}},
	{"huge", func(r *rand.Rand, t limits) float64 { return t.greatest / 100 * (2*r.Float64() - 1) }},
}

// newInput returns random values whose last strip has samples that are real, and zeros after them,
// up to a whole group. The data start one value past a multiple of Line bytes, where they may be
// but need not.
func newInput[T Float](r *rand.Rand, k kind, strips, features, samples int) *input[T] {
	v, limits := Lanes[T](), limitsOf[T]()
	fill := func(n int) []T {
		s := make([]T, n+2*v)
		skip := -int(uintptr(unsafe.Pointer(&s[0])))&(Line-1)/int(unsafe.Sizeof(s[0])) + 1
		s = s[skip:][:n:n]
		for i := range s {
			s[i] = T(k.value(r, limits))
		}
		return s
	}
	in := &input[T]{
		w: fill(features + 1), lanes: make([]float64, (features+1)*v), strips: strips, features: features,
		mask: MaskOf[T](samples), groupMask: MaskOf[T]((strips-1)%Group*v + samples),
	}
	in.data = fill(in.groups() * Group * (features + 1) * v)
	for l := range in.lanes {
		in.lanes[l] = k.value(r, limits)
	}
	last := in.data[(strips-1)*(features+1)*v:]
	for j := range features + 1 {
		clear(last[j*v+samples:][:v-samples])
	}
	clear(last[(features+1)*v:])
	return in
}

// both runs a test at both precisions.
func both(t *testing.T, f64, f32 func(t *testing.T)) {
	t.Run("f64", f64)
	t.Run("f32", f32)
}
