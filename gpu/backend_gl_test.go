//go:build linux && cgo

package gpu

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"descent/bench"
	"descent/bench/benchtest"
	"descent/dataset"
	"descent/gpu/device"
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

var forms = []form{graphForm, fusedForm, residentForm, autoForm}

// onEach runs a test on a backend of each form and precision.
func onEach(t *testing.T, test func(t *testing.T, b *Backend)) {
	for _, f := range forms {
		for _, precision := range precisions {
			t.Run(fmt.Sprintf("%s/%v", f.name, precision), func(t *testing.T) { test(t, testBackend(t, f, precision)) })
		}
	}
}

// backendOn returns a backend on a context.
func backendOn(c *device.Context, f form, precision dataset.Precision) *Backend {
	return &Backend{target: newTarget(c, precision), form: f}
}

// testBackend opens a backend that is closed at the test's end.
func testBackend(t testing.TB, f form, precision dataset.Precision) *Backend {
	t.Helper()
	b := backendOn(testContext(t), f, precision)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func load(t testing.TB, b *Backend, p *dataset.Problem) {
	t.Helper()
	if err := b.Load(p); err != nil {
		t.Fatal(err)
	}
}

// descended returns w after a descent on the backend from a start that depends on P alone.
func descended(t testing.TB, b *Backend, p int, epochs int) []float64 {
	t.Helper()
	w := random(p+1, 3)
	if err := b.Descend(w, gentle(p), epochs); err != nil {
		t.Fatal(err)
	}
	return w
}

// follows checks a descent against the plain loop.
func follows(t *testing.T, b *Backend, p *dataset.Problem, epochs int) {
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

func TestTheBackendsConform(t *testing.T) {
	for _, f := range forms {
		for _, precision := range precisions {
			t.Run(fmt.Sprintf("%s/%v", f.name, precision), func(t *testing.T) {
				t.Parallel()
				benchtest.Run(t, precision, func() (bench.Backend, error) { return backendOn(testContext(t), f, precision), nil })
			})
		}
	}
}

func TestBackendsFollowThePlainLoop(t *testing.T) {
	onEach(t, func(t *testing.T, b *Backend) {
		for _, p := range []int{1, 2, 7, 64, 512} {
			for _, n := range []int{1, 2, 255, 256, 257, 10_000} {
				if n*p > 640_000 {
					continue
				}
				t.Run(fmt.Sprintf("N=%d/P=%d", n, p), func(t *testing.T) {
					problem := randomProblem(n, p)
					load(t, b, problem) // replaces the one before
					follows(t, b, problem, 5)
				})
			}
		}
	})
}

func TestBackendsFollowThePlainLoopOnAMillionSamples(t *testing.T) {
	onEach(t, func(t *testing.T, b *Backend) {
		for _, p := range []int{1, 7, 64} {
			problem := randomProblem(1_000_000, p)
			load(t, b, problem)
			follows(t, b, problem, 1)
		}
	})
}

func TestBackendsFollowThePlainLoopWhereDataAreSplit(t *testing.T) {
	onEach(t, func(t *testing.T, b *Backend) {
		b.maxBytes = 4096
		for _, s := range []struct{ n, p int }{{513, 1}, {10_000, 1}, {2000, 7}, {3, 2000}} {
			t.Run(fmt.Sprintf("N=%d/P=%d", s.n, s.p), func(t *testing.T) {
				problem := randomProblem(s.n, s.p)
				load(t, b, problem)
				follows(t, b, problem, 5)
			})
		}
	})
}

// On data in one block TestTheBackendsConform has the same.
func TestADescentOnSplitDataGivesTheSameBitsEveryTime(t *testing.T) {
	onEach(t, func(t *testing.T, b *Backend) {
		b.maxBytes = 8192
		load(t, b, randomProblem(3001, 3))
		first := descended(t, b, 3, 10)
		for i := range 100 {
			if again := descended(t, b, 3, 10); !slices.Equal(first, again) {
				t.Fatalf("run %d gives %v, the first gave %v", i+2, again, first)
			}
		}
	})
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
	onEach(t, func(t *testing.T, b *Backend) {
		load(t, b, randomProblem(100, 2))
		at := random(3, 3)
		for range epochs {
			if err := b.Descend(at, gentle(2), 1); err != nil {
				t.Fatal(err)
			}
		}
		again := random(3, 3)
		for range 2 {
			if err := b.Descend(again, gentle(2), epochs/2); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(at, again) {
			t.Errorf("2·%d epochs give %v, one by one %v", epochs/2, again, at)
		}
	})
}

func TestZeroEpochsRoundWToThePrecision(t *testing.T) {
	onEach(t, func(t *testing.T, b *Backend) {
		load(t, b, randomProblem(10, 1))
		w := []float64{0.1, -1e-3}
		want := []float64{0.1, -1e-3}
		if b.precision == dataset.Float32 {
			want = []float64{float64(float32(0.1)), float64(float32(-1e-3))}
		}
		if err := b.Descend(w, 0.1, 0); err != nil || !slices.Equal(w, want) {
			t.Errorf("w = %v, want %v; error %v", w, want, err)
		}
	})
}

func TestBackendsRefuseMisuse(t *testing.T) {
	onEach(t, func(t *testing.T, b *Backend) {
		if err := b.Descend(make([]float64, 2), 0.1, 1); err == nil || err.Error() != b.form.name+": nothing is loaded" {
			t.Errorf("Descend before Load: %v", err)
		}
		if err := b.Load(&dataset.Problem{N: 2, P: 1, X: make([]float64, 1), D: make([]float64, 2)}); err == nil {
			t.Error("a Problem whose lengths disagree was loaded")
		}
		load(t, b, randomProblem(4, 2))
		w := []float64{1, 2}
		if err := b.Descend(w, 0.1, 1); err == nil || err.Error() != b.form.name+": 2 weights, not P+1 = 3" {
			t.Errorf("too few weights: %v", err)
		}
		w = []float64{1, 2, 3}
		if err := b.Descend(w, 0.1, -1); err == nil || !slices.Equal(w, []float64{1, 2, 3}) {
			t.Errorf("-1 epochs: error %v, w = %v", err, w)
		}
	})
}

func TestTheDevicesClockRunsDuringADescent(t *testing.T) {
	onEach(t, func(t *testing.T, b *Backend) {
		if got := b.DeviceTime(); got != 0 {
			t.Errorf("%v of device time before anything ran", got)
		}
		load(t, b, randomProblem(10_000, 1))
		descended(t, b, 1, 50)
		if got := b.DeviceTime(); got < 0 || b.Device().Features.TimestampBits > 0 && got == 0 {
			t.Errorf("50 epochs took %v of the device's time", got)
		}
	})
}

func TestThePhasesOfALoadAreTold(t *testing.T) {
	onEach(t, func(t *testing.T, b *Backend) {
		if got := b.Phases(); got != (Phases{}) {
			t.Errorf("phases %+v before anything was loaded", got)
		}
		load(t, b, randomProblem(1000, 1))
		if got := b.Phases(); got.Compile <= 0 || got.Upload <= 0 || got.Download != 0 || (got.Search > 0) != (b.form.name != graphForm.name) {
			t.Errorf("after a load: %+v", got)
		}
		if note := b.Note(); (note != "") != (b.form.name != graphForm.name) {
			t.Errorf("after a load: %q", note)
		}
		descended(t, b, 1, 1)
		if got := b.Phases(); got.Download <= 0 {
			t.Errorf("after a descent: %+v", got)
		}
	})
}

func TestACancelledDescentEndsAndLeavesWAsItWas(t *testing.T) {
	onEach(t, func(t *testing.T, b *Backend) {
		load(t, b, randomProblem(10_000, 1))
		cancel := make(chan struct{})
		b.cancel = cancel
		time.AfterFunc(100*time.Millisecond, func() { close(cancel) })
		w := []float64{1, 2}
		err := b.Descend(w, 0.1, 1_000_000_000)
		if !errors.Is(err, device.Cancelled) || !slices.Equal(w, []float64{1, 2}) {
			t.Errorf("error %v, w = %v", err, w)
		}
		if err := b.Descend(w, 0.1, 1); !errors.Is(err, device.Cancelled) {
			t.Errorf("a descent after that: %v", err)
		}
		b.cancel = nil
		descended(t, b, 1, 10) // the device is well
	})
}

func TestDataPastTheDevicesMemoryAreRefusedWithTheSizes(t *testing.T) {
	for _, f := range forms {
		b := testBackend(t, f, dataset.Float32)
		b.device.FreeMemoryBytes = 64 << 10
		err := b.Load(randomProblem(10_000, 1))
		if !errors.Is(err, device.Limit) || !strings.Contains(err.Error(), "10000 samples of 1 features in f32") || !strings.HasSuffix(err.Error(), "has 64 KiB free") {
			t.Errorf("%s: %v", f.name, err)
		}
	}
}

// One epoch. The bytes are those of X and d read once, so that MB/s compare between backends;
// gl-graph moves several times as much. See the ratio at the same N and precision.
func BenchmarkEpoch(b *testing.B) {
	for _, s := range []struct{ n, p int }{{1000, 1}, {10_000, 1}, {1_000_000, 1}, {100_000, 64}} {
		for _, precision := range precisions {
			for _, f := range forms {
				b.Run(fmt.Sprintf("N=%d/P=%d/%v/%s", s.n, s.p, precision, f.name), func(b *testing.B) {
					backend := testBackend(b, f, precision)
					load(b, backend, randomProblem(s.n, s.p))
					descended(b, backend, s.p, 20) // finds the length of a submission
					b.SetBytes(int64(s.n * (s.p + 1) * precision.Bytes()))
					b.ResetTimer()
					descended(b, backend, s.p, b.N)
					b.ReportMetric(float64(backend.DeviceTime().Nanoseconds())/float64(b.N), "device-ns/op")
				})
			}
		}
	}
}
