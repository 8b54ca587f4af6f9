//go:build linux && cgo

package gpu

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"descent/bench"
	"descent/bench/benchtest"
	"descent/dataset"
	"descent/gpu/graph"
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

func randomProblem(n, p int) *dataset.Problem {
	return &dataset.Problem{N: n, P: p, X: random(n*p, 1), D: random(n, 2)}
}

// gentle is a rate for which rate·(2/N)·XᵀX, whose trace is at most rate·2(P+1), has no
// eigenvalue above 1, whatever the features in [−1, 1) are: descents then settle without
// swinging.
func gentle(p int) float64 { return 0.5 / float64(p+1) }

// descent is the plain loop in float64: w ← w − rate·(2/N)·Xᵀ(Xw − d).
func descent(p *dataset.Problem, w []float64, rate float64, epochs int) {
	for range epochs {
		gradient := make([]float64, len(w))
		for i := range p.N {
			e := w[0] - p.D[i]
			for j, x := range p.Row(i) {
				e += x * w[j+1]
			}
			gradient[0] += e
			for j, x := range p.Row(i) {
				gradient[j+1] += e * x
			}
		}
		for j := range w {
			w[j] -= rate * 2 / float64(p.N) * gradient[j]
		}
	}
}

// tolerance bounds the rounding error in w after a descent of few epochs at a gentle rate on a
// randomProblem, with sums of depth roundings and unit roundoff u.
//
// The cost does not grow, so the mean residual is at most the first, P+2 in size, and
// an epoch moves an entry of w by at most rate·2(P+2) ≤ 2: entries stay below
// 1 + 2·epochs, and the terms of a residual add up to less than (P+2) of these. A
// residual takes P+3 roundings with those of the data, its part in the gradient
// depth+4 more, and the new w one. No epoch enlarges an error of those before.
func tolerance(p *dataset.Problem, epochs int, depth, u float64) float64 {
	w := 1 + 2*float64(epochs)
	gradient := 2 * float64(p.P+2) * w * (float64(p.P) + 7 + depth)
	return float64(epochs) * u * (gentle(p.P)*gradient + w)
}

// testBackend opens a backend that is closed at the test's end.
func testBackend(t testing.TB, precision dataset.Precision) *GraphBackend {
	t.Helper()
	b := newGraph(testContext(t), precision)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func load(t testing.TB, b *GraphBackend, p *dataset.Problem) {
	t.Helper()
	if err := b.Load(p); err != nil {
		t.Fatal(err)
	}
}

// descended returns w after a descent on the backend from a start that depends on P alone.
func descended(t testing.TB, b *GraphBackend, p int, epochs int) []float64 {
	t.Helper()
	w := random(p+1, 3)
	if err := b.Descend(w, gentle(p), epochs); err != nil {
		t.Fatal(err)
	}
	return w
}

// follows checks a descent against the plain loop.
func follows(t *testing.T, b *GraphBackend, p *dataset.Problem, epochs int) {
	t.Helper()
	got, want := descended(t, b, p.P, epochs), random(p.P+1, 3)
	descent(p, want, gentle(p.P), epochs)
	// A sum takes at most 60 roundings in the shaders, and N in the plain loop.
	tol := tolerance(p, epochs, 60, b.precision.Unit()) + tolerance(p, epochs, float64(p.N), dataset.Float64.Unit())
	for j := range want {
		if !(math.Abs(got[j]-want[j]) <= tol) {
			t.Fatalf("w[%d] = %.17g, want %.17g ± %.2g", j, got[j], want[j], tol)
		}
	}
}

func TestTheGraphBackendConforms(t *testing.T) {
	for _, precision := range precisions {
		t.Run(precision.String(), func(t *testing.T) {
			benchtest.Run(t, precision, func() (bench.Backend, error) { return newGraph(testContext(t), precision), nil })
		})
	}
}

func TestGraphBackendFollowsThePlainLoop(t *testing.T) {
	for _, precision := range precisions {
		b := testBackend(t, precision)
		for _, p := range []int{1, 7, 64} {
			for _, n := range []int{1, 2, 255, 256, 257, 10_000} {
				t.Run(fmt.Sprintf("%v/N=%d/P=%d", precision, n, p), func(t *testing.T) {
					problem := randomProblem(n, p)
					load(t, b, problem) // replaces the one before
					follows(t, b, problem, 5)
				})
			}
		}
	}
}

func TestGraphBackendFollowsThePlainLoopOnAMillionSamples(t *testing.T) {
	for _, precision := range precisions {
		b := testBackend(t, precision)
		for _, p := range []int{1, 7, 64} {
			problem := randomProblem(1_000_000, p)
			load(t, b, problem)
			follows(t, b, problem, 1)
		}
	}
}

func TestGraphBackendFollowsThePlainLoopInPanels(t *testing.T) {
	for _, precision := range precisions {
		b := testBackend(t, precision)
		b.maxBytes = 4096
		for _, s := range []struct{ n, p int }{{513, 1}, {10_000, 1}, {2000, 7}, {3, 2000}} {
			t.Run(fmt.Sprintf("%v/N=%d/P=%d", precision, s.n, s.p), func(t *testing.T) {
				problem := randomProblem(s.n, s.p)
				load(t, b, problem)
				follows(t, b, problem, 5)
			})
		}
	}
}

func TestADescentGivesTheSameBitsEveryTime(t *testing.T) {
	for _, precision := range precisions {
		for _, maxBytes := range []int64{math.MaxInt64, 8192} {
			b := testBackend(t, precision)
			b.maxBytes = maxBytes
			load(t, b, randomProblem(3001, 3))
			first := descended(t, b, 3, 10)
			for i := range 20 {
				if again := descended(t, b, 3, 10); !slices.Equal(first, again) {
					t.Fatalf("%v, blocks of %d bytes: run %d gives %v, the first gave %v", precision, maxBytes, i+2, again, first)
				}
			}
		}
	}
}

// The step from reverse-mode differentiation of the cost is the hand-written one.
func TestTheStepByGradientsFollowsThePlainLoopOnTheDevice(t *testing.T) {
	const n, p, epochs = 2000, 7, 5
	problem, start := randomProblem(n, p), random(p+1, 3)
	want := slices.Clone(start)
	descent(problem, want, gentle(p), epochs)
	for _, precision := range precisions {
		plan, err := graph.NewLeastSquares(n, p, graph.Values(problem.X, p), graph.Values(problem.D, 1)).ByGradients()
		if err != nil {
			t.Fatal(err)
		}
		x := testExecutor(t, testContext(t), plan, precision, math.MaxInt64)
		got := make([]float64, p+1)
		if err := errors.Join(x.Set("w", start), x.Set("rate", []float64{gentle(p)}), x.Run(epochs), x.Get("w", got)); err != nil {
			t.Fatal(err)
		}
		tol := tolerance(problem, epochs, 60, precision.Unit()) + tolerance(problem, epochs, n, dataset.Float64.Unit())
		for j := range want {
			if !(math.Abs(got[j]-want[j]) <= tol) {
				t.Errorf("%v: w[%d] = %.17g, want %.17g ± %.2g", precision, j, got[j], want[j], tol)
			}
		}
	}
}

// Epochs run in submissions of various lengths, which must not show.
func TestManyEpochsAreManySingleEpochs(t *testing.T) {
	const epochs = 300
	b := testBackend(t, dataset.Float64)
	load(t, b, randomProblem(100, 2))
	at := random(3, 3)
	for range epochs {
		if err := b.Descend(at, gentle(2), 1); err != nil {
			t.Fatal(err)
		}
	}
	if once := descended(t, b, 2, epochs); !slices.Equal(at, once) {
		t.Errorf("%d epochs at once give %v, one by one %v", epochs, once, at)
	}
}

func TestZeroEpochsRoundWToThePrecision(t *testing.T) {
	for _, precision := range precisions {
		b := testBackend(t, precision)
		load(t, b, randomProblem(10, 1))
		w := []float64{0.1, -1e-3}
		want := []float64{0.1, -1e-3}
		if precision == dataset.Float32 {
			want = []float64{float64(float32(0.1)), float64(float32(-1e-3))}
		}
		if err := b.Descend(w, 0.1, 0); err != nil || !slices.Equal(w, want) {
			t.Errorf("%v: w = %v, want %v; error %v", precision, w, want, err)
		}
	}
}

func TestGraphBackendRefusesMisuse(t *testing.T) {
	b := testBackend(t, dataset.Float32)
	if err := b.Descend(make([]float64, 2), 0.1, 1); err == nil || err.Error() != "gl-graph: nothing is loaded" {
		t.Errorf("Descend before Load: %v", err)
	}
	if err := b.Load(&dataset.Problem{N: 2, P: 1, X: make([]float64, 1), D: make([]float64, 2)}); err == nil {
		t.Error("a Problem whose lengths disagree was loaded")
	}
	load(t, b, randomProblem(4, 2))
	w := []float64{1, 2}
	if err := b.Descend(w, 0.1, 1); err == nil || err.Error() != "gl-graph: 2 weights, not P+1 = 3" {
		t.Errorf("too few weights: %v", err)
	}
	w = []float64{1, 2, 3}
	if err := b.Descend(w, 0.1, -1); err == nil || !slices.Equal(w, []float64{1, 2, 3}) {
		t.Errorf("-1 epochs: error %v, w = %v", err, w)
	}
}

func TestTheDevicesClockRunsDuringADescent(t *testing.T) {
	b := testBackend(t, dataset.Float32)
	if got := b.DeviceTime(); got != 0 {
		t.Errorf("%v of device time before anything ran", got)
	}
	load(t, b, randomProblem(10_000, 1))
	descended(t, b, 1, 50)
	if got := b.DeviceTime(); got < 0 || b.Device().Features.TimestampBits > 0 && got == 0 {
		t.Errorf("50 epochs took %v of the device's time", got)
	}
}

// One epoch of gl-graph. The bytes are those of X and d read once, so MB/s compares
// with other backends; the graph moves several times as much.
func BenchmarkGraphEpoch(b *testing.B) {
	for _, precision := range precisions {
		for _, n := range []int{10_000, 1_000_000} {
			b.Run(fmt.Sprintf("%v/N=%d", precision, n), func(b *testing.B) {
				backend := testBackend(b, precision)
				load(b, backend, randomProblem(n, 1))
				descended(b, backend, 1, 20) // finds the length of a submission
				b.SetBytes(int64(n * 2 * precision.Bytes()))
				b.ResetTimer()
				descended(b, backend, 1, b.N)
				b.ReportMetric(float64(backend.DeviceTime().Nanoseconds())/float64(b.N), "device-ns/op")
			})
		}
	}
}
