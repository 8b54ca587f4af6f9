package graph

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// random returns n values in [−1, 1), the same for a seed.
func random(n int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 0))
	v := make([]float64, n)
	for i := range v {
		v[i] = 2*r.Float64() - 1
	}
	return v
}

func TestMatMulLosesNoMoreThanABlockOfRoundings(t *testing.T) {
	for _, s := range []struct{ m, n, k int }{{1, 1, 1}, {2, 3, 1}, {1, 1, 31}, {3, 2, 32}, {2, 2, 33}, {7, 5, 1000}, {1, 2, 1_000_000}} {
		t.Run(fmt.Sprintf("%dx%dx%d", s.m, s.n, s.k), func(t *testing.T) {
			a, b := random(s.m*s.k, 1), random(s.k*s.n, 2)
			a32, b32, c32, c := make([]float32, len(a)), make([]float32, len(b)), make([]float32, s.m*s.n), make([]float64, s.m*s.n)
			convert(a32, a)
			convert(b32, b)
			convert(a, a32) // so that both products are of the same numbers
			convert(b, b32)
			matMul(c, a, b, s.k)
			matMul(c32, a32, b32, s.k)
			for i := range s.m {
				for j := range s.n {
					var want, size float64
					for l := range s.k {
						p := a[i*s.k+l] * b[l*s.n+j]
						want += p
						size += math.Abs(p)
					}
					// A product takes part in its own rounding, at most block more, and a few of
					// the compensated total; the plain loop it is held against in as many as k.
					got := c[i*s.n+j]
					if tol := size * 0x1p-53 * float64(block+4+s.k); !(math.Abs(got-want) <= tol) {
						t.Errorf("c[%d,%d] = %g, want %g ± %g", i, j, got, want, tol)
					}
					got32 := float64(c32[i*s.n+j])
					if tol := size * 0x1p-24 * (block + 4); !(math.Abs(got32-want) <= tol) {
						t.Errorf("float32: c[%d,%d] = %g, want %g ± %g", i, j, got32, want, tol)
					}
				}
			}
		})
	}
}

func TestReduceMeanKeepsSmallTermsBesideALargeSum(t *testing.T) {
	// 2²⁵ ones: a plain float32 sum stops growing at 2²⁴.
	a := make([]float32, 1<<25)
	for i := range a {
		a[i] = 1
	}
	if got := reduceMean(a, 1.0/(1<<25)); got != 1 {
		t.Errorf("the mean of ones is %g", got)
	}
}

func TestOperationsComputeTheirFormulas(t *testing.T) {
	var g Graph
	a := g.Constant("a", Shape{2, 3}, []float64{1, 2, 3, 4, 5, 6})
	b := g.Constant("b", Shape{2, 3}, []float64{6, 5, 4, 3, 2, 1})
	s := g.Constant("s", Scalar, []float64{10})
	for _, tt := range []struct {
		node *Node
		want []float64
	}{
		{g.Sub("", a, b), []float64{-5, -3, -1, 1, 3, 5}},
		{g.Add("", a, b), []float64{7, 7, 7, 7, 7, 7}},
		{g.Mul("", a, b), []float64{6, 10, 12, 12, 10, 6}},
		{g.Sub("", s, a), []float64{9, 8, 7, 6, 5, 4}},
		{g.Sub("", a, s), []float64{-9, -8, -7, -6, -5, -4}},
		{g.Add("", s, s), []float64{20}},
		{g.Mul("", s, a), []float64{10, 20, 30, 40, 50, 60}},
		{g.Scale("", a, -0.5), []float64{-0.5, -1, -1.5, -2, -2.5, -3}},
		{g.Square("", b), []float64{36, 25, 16, 9, 4, 1}},
		{g.Transpose("", a), []float64{1, 4, 2, 5, 3, 6}},
		{g.ReduceMean("", a), []float64{3.5}},
		{g.MatMul("", a, g.Transpose("", b)), []float64{28, 10, 73, 28}},
	} {
		plan, err := g.Compile(tt.node)
		if err != nil {
			t.Fatal(err)
		}
		x := NewExecutor[float32](plan)
		if err := x.Run(1); err != nil {
			t.Fatal(err)
		}
		for i, got := range get(t, x, tt.node.Name, len(tt.want)) {
			if got != tt.want[i] { // small integers and halves: exact
				t.Errorf("%v of %s: element %d is %g, want %g", tt.node.Op, shapes(tt.node.Inputs), i, got, tt.want[i])
			}
		}
	}
}

func TestSetAndGetSayWhatIsWrong(t *testing.T) {
	var g Graph
	v := g.Variable("v", Shape{2, 1})
	g.Variable("unused", Scalar)
	plan, err := g.Compile(g.Square("q", v))
	if err != nil {
		t.Fatal(err)
	}
	x := NewExecutor[float64](plan)
	for _, tt := range []struct {
		err  error
		want string
	}{
		{x.Set("v", make([]float64, 3)), `node "v": Variable 2×1 holds 2 values, not 3`},
		{x.Get("q", make([]float64, 1)), `node "q": Square 2×1 holds 2 values, not 1`},
		{x.Set("q", make([]float64, 2)), `node "q": a Square has no values to set`},
		{x.Get("unused", make([]float64, 1)), `node "unused": not in the plan`},
		{x.Run(-1), `graph: -1 steps`},
	} {
		if tt.err == nil || tt.err.Error() != tt.want {
			t.Errorf("got %v, want %s", tt.err, tt.want)
		}
	}
}

func TestAStepAllocatesNothing(t *testing.T) {
	plan, err := NewLeastSquares(100, 3, Values(random(300, 1), 3), Values(random(100, 2), 1)).ByHand()
	if err != nil {
		t.Fatal(err)
	}
	for _, plan := range []*Plan{plan, plan.Optimize().Plan} {
		x := NewExecutor[float64](plan)
		if n := testing.AllocsPerRun(10, func() { x.Run(3) }); n != 0 {
			t.Errorf("%g allocations in\n%v", n, plan)
		}
	}
}
