package graph

import (
	"fmt"
	"math"
	"testing"
)

// descent is the plain loop, x being n×p without ones:
//
//	v ← beta·v + (2/n)·Xᵀ(Xw − d) + 2·lambda·w
//	w ← w − rate·v
func descent(x, d, w []float64, rate, lambda, beta float64, epochs int) {
	n, p := len(d), len(w)-1
	v := make([]float64, len(w))
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
			v[j] = beta*v[j] + 2/float64(n)*grad[j] + 2*lambda*w[j]
			w[j] -= rate * v[j]
		}
	}
}

func TestTheStepsFollowThePlainLoop(t *testing.T) {
	const rate, epochs = 0.1, 20
	for _, s := range []struct{ n, p int }{{1, 1}, {2, 1}, {33, 1}, {100, 7}, {70_000, 1}, {1000, 64}} {
		for _, step := range TrainingSteps {
			t.Run(fmt.Sprintf("%s/N=%d P=%d", step.Name, s.n, s.p), func(t *testing.T) {
				x, d := random(s.n*s.p, 1), random(s.n, 2)
				// Every x, d and w is at most about 1 in size, so an entry of the gradient is a
				// mean of terms of at most 2(P+2), which each epoch gets wrong by 2⁻⁵³ times the
				// number of roundings: P+1 for the residual and, in the plain loop, N for the sum.
				// An epoch adds rate times that to w and does not grow what is there, as I − rate·A
				// shrinks.
				tol := epochs * rate * 2 * float64(s.p+2) * 0x1p-53 * float64(s.n+s.p+8)
				var lambda, beta float64
				switch step.Name {
				case "ridge":
					lambda = 0.1
				case "momentum":
					// With momentum an error of the gradient moves w for longer: k epochs later by
					// at most k times rate times itself, while both roots of z² − (1+beta−rate·a)z
					// + beta are within the unit circle.
					beta = 0.9
					tol *= epochs
				}
				want := random(s.p+1, 3)
				start := append([]float64(nil), want...)
				descent(x, d, want, rate, lambda, beta, epochs)
				plan, err := step.Compile(NewLeastSquares(s.n, s.p, Values(x, s.p), Values(d, 1)))
				if err != nil {
					t.Fatal(err)
				}
				for _, plan := range []*Plan{plan, plan.Optimize().Plan} {
					e := NewExecutor[float64](plan)
					set(t, e, "w", start...)
					set(t, e, "rate", rate)
					if err := e.Run(epochs); err != nil {
						t.Fatal(err)
					}
					for j, got := range get(t, e, "w", s.p+1) {
						if !(math.Abs(got-want[j]) <= tol) {
							t.Errorf("w[%d] = %.17g, want %.17g ± %.2g, by\n%v", j, got, want[j], tol, plan)
						}
					}
				}
			})
		}
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
		for _, step := range TrainingSteps {
			if _, err := step.Compile(NewLeastSquares(s.n, s.p, none, none)); err == nil {
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
