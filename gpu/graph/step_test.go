package graph

import (
	"fmt"
	"math"
	"testing"
)

// descent is the plain loop: w ← w − rate·(2/n)·Xᵀ(Xw − d), x being n×p without ones.
func descent(x, d, w []float64, rate float64, epochs int) {
	n, p := len(d), len(w)-1
	for range epochs {
		grad := make([]float64, p+1)
		for i := range n {
			e := w[0] - d[i]
			for j := range p {
				e += x[i*p+j] * w[j+1]
			}
			grad[0] += e
			for j := range p {
				grad[j+1] += e * x[i*p+j]
			}
		}
		for j := range w {
			w[j] -= rate * 2 / float64(n) * grad[j]
		}
	}
}

func TestBothStepsFollowThePlainLoop(t *testing.T) {
	const rate, epochs = 0.1, 20
	for _, s := range []struct{ n, p int }{{1, 1}, {2, 1}, {33, 1}, {100, 7}, {70_000, 1}, {1000, 64}} {
		t.Run(fmt.Sprintf("N=%d P=%d", s.n, s.p), func(t *testing.T) {
			x, d := random(s.n*s.p, 1), random(s.n, 2)
			want := random(s.p+1, 3)
			start := append([]float64(nil), want...)
			descent(x, d, want, rate, epochs)
			for name, step := range map[string]func(*LeastSquares) (*Plan, error){"by hand": (*LeastSquares).ByHand, "by gradients": (*LeastSquares).ByGradients} {
				plan, err := step(NewLeastSquares(s.n, s.p, Values(x, s.p), Values(d, 1)))
				if err != nil {
					t.Fatal(err)
				}
				e := NewExecutor[float64](plan)
				set(t, e, "w", start...)
				set(t, e, "rate", rate)
				if err := e.Run(epochs); err != nil {
					t.Fatal(err)
				}
				// Every x, d and w is at most 1 in size, so an entry of the gradient is a mean of terms of
				// at most 2(P+2), which each epoch gets wrong by 2⁻⁵³ times the number of roundings: P+1
				// for the residual and, in the plain loop, N for the sum. An epoch adds
				// rate times that to w and does not grow what is there, as I − rate·A shrinks.
				tol := epochs * rate * 2 * float64(s.p+2) * 0x1p-53 * float64(s.n+s.p+8)
				for j, got := range get(t, e, "w", s.p+1) {
					if !(math.Abs(got-want[j]) <= tol) {
						t.Errorf("%s: w[%d] = %.17g, want %.17g ± %.2g", name, j, got, want[j], tol)
					}
				}
			}
		})
	}
}

func TestTheStepByGradientsDoesNotComputeTheCost(t *testing.T) {
	m := NewLeastSquares(10, 1, Values(make([]float64, 10), 1), Values(make([]float64, 10), 1))
	plan, err := m.ByGradients()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range plan.Nodes {
		if n.Name == "mse" || n.Name == "e²" {
			t.Errorf("the step computes %s, which the gradient does not need:\n%v", n.Name, plan)
		}
	}
}

func TestAnImpossibleProblemIsRefused(t *testing.T) {
	none := Values(nil, 1)
	for _, s := range []struct{ n, p int }{{0, 1}, {-1, 1}, {1, -1}, {math.MaxInt, 2}} {
		for _, step := range []func(*LeastSquares) (*Plan, error){(*LeastSquares).ByHand, (*LeastSquares).ByGradients} {
			if _, err := step(NewLeastSquares(s.n, s.p, none, none)); err == nil {
				t.Errorf("N=%d, P=%d: no error", s.n, s.p)
			}
		}
	}
}

func TestTheColumnOfOnesIsPutInFrontInAnyBlocking(t *testing.T) {
	const n, p = 7, 3
	x := random(n*p, 1)
	source := withOnes(Values(x, p), p)
	for rows := 1; rows <= n; rows++ {
		for first := 0; first+rows <= n; first++ {
			dst := make([]float64, rows*(p+1))
			source(dst, first)
			for i := range rows {
				for j := range p + 1 {
					want := 1.0
					if j > 0 {
						want = x[(first+i)*p+j-1]
					}
					if dst[i*(p+1)+j] != want {
						t.Fatalf("%d rows from %d: element %d,%d is %g, want %g", rows, first, i, j, dst[i*(p+1)+j], want)
					}
				}
			}
		}
	}
}
