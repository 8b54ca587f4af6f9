package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

// A memory gives out slices with something around them that shows when it is touched.
type memory interface {
	// place returns n bytes, aligned for any value, of which the first or the last is next to the
	// guard.
	place(t *testing.T, n int) []byte
	// check reports what was written outside of them.
	check(t *testing.T)
}

// nans is a memory with NaN of both precisions around its slices: what is read there spoils a
// result.
type nans struct{ all, inside [][]byte }

func (m *nans) place(t *testing.T, n int) []byte {
	const guard = 2 * 8 * Line
	all := slices.Repeat([]byte{0xff}, guard+n+guard)
	m.all, m.inside = append(m.all, all), append(m.inside, all[guard:][:n])
	return all[guard:][:n:n]
}

func (m *nans) check(t *testing.T) {
	t.Helper()
	for i, all := range m.all {
		guard := (len(all) - len(m.inside[i])) / 2
		for _, b := range append(all[:guard:guard], all[len(all)-guard:]...) {
			if b != 0xff {
				t.Fatalf("slice %d of %d bytes: something was written before or after it", i, len(m.inside[i]))
			}
		}
	}
}

// put copies s to m.
func put[T any](t *testing.T, m memory, s []T) []T {
	b := m.place(t, len(s)*int(unsafe.Sizeof(s[0])))
	c := unsafe.Slice((*T)(unsafe.Pointer(&b[0])), len(s))
	copy(c, s)
	return c
}

func TestNothingElseIsReadOrWritten(t *testing.T) {
	both(t, func(t *testing.T) { testMemory[float64](t, func() memory { return new(nans) }) },
		func(t *testing.T) { testMemory[float32](t, func() memory { return new(nans) }) })
}

// testMemory runs the kernels with all their arguments in guarded memory, and holds their results
// against those in plain memory, and the input against what it was.
func testMemory[T Float](t *testing.T, newMemory func() memory) {
	for _, set := range Sets[T]() {
		r := rand.New(rand.NewPCG(11, 12))
		for _, features := range []int{1, 2, 3, 4, 5, 9} {
			for _, strips := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 17, 64, Run} {
				in := newInput[T](r, kinds[0], strips, features, 1+strips%Lanes[T]())
				want := run(set, in)
				m := newMemory()
				guarded := *in
				guarded.data, guarded.w = put(t, m, in.data), put(t, m, in.w)
				guarded.mask, guarded.groupMask = &put(t, m, []Mask{*in.mask})[0], &put(t, m, []Mask{*in.groupMask})[0]
				out := &output[T]{lanes: put(t, m, in.lanes), sums: put(t, m, want.sums)}
				out.from(set, &guarded)
				if features == 1 { // Line and Sum end with a strip, not with a group
					line, strip := put(t, m, []float64{0, 0}), put(t, m, in.data[:strips*2*Lanes[T]()])
					set.Line((*[2]float64)(line), &strip[0], strips, &guarded.w[0], guarded.mask)
					out.line, out.sum = [2]float64(line), set.Sum(&strip[0], strips*2, 1)
				}
				if d := out.diff(want); d != "" {
					t.Errorf("%s, P=%d, %d strips: %s", set.Name, features, strips, d)
				}
				if !sameBits(guarded.data, in.data) || !sameBits(guarded.w, in.w) || *guarded.mask != *in.mask || *guarded.groupMask != *in.groupMask {
					t.Errorf("%s, P=%d, %d strips: an input was changed", set.Name, features, strips)
				}
				m.check(t)
			}
		}
	}
}

func TestNaNOfARealSampleSpreads(t *testing.T) { both(t, testNaN[float64], testNaN[float32]) }

func testNaN[T Float](t *testing.T) {
	const strips, features = 11, 6
	v, nan := Lanes[T](), T(math.NaN())
	isNaN := func(x float64) bool { return x != x }
	for _, set := range Sets[T]() {
		r := rand.New(rand.NewPCG(13, 14))
		for sample := range strips*v - 3 {
			samples := v - 3
			in := newInput[T](r, kinds[0], strips, 1, samples)
			place := sample/v*2*v + sample%v
			for _, at := range []int{place, place + v} {
				value := in.data[at]
				in.data[at] = nan
				var sums [2]float64
				set.Line(&sums, &in.data[0], strips, &in.w[0], in.mask)
				if !isNaN(sums[0]) || !isNaN(sums[1]) {
					t.Errorf("%s: with a NaN in sample %d Line gives %v", set.Name, sample, sums)
				}
				in.data[at] = value
			}

			// Feature j, or the target, of one sample is NaN, and so is its residual, and every
			// sum.
			in = newInput[T](r, kinds[0], strips, features, samples)
			j := sample % (features + 1)
			in.data[(sample/v*(features+1)+j)*v+sample%v] = nan
			for k, sum := range run(set, in).sums {
				if !isNaN(sum) {
					t.Errorf("%s: with a NaN in feature %d of sample %d sum %d is %v", set.Name, j+1, sample, k, sum)
				}
			}
		}
	}
}

func TestNaNInWSpreadsToEverySum(t *testing.T) { both(t, testNaNInW[float64], testNaNInW[float32]) }

func testNaNInW[T Float](t *testing.T) {
	for _, set := range Sets[T]() {
		for _, features := range []int{1, 2, 5, 8} {
			for j := range features + 1 {
				in := newInput[T](rand.New(rand.NewPCG(15, 16)), kinds[0], 6, features, 1)
				in.w[j] = T(math.NaN())
				out := run(set, in)
				sums := out.sums
				if features == 1 {
					sums = append(sums, out.line[:]...)
				}
				for i, s := range sums {
					if s == s {
						t.Errorf("%s, P=%d: with w[%d] NaN, sum %d is %v", set.Name, features, j, i, s)
					}
				}
			}
		}
	}
}

// The padding is zeros by contract, and moments count on it. Here is what the mask alone is good
// for: a d of any value and an x of any finite one change nothing, and an x that is not finite does
// not reach e.
func TestPaddingDoesNotCount(t *testing.T) { both(t, testPadding[float64], testPadding[float32]) }

func testPadding[T Float](t *testing.T) {
	const strips = 6
	v := Lanes[T]()
	for _, set := range Sets[T]() {
		r := rand.New(rand.NewPCG(17, 18))
		for samples := 1; samples < v; samples++ {
			for _, features := range []int{1, 3} {
				in := newInput[T](r, kinds[0], strips, features, samples)
				want := run(set, in)
				last := in.data[(strips-1)*(features+1)*v:]
				for l := samples; l < v; l++ {
					for j := range features {
						last[j*v+l] = 1e30
					}
					last[features*v+l] = T(math.NaN())
				}
				out := run(set, in)
				if out.sum = want.sum; out.diff(want) != "" {
					t.Errorf("%s, P=%d, %d samples in the last strip: values after them change results: %s", set.Name, features, samples, out.diff(want))
				}
				for l := samples; l < v; l++ {
					last[l] = T(math.Inf(1))
				}
				out = run(set, in)
				if out.sums[0] != want.sums[0] || out.line[0] != want.line[0] {
					t.Errorf("%s, P=%d, %d samples in the last strip: an infinite x after them changes e", set.Name, features, samples)
				}
			}
		}
	}
}
