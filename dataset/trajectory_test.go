package dataset

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"
)

// descendExactly runs gradient descent epoch by epoch in 400-bit arithmetic. peak is the largest
// weight on the way: near 2/λmax the path swings far out and back.
func descendExactly(p *Problem, w0 []float64, rate float64, epochs int) (wk []float64, peak float64) {
	number := func(x float64) *big.Float { return new(big.Float).SetPrec(400).SetFloat64(x) }
	step := number(2 * rate)
	step.Quo(step, number(float64(p.N)))
	w := make([]*big.Float, len(w0))
	for j := range w {
		w[j] = number(w0[j])
	}
	wk = slices.Clone(w0)
	for range epochs {
		gradient := make([]*big.Float, len(w))
		for j := range gradient {
			gradient[j] = number(0)
		}
		for i := range p.N {
			row := append([]float64{1}, p.Row(i)...)
			e := number(-p.D[i])
			for j, x := range row {
				e.Add(e, number(0).Mul(number(x), w[j]))
			}
			for j, x := range row {
				gradient[j].Add(gradient[j], number(0).Mul(number(x), e))
			}
		}
		for j := range w {
			w[j].Sub(w[j], gradient[j].Mul(gradient[j], step))
			wk[j], _ = w[j].Float64()
			peak = max(peak, math.Abs(wk[j]))
		}
	}
	return wk, peak
}

func trajectory(t testing.TB, p *Problem, prec Precision) *Trajectory {
	t.Helper()
	tr, err := NewTrajectory(p, prec)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// optimum returns the least-squares solution w*. If there are several, it is the solution of
// least norm.
func optimum(t *Trajectory) []float64 {
	w := make([]float64, len(t.v))
	for i, sigma := range t.sigma {
		if sigma > 0 {
			floats.AddScaled(w, t.beta[i]/sigma, t.v[i])
		}
	}
	return w
}

// differ returns the largest difference in any entry, in units of the largest number passed in.
func differ(got, want []float64, others ...float64) float64 {
	inf := math.Inf(1)
	return floats.Distance(got, want, inf) / max(floats.Norm(got, inf), floats.Norm(want, inf), floats.Norm(others, inf))
}

var hardProblems = map[string]*Problem{
	"one row":                problem([]float64{2}),
	"one row at zero":        problem([]float64{0}),
	"two rows":               problem([]float64{0, 2}),
	"three features":         random(8, 3, 1),
	"constant feature":       problem([]float64{1, 2, 4, 8}, []float64{3, 3, 3, 3}),
	"duplicate feature":      problem([]float64{1, 2, 4, 8}, []float64{1, 0, 1, 5}, []float64{1, 2, 4, 8}),
	"fewer rows":             random(3, 5, 2),
	"badly scaled":           problem([]float64{1e6, 2e6, -1e6, 3e6}, []float64{1e-6, 0, -2e-6, 5e-6}),
	"offset":                 problem([]float64{1000.1, 1000.5, 1000.2, 999.9}),
	"offset and fewer still": problem([]float64{1e6}, []float64{1e6 + 1}),
}

func TestTrajectoryAgreesWithExactDescent(t *testing.T) {
	for name, p := range hardProblems {
		tr := trajectory(t, p, Float64)
		r := rand.New(rand.NewPCG(4, 2))
		for _, part := range []float64{1e-3, 0.3, 0.5, 0.9, 0.999999} {
			for _, start := range []float64{0, 10} {
				w0 := make([]float64, p.P+1)
				for j := range w0 {
					w0[j] = start * r.NormFloat64()
				}
				for _, epochs := range []int{0, 1, 2, 3, 60, 61} {
					rate := part * tr.MaxRate()
					got := tr.At(w0, rate, epochs)
					want, peak := descendExactly(p, w0, rate, epochs)
					// λmax has an error of a few u. 61 epochs near 2/λmax multiply it by 61.
					if d := differ(got, want, start, peak); !(d <= 1e-13) && !slices.Equal(got, want) {
						t.Errorf("%s: rate %g of the limit, w0 %v: w after %d epochs %v, want %v: off by %g", name, part, w0, epochs, got, want, d)
					}
				}
			}
		}
	}
}

func TestTrajectoryAgreesWithExactDescentOnAnyProblem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, features := rapid.IntRange(1, 7).Draw(t, "N"), rapid.IntRange(1, 4).Draw(t, "P")
		value := rapid.Float64Range(-100, 100)
		p := &Problem{N: n, P: features,
			X: rapid.SliceOfN(value, n*features, n*features).Draw(t, "X"),
			D: rapid.SliceOfN(value, n, n).Draw(t, "D"),
		}
		w0 := rapid.SliceOfN(value, features+1, features+1).Draw(t, "w0")
		tr, err := NewTrajectory(p, Float64)
		if err != nil {
			t.Fatal(err)
		}
		rate := tr.MaxRate() * rapid.Float64Range(1e-9, 0.9999).Draw(t, "part")
		epochs := rapid.IntRange(0, 40).Draw(t, "epochs")
		want, peak := descendExactly(p, w0, rate, epochs)
		// step is the size of one step before its terms cancel. Rounding is relative to it too.
		step := rate * 2 / float64(n) * tr.normX * tr.normD
		if d := differ(tr.At(w0, rate, epochs), want, peak, step, 1e-300); !(d <= 1e-12) {
			t.Fatalf("w after %d epochs is off by %g", epochs, d)
		}
	})
}

func TestManyEpochsAgreeWithAPlainLoop(t *testing.T) {
	p := random(501, 2, 7)
	tr := trajectory(t, p, Float64)
	rate := tr.MaxRate() / 3
	w := []float64{1, -2, 3}
	for range 20_000 {
		gradient := make([]float64, 3)
		for i := range p.N {
			e := predict(p, w, i) - p.D[i]
			floats.AddScaled(gradient, 2*e/float64(p.N), append([]float64{1}, p.Row(i)...))
		}
		floats.AddScaled(w, -rate, gradient)
	}
	// A sum has 501 roundings, and the condition number is 300.
	if d := differ(tr.At([]float64{1, -2, 3}, rate, 20_000), w); !(d <= 1e-11) {
		t.Errorf("off by %g", d)
	}
}

func TestEndlessDescentReachesTheLeastSquaresSolution(t *testing.T) {
	p := random(1000, 4, 3)
	want, err := OLS(p)
	if err != nil {
		t.Fatal(err)
	}
	tr := trajectory(t, p, Float64)
	if d := differ(optimum(tr), want); !(d <= 1e-12) {
		t.Errorf("optimum %v, least squares %v", optimum(tr), want)
	}
	for _, part := range []float64{0.1, 0.5, 0.9} {
		for _, epochs := range []int{1 << 30, math.MaxInt - 1, math.MaxInt} {
			if d := differ(tr.At(make([]float64, 5), part*tr.MaxRate(), epochs), want); !(d <= 1e-12) {
				t.Errorf("rate %g of the limit, %d epochs: off by %g", part, epochs, d)
			}
		}
	}
}

func TestTheGradientShrinksAsTheClosedFormSays(t *testing.T) {
	p := random(500, 3, 7)
	tr := trajectory(t, p, Float64)
	w0 := make([]float64, p.P+1)
	for _, rate := range []float64{tr.MaxRate() / 2, 0.9 * tr.MaxRate()} {
		for _, epochs := range []int{0, 1, 2, 7, 100, 1000} {
			want := p.Residuals(tr.At(w0, rate, epochs)).GradientNorm / p.Residuals(w0).GradientNorm
			// The residuals of At have the rounding of a gradient: some u of its start, times
			// the condition number of about 1000.
			if got := tr.GradientShare(rate, epochs); !(math.Abs(got-want) <= 1e-12) {
				t.Errorf("rate %g, %d epochs: %g, by the residuals %g", rate, epochs, got, want)
			}
		}
	}
	if got := trajectory(t, &Problem{X: []float64{1, 2}, D: []float64{0, 0}, N: 2, P: 1}, Float64).GradientShare(0.1, 5); got != 0 {
		t.Errorf("%g for a problem that the start solves", got)
	}
}

func TestNullDirectionsKeepTheirStart(t *testing.T) {
	// Both features are alike, so only w₁+w₂ is determined: d = 1 + 4x.
	x := []float64{0, 1, 2, 5}
	p := problem(x, x)
	for i := range p.D {
		p.D[i] = 1 + 4*x[i]
	}
	tr := trajectory(t, p, Float64)
	if d := differ(optimum(tr), []float64{1, 2, 2}); !(d <= 1e-14) {
		t.Errorf("optimum %v, want the one of least norm, 1 2 2", optimum(tr))
	}
	if lambda := tr.Eigenvalues(); lambda[2] != 0 {
		t.Errorf("eigenvalues %v of a singular problem", lambda)
	}
	got := tr.At([]float64{0, 10, 4}, tr.MaxRate()/2, math.MaxInt)
	if d := differ(got, []float64{1, 5, -1}); !(d <= 1e-14) { // w₁−w₂ is still 6
		t.Errorf("w = %v, want 1 5 -1", got)
	}
}

func TestRoundingOfADependentFeatureIsNotAnEigenvalue(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	columns := make([][]float64, 3)
	for range 5000 {
		a, b := r.NormFloat64(), 1e3*r.NormFloat64()
		for j, x := range []float64{a, b, 0.1*a + 0.3*b + 0.7} {
			columns[j] = append(columns[j], x)
		}
	}
	tr := trajectory(t, problem(columns...), Float64)
	if lambda := tr.Eigenvalues(); lambda[2] == 0 || lambda[3] != 0 {
		t.Errorf("eigenvalues %g, want the last alone to be 0", lambda)
	}
	if d := differ(tr.At(make([]float64, 4), tr.MaxRate()/2, math.MaxInt), optimum(tr)); !(d <= 1e-12) {
		t.Errorf("endless descent is off the solution of least norm by %g", d)
	}
}

func TestEigenvaluesAreThoseOfTheHessian(t *testing.T) {
	// x = −1, 1: A = (2/2)·diag(2, 2).  x = 0, 2: A = [2 2; 2 4], λ = 3 ± √5.
	for _, test := range []struct {
		x    []float64
		want []float64
	}{{[]float64{-1, 1}, []float64{2, 2}}, {[]float64{0, 2}, []float64{3 + math.Sqrt(5), 3 - math.Sqrt(5)}}} {
		tr := trajectory(t, problem(test.x), Float64)
		if d := differ(tr.Eigenvalues(), test.want); !(d <= 1e-15) {
			t.Errorf("x = %v: eigenvalues %v, want %v", test.x, tr.Eigenvalues(), test.want)
		}
		if got, want := tr.MaxRate(), 2/test.want[0]; !(math.Abs(got-want) <= 1e-15) {
			t.Errorf("x = %v: greatest rate %g, want %g", test.x, got, want)
		}

	}
}

func TestFloat32TrajectoryStartsFromTheRoundedData(t *testing.T) {
	p := random(3000, 3, 11)
	rounded := &Problem{X: slices.Clone(p.X), D: slices.Clone(p.D), N: p.N, P: p.P}
	for _, values := range [][]float64{rounded.X, rounded.D} {
		for i, x := range values {
			values[i] = float64(float32(x))
		}
	}
	before := fingerprint(p)
	a, b := trajectory(t, p, Float32), trajectory(t, rounded, Float64)
	w0 := make([]float64, 4)
	if !sameBits(a.At(w0, 0.01, 100), b.At(w0, 0.01, 100)) {
		t.Error("rounding inside and outside give different bits")
	}
	if sameBits(a.At(w0, 0.01, 100), trajectory(t, p, Float64).At(w0, 0.01, 100)) {
		t.Error("rounding the data changed nothing")
	}
	if fingerprint(p) != before {
		t.Error("the problem was changed")
	}
}

func TestTrajectoryHasTheSameBitsOnAnyNumberOfCores(t *testing.T) {
	p := random(100_001, 5, 6)
	w0 := make([]float64, 6)
	hasTheSameBitsOnCores(t, func() []float64 { return trajectory(t, p, Float32).At(w0, 1e-3, 1000) })
}

func TestMaxRateDividesConvergenceFromDivergence(t *testing.T) {
	tr := trajectory(t, random(100, 2, 8), Float64)
	w0 := []float64{1, 1, 1}
	start := floats.Distance(w0, optimum(tr), 2)
	for part, converges := range map[float64]bool{0.5: true, 0.999: true, 1.001: false, 2: false} {
		for _, epochs := range []int{100_000, 100_001} {
			left := floats.Distance(tr.At(w0, part*tr.MaxRate(), epochs), optimum(tr), 2)
			if (left < 1e-6*start) != converges {
				t.Errorf("rate %g of the limit: distance %g after %d epochs, %g at the start", part, left, epochs, start)
			}
		}
	}
}

func TestCheckRateRefusesAndSuggestsARateThatPasses(t *testing.T) {
	for name, p := range hardProblems {
		tr := trajectory(t, p, Float64)
		limit := tr.MaxRate()
		for _, rate := range []float64{math.Nextafter(limit, 0), limit / 2, math.SmallestNonzeroFloat64} {
			if err := tr.CheckRate(rate); err != nil {
				t.Errorf("%s: rate %g: %v", name, rate, err)
			}
		}
		for _, rate := range []float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1), limit, 1.5 * limit} {
			err := tr.CheckRate(rate)
			if err == nil {
				t.Errorf("%s: rate %g: no error", name, rate)
				continue
			}
			_, text, _ := strings.Cut(err.Error(), "this problem allows up to ")
			suggested, parseErr := strconv.ParseFloat(text, 64)
			if parseErr != nil || !(suggested > 0.998*limit) || tr.CheckRate(suggested) != nil {
				t.Errorf("%s: rate %g, of %g at most: %v", name, rate, limit, err)
			}
		}
	}
}

func TestSuggestedRateIsJustBelowTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := math.Pow(10, rapid.Float64Range(-300, 0).Draw(t, "log10"))
		if y := roundDown(x); !(y < x) || !(y > 0.998*x) {
			t.Fatalf("roundDown(%g) = %g", x, y)
		}
		if x > 1e-30 {
			if y := roundDown(x); !(float64(float32(y)) < x) {
				t.Fatalf("roundDown(%g) = %g, which is not below it in f32", x, y)
			}
		}
	})
}

func BenchmarkNewTrajectory(b *testing.B) {
	for _, size := range []struct{ n, p int }{{10_000, 1}, {1_000_000, 1}, {100_000, 64}} {
		for _, prec := range []Precision{Float64, Float32} {
			b.Run(fmt.Sprintf("n=%d/p=%d/%s", size.n, size.p, prec), func(b *testing.B) {
				p := random(size.n, size.p, 1)
				b.SetBytes(int64(8 * size.n * (size.p + 1)))
				for b.Loop() {
					trajectory(b, p, prec)
				}
			})
		}
	}
}
