package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// A reference is the exact answer for an input, Σe and then Σe·x_j for all j, and for each number
// of it how far a kernel may be from it.
type reference struct{ sums, errors []float64 }

// newReference computes in as many bits as it takes, sample by sample.
//
// With u = ulp(1)/2 of T, each of the P+1 roundings of a residual is of a number of at most M =
// |w₀| + |d| + Σ|w_j·x_j| to first order, so e is within (P+1)·u·M. A value of a sum then passes
// through at most Run/4 + 7 roundings in T, and in float64 through runs + 3 of Line's or groups + 4
// of Plane's, each of them at most u times the sum of all |e·x|, where |e| ≤ M. Two in a hundred
// more cover the products of these errors, and what is lost to underflow is less than the least
// positive number for each operation.
func newReference[T Float](in *input[T]) *reference {
	v, p := Lanes[T](), in.features
	u, least := math.Exp2(-53), limitsOf[T]().least
	if v == 16 {
		u = math.Exp2(-24)
	}
	perSum := (Run/4+7)*u + float64(in.groups()+4)*math.Exp2(-53)
	perResidual := float64(p+1) * u
	exact := func(x T) *big.Float { return new(big.Float).SetPrec(2000).SetFloat64(float64(x)) }

	ref := &reference{make([]float64, p+1), make([]float64, p+1)}
	sums := make([]*big.Float, p+1)
	for j := range sums {
		sums[j] = exact(0)
	}
	for i := range in.strips * v {
		if !in.mask.has(i%v*Line/v) && i/v == in.strips-1 {
			continue
		}
		at := in.data[i/v*(p+1)*v+i%v:]
		e, m := exact(in.w[0]), math.Abs(float64(in.w[0]))+math.Abs(float64(at[p*v]))
		e.Sub(e, exact(at[p*v]))
		for j := range p {
			product := exact(in.w[j+1])
			product.Mul(product, exact(at[j*v]))
			e.Add(e, product)
			m += math.Abs(float64(in.w[j+1]) * float64(at[j*v]))
		}
		for j := range sums {
			x := T(1)
			if j > 0 {
				x = at[(j-1)*v]
			}
			term := exact(x)
			sums[j].Add(sums[j], term.Mul(term, e))
			ref.errors[j] += 1.02*(perResidual+perSum)*m*math.Abs(float64(x)) + float64(p+Run)*least
		}
	}
	for j, sum := range sums {
		ref.sums[j], _ = sum.Float64()
	}
	return ref
}

// check holds the results of a set against the reference.
func check[T Float](t rapid.TB, set *Set[T], in *input[T], ref *reference) {
	t.Helper()
	within := func(what string, i int, got, want, bound float64) {
		if !(math.Abs(got-want) <= bound) {
			t.Errorf("%s, P=%d, %d strips: %s %d is %v, not %v: off by %g, more than %g", set.Name, in.features, in.strips, what, i, got, want, got-want, bound)
		}
	}
	if in.features == 1 {
		var sums [2]float64
		set.Line(&sums, &in.data[0], in.strips, &in.w[0], in.mask)
		for j, sum := range sums {
			within("Line's sum", j, sum, ref.sums[j], ref.errors[j])
		}
	}
	lanes, sums := make([]float64, len(in.lanes)), make([]float64, len(ref.sums))
	set.Plane(&lanes[0], &in.data[0], in.groups(), in.features, &in.w[0], in.groupMask)
	set.Fold(&sums[0], &lanes[0], len(sums))
	for j, sum := range sums {
		within("sum", j, sum, ref.sums[j], ref.errors[j])
	}
}

func TestSumsAreWithinTheirBoundOfTheExactOnes(t *testing.T) {
	both(t, testReference[float64], testReference[float32])
}

func testReference[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, features := range []int{1, 2, 7, 33} {
		for _, strips := range []int{1, 2, 5, 12, Run, 4*Run + 3} {
			if strips*features > 2000 {
				continue
			}
			for _, kind := range kinds[:2] {
				in := newInput[T](r, kind, strips, features, 1+strips%Lanes[T]())
				ref := newReference(in)
				for _, set := range Sets[T]() {
					check(t, set, in, ref)
				}
			}
		}
	}
}

// A long sum of float32 numbers of one sign is where a single chain would lose: its error grows
// with N.
func TestFloat32SumsStayExactOverManySamples(t *testing.T) {
	const strips = 1 << 14
	in := newInput[float32](rand.New(rand.NewPCG(9, 10)), kinds[0], strips, 1, 16)
	for i := range in.data {
		in.data[i] = 1 + in.data[i]/8
	}
	in.w[0], in.w[1] = 0, 3
	exact := 0.0 // of e, whose float32 values a float64 sum adds to within 2⁻³⁰
	for s := range strips {
		for l := range 16 {
			at := in.data[s*32+l:]
			exact += float64(fma(in.w[1], at[0], in.w[0]-at[16]))
		}
	}
	for _, set := range Sets[float32]() {
		var sums [2]float64
		set.Line(&sums, &in.data[0], strips, &in.w[0], in.mask)
		// At most Run/4+7 roundings of 2⁻²⁴ each, whatever the number of samples.
		if bound := (Run/4 + 7) * math.Exp2(-24) * exact; !(math.Abs(sums[0]-exact) <= bound) {
			t.Errorf("%s: Σe of %d samples is %v, not %v: off by more than %g", set.Name, 16*strips, sums[0], exact, bound)
		}
	}
}

// Float64 results are those of plain Go; float32 ones may differ where fma rounds twice, so they
// are held against the exact ones.
func TestAnyInput(t *testing.T) { both(t, testAny[float64], testAny[float32]) }

func testAny[T Float](t *testing.T) {
	v := Lanes[T]()
	portable := Portable[T]()
	rapid.Check(t, func(t *rapid.T) {
		strips, features := rapid.IntRange(1, 20).Draw(t, "strips"), rapid.IntRange(1, 9).Draw(t, "P")
		samples := rapid.IntRange(1, v).Draw(t, "samples")
		value := rapid.Float64Range(-1e6, 1e6)
		values := rapid.SliceOfN(value, 1, 40).Draw(t, "values")
		next := 0
		in := newInput[T](rand.New(rand.NewPCG(0, 0)), kind{"drawn", func(*rand.Rand, limits) float64 {
			next++
			return values[next*next%len(values)]
		}}, strips, features, samples)
		ref := newReference(in)
		for _, set := range Sets[T]() {
			check(t, set, in, ref)
			if v == 8 {
				if d := run(set, in).diff(run(portable, in)); d != "" {
					t.Errorf("%s: %s", set.Name, d)
				}
			}
		}
	})
}

func TestSumAddsEveryLine(t *testing.T) { both(t, testSum[float64], testSum[float32]) }

// The accumulators go on from pass to pass, so several passes round differently from one.
func TestPassesOfSumGiveThePortableBits(t *testing.T) {
	both(t, testPasses[float64], testPasses[float32])
}

func testPasses[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for _, kind := range kinds {
		for _, lines := range []int{1, 7, 8, 9, 31} {
			in := newInput[T](r, kind, lines, 1, 1)
			want := Portable[T]().Sum(&in.data[0], lines, 3)
			for _, set := range vectorSets[T]() {
				if got := set.Sum(&in.data[0], lines, 3); !sameBits([]float64{got}, []float64{want}) {
					t.Errorf("%s, %s: Sum of %d lines is %v, not %v", set.Name, kind.name, lines, got, want)
				}
			}
		}
	}
}

func testSum[T Float](t *testing.T) {
	v := Lanes[T]()
	for _, set := range Sets[T]() {
		for lines := 1; lines <= 40; lines++ {
			data := make([]T, lines*v)
			for i := range data {
				data[i] = T(i)
			}
			for passes := 1; passes <= 3; passes++ {
				want := float64(passes*len(data)*(len(data)-1)) / 2 // small integers: no rounding
				if got := set.Sum(&data[0], lines, passes); got != want {
					t.Errorf("%s: Sum of %d lines in %d passes is %v, not %v", set.Name, lines, passes, got, want)
				}
			}
		}
	}
}
