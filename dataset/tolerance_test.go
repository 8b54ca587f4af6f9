package dataset

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// A descent32 is a small float32 contender: it holds every value as a float32.
type descent32 func(x [][]float32, d []float32, w []float32, rate float32, epochs int)

// treeSum adds runs of up to 64 terms one by one, and the runs in pairs. A term passes through at
// most 64 + log₂(N/64) roundings.
func treeSum(n int, term func(i int) float32) float32 {
	if n <= 64 {
		sum := float32(0)
		for i := range n {
			sum += term(i)
		}
		return sum
	}
	half := n / 2
	return treeSum(half, term) + treeSum(n-half, func(i int) float32 { return term(half + i) })
}

// wideSum adds up in float64 and rounds once.
func wideSum(n int, term func(i int) float32) float32 {
	sum := 0.0
	for i := range n {
		sum += float64(term(i))
	}
	return float32(sum)
}

func dot32(a, b []float32) float32 {
	sum := float32(0)
	for j := range a {
		sum += a[j] * b[j]
	}
	return sum
}

// residualFirst computes the update from its formula: e = Xw − d, then Xᵀe.
func residualFirst(sum func(int, func(int) float32) float32) descent32 {
	return func(x [][]float32, d []float32, w []float32, rate float32, epochs int) {
		e := make([]float32, len(d))
		gradient := make([]float32, len(w))
		scale := 2 / float32(len(d))
		for range epochs {
			for i, row := range x {
				e[i] = dot32(row, w) - d[i]
			}
			for j := range w {
				gradient[j] = sum(len(x), func(i int) float32 { return x[i][j] * e[i] })
			}
			for j := range w {
				w[j] -= rate * (scale * gradient[j])
			}
		}
	}
}

// gramFirst computes the update from XᵀX and Xᵀd. No step of it forms a residual.
func gramFirst(x [][]float32, d []float32, w []float32, rate float32, epochs int) {
	gram, moment := make([][]float32, len(w)), make([]float32, len(w))
	for j := range w {
		for k := range w {
			gram[j] = append(gram[j], treeSum(len(x), func(i int) float32 { return x[i][j] * x[i][k] }))
		}
		moment[j] = treeSum(len(x), func(i int) float32 { return x[i][j] * d[i] })
	}
	step := make([]float32, len(w))
	for range epochs {
		for j := range w {
			step[j] = rate * (2 / float32(len(d))) * (dot32(gram[j], w) - moment[j])
		}
		for j := range w {
			w[j] -= step[j]
		}
	}
}

// run32 runs a float32 contender on p and returns its weights.
func run32(p *Problem, descend descent32, w0 []float64, rate float64, epochs int) []float64 {
	narrow := func(values []float64) (out []float32) {
		for _, v := range values {
			out = append(out, float32(v))
		}
		return out
	}
	var x [][]float32
	for i := range p.N {
		x = append(x, append([]float32{1}, narrow(p.Row(i))...))
	}
	w := narrow(w0)
	descend(x, narrow(p.D), w, float32(rate), epochs)
	out := make([]float64, len(w))
	for j := range w {
		out[j] = float64(w[j])
	}
	return out
}

func article(t testing.TB) *Problem {
	return generate(t, Spec{N: 10_000, P: 1, Noise: 0.1, Weights: []float64{3, 2}, Seed: 1})
}

func TestFloat32ContendersStayWithinTheTolerance(t *testing.T) {
	offset := random(257, 2, 5)
	for i := range offset.X {
		offset.X[i] = 1e3 + 0.1*offset.X[i]
	}
	scaled := random(100, 2, 6)
	for i := range scaled.N {
		scaled.Row(i)[0] *= 1e3
		scaled.Row(i)[1] *= 1e-3
	}
	problems := map[string]*Problem{
		"N=1": random(1, 1, 1), "N=2": random(2, 1, 2), "N=257": random(257, 3, 3),
		"N=5000":       random(5000, 2, 4),
		"standardised": generate(t, Spec{N: 1000, P: 16, Noise: 0.1, Weights: DefaultWeights(16), Seed: 1}),
		"offset":       offset, "badly scaled": scaled,
		"fewer rows": random(3, 7, 9),
	}
	contenders := map[string]descent32{
		"tree sums": residualFirst(treeSum), "f64 sums": residualFirst(wideSum), "gram": gramFirst,
	}
	for name, p := range problems {
		tr := trajectory(t, p, Float32)
		for _, part := range []float64{0.01, 0.4, 0.97} {
			for _, epochs := range []int{0, 1, 200} {
				w0 := slices.Repeat([]float64{0.1}, p.P+1)
				rate := part * tr.MaxRate()
				for contender, descend := range contenders {
					w := run32(p, descend, w0, rate, epochs)
					if _, err := tr.Check(w0, w, rate, epochs); err != nil {
						t.Errorf("%s, %s, rate %g of the limit, %d epochs: %v", name, contender, part, epochs, err)
					}
				}
			}
		}
	}
}

// A step of less than half a unit in the last place is lost. Here every step is.
func TestADescentThatStandsStillInFloat32IsWithinTheTolerance(t *testing.T) {
	p := &Problem{X: []float64{0}, D: []float64{2}, N: 1, P: 1}
	tr := trajectory(t, p, Float32)
	w0 := []float64{1, 1}
	const epochs = 100_000
	rate := 0x1p-26 // so the step is 2·rate·(2−1), a quarter of the spacing above 1
	w := run32(p, residualFirst(treeSum), w0, rate, epochs)
	if !slices.Equal(w, w0) {
		t.Fatalf("w moved to %v", w)
	}
	if maxErr, err := tr.Check(w0, w, rate, epochs); !(maxErr > 0.002) || err != nil {
		t.Errorf("off by %g: %v", maxErr, err)
	}
}

func TestArticleToleranceInFloat32IsAThousandth(t *testing.T) {
	p := article(t)
	tr := trajectory(t, p, Float32)
	w0 := []float64{0, 0}
	tol := tr.Tolerance(w0, 0.001, 10_000)
	if !(tol > 0.5e-3 && tol < 2e-3) {
		t.Errorf("tolerance %g, want about 1e-3", tol)
	}
	const epochs = 2000 // of the 10,000: enough for the slow direction to count
	for name, sum := range map[string]func(int, func(int) float32) float32{"tree": treeSum, "f64": wideSum} {
		maxErr, err := tr.Check(w0, run32(p, residualFirst(sum), w0, 0.001, epochs), 0.001, epochs)
		if err != nil {
			t.Errorf("%s sums: %v", name, err)
		}
		if maxErr == 0 {
			t.Errorf("%s sums: no error at all in f32", name)
		}
	}
}

func TestFloat64ToleranceIsTightOnTheArticlesProblem(t *testing.T) {
	tr := trajectory(t, article(t), Float64)
	w0 := []float64{0, 0}
	if tol, w := tr.Tolerance(w0, 0.001, 10_000), tr.At(w0, 0.001, 10_000); tol != 1e-9*w[0] {
		t.Errorf("tolerance %g, want 1e-9 of the largest weight %g", tol, w[0])
	}
	for name, w := range map[string][]float64{
		"one epoch too few":  tr.At(w0, 0.001, 9_999),
		"one epoch too many": tr.At(w0, 0.001, 10_001),
		"another rate":       tr.At(w0, 0.0010001, 10_000),
	} {
		if _, err := tr.Check(w0, w, 0.001, 10_000); err == nil {
			t.Errorf("%s passes", name)
		}
	}
	w := []float64{0, 0} // of a plain loop with running sums
	p := article(t)
	for range 100 {
		var g0, g1 float64
		for i, x := range p.X {
			e := w[0] + w[1]*x - p.D[i]
			g0 += e
			g1 += e * x
		}
		w[0] -= 0.001 * 2 / float64(p.N) * g0
		w[1] -= 0.001 * 2 / float64(p.N) * g1
	}
	if _, err := tr.Check(w0, w, 0.001, 100); err != nil {
		t.Errorf("a plain loop: %v", err)
	}
	if _, err := tr.Check(w0, run32(p, residualFirst(wideSum), w0, 0.001, 100), 0.001, 100); err == nil {
		t.Error("a float32 answer passes")
	}
}

// The oracle's own rounding has to fit into the tolerance too, also on problems with a tolerance
// above 1e-9.
func TestExactDescentStaysWithinTheFloat64Tolerance(t *testing.T) {
	for name, p := range hardProblems {
		tr := trajectory(t, p, Float64)
		w0 := slices.Repeat([]float64{0.5}, p.P+1)
		for _, part := range []float64{0.01, 0.999999} {
			rate := part * tr.MaxRate()
			w, _ := descendExactly(p, w0, rate, 300)
			if _, err := tr.Check(w0, w, rate, 300); err != nil {
				t.Errorf("%s: rate %g of the limit: %v", name, part, err)
			}
		}
	}
}

func TestToleranceIsFinitePositiveAndGrowsWithEpochs(t *testing.T) {
	for name, p := range hardProblems {
		for _, prec := range []Precision{Float64, Float32} {
			tr := trajectory(t, p, prec)
			w0 := slices.Repeat([]float64{1}, p.P+1)
			last := 0.0
			for _, epochs := range []int{0, 1, 10, 1000, math.MaxInt} {
				tol := tr.Tolerance(w0, tr.MaxRate()/2, epochs)
				if !(tol > 0) || math.IsInf(tol, 0) || (prec == Float32 && tol < last) {
					t.Errorf("%s %s: tolerance %g after %d epochs, %g before", name, prec, tol, epochs, last)
				}
				last = tol
			}
		}
	}
}

func TestCheckComparesEveryEntry(t *testing.T) {
	for _, prec := range []Precision{Float64, Float32} {
		p := random(50, 3, 2)
		tr := trajectory(t, p, prec)
		w0 := []float64{1, 2, 3, 4}
		rate := tr.MaxRate() / 4
		want, tol := tr.At(w0, rate, 100), tr.Tolerance(w0, rate, 100)
		if maxErr, err := tr.Check(w0, want, rate, 100); maxErr != 0 || err != nil {
			t.Errorf("%s: the exact w: %g, %v", prec, maxErr, err)
		}
		for j := range want {
			for _, test := range []struct {
				value float64
				ok    bool
			}{
				{want[j] + 0.9*tol, true}, {want[j] - 0.9*tol, true},
				{want[j] + 1.1*tol, false}, {want[j] - 1.1*tol, false},
				{math.NaN(), false}, {math.Inf(1), false}, {math.Inf(-1), false},
			} {
				w := slices.Clone(want)
				w[j] = test.value
				maxErr, err := tr.Check(w0, w, rate, 100)
				if (err == nil) != test.ok {
					t.Errorf("%s: w[%d] = %g, exactly %g ± %g: error %v", prec, j, w[j], want[j], tol, err)
				}
				if diff := math.Abs(w[j] - want[j]); maxErr != diff && !(math.IsNaN(maxErr) && math.IsNaN(diff)) {
					t.Errorf("%s: greatest error %g, want %g", prec, maxErr, diff)
				}
				if err != nil && !strings.Contains(err.Error(), "w["+string(rune('0'+j))+"]") {
					t.Errorf("%s: %q does not name w[%d]", prec, err, j)
				}
			}
		}
	}
}

func TestCheckKeepsANaNBesideOtherErrors(t *testing.T) {
	tr := trajectory(t, random(50, 2, 2), Float64)
	w0 := []float64{0, 0, 0}
	for j := range w0 {
		w := []float64{1e9, -1e9, math.Inf(1)}
		w[j] = math.NaN()
		if maxErr, err := tr.Check(w0, w, 0.01, 5); !math.IsNaN(maxErr) || err == nil || !strings.Contains(err.Error(), "NaN") {
			t.Errorf("w = %v: %g, %v", w, maxErr, err)
		}
	}
}

func TestCheckRefusesAWrongLength(t *testing.T) {
	tr := trajectory(t, random(50, 2, 2), Float64)
	right := []float64{0, 0, 0}
	for _, wrong := range [][]float64{nil, {0}, {0, 0}, {0, 0, 0, 0}} {
		if _, err := tr.Check(right, wrong, 0.01, 5); err == nil {
			t.Errorf("w of length %d passes", len(wrong))
		}
		if _, err := tr.Check(wrong, right, 0.01, 5); err == nil {
			t.Errorf("w0 of length %d passes", len(wrong))
		}
	}
}
