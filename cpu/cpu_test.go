package cpu_test

import (
	"fmt"
	"slices"
	"testing"

	"descent/bench"
	"descent/bench/benchtest"
	"descent/cpu"
	"descent/dataset"
)

// backends are all of this package.
var backends = []struct {
	name string
	prec dataset.Precision
	new  func() bench.Backend
}{
	{"loop/f32", dataset.Float32, func() bench.Backend { return cpu.NewLoop[float32]() }},
	{"loop/f64", dataset.Float64, func() bench.Backend { return cpu.NewLoop[float64]() }},
	{"gonum/f32", dataset.Float32, func() bench.Backend { return new(cpu.Gonum32) }},
	{"gonum/f64", dataset.Float64, func() bench.Backend { return new(cpu.Gonum64) }},
	{"simd/f32", dataset.Float32, func() bench.Backend { return simd[float32](0, "") }},
	{"simd/f64", dataset.Float64, func() bench.Backend { return simd[float64](0, "") }},
	{"gram/f32", dataset.Float32, func() bench.Backend { return gram[float32](0, "") }},
	{"gram/f64", dataset.Float64, func() bench.Backend { return gram[float64](0, "") }},
}

func simd[T cpu.Float](threads int, set string) bench.Backend {
	b, err := cpu.NewSIMD[T](threads, set)
	if err != nil {
		panic(err)
	}
	return b
}

func gram[T cpu.Float](threads int, set string) bench.Backend {
	b, err := cpu.NewGram[T](threads, set)
	if err != nil {
		panic(err)
	}
	return b
}

func TestBackendsConform(t *testing.T) {
	for _, b := range backends {
		t.Run(b.name, func(t *testing.T) {
			benchtest.Run(t, b.prec, func() (bench.Backend, error) { return b.new(), nil })
		})
	}
}

func TestSumsHoldAtAMillionSamples(t *testing.T) {
	p := generate(t, 1_000_000, 1)
	for _, b := range backends {
		t.Run(b.name, func(t *testing.T) {
			traj, backend := loaded(t, b.prec, b.new(), p)
			holds(t, traj, backend, 0.1, 100)
		})
	}
}

// Features far from zero and of very different scales, as in data that nobody has standardised.
func TestOffsetsAndScalesStayWithinTheTolerance(t *testing.T) {
	plain := generate(t, 20_001, 3)
	cases := []struct {
		name          string
		offset, scale []float64
	}{
		{"offsets of a million", []float64{1e6, -1e6, 1e6}, []float64{1, 1, 1}},
		{"scales from a millionth to a million", []float64{0, 0, 0}, []float64{1e-6, 1, 1e6}},
		{"both", []float64{1e6, 3, -1e6}, []float64{1e3, 1e-3, 1}},
	}
	for _, c := range cases {
		p := &dataset.Problem{X: slices.Clone(plain.X), D: slices.Clone(plain.D), N: plain.N, P: plain.P}
		for i := range p.X {
			p.X[i] = p.X[i]*c.scale[i%3] + c.offset[i%3]
		}
		for i := range p.D {
			p.D[i] += c.offset[0]
		}
		for _, b := range backends {
			t.Run(c.name+"/"+b.name, func(t *testing.T) {
				traj, backend := loaded(t, b.prec, b.new(), p)
				for _, epochs := range []int{1, 2, 100} {
					holds(t, traj, backend, traj.MaxRate()/3, epochs)
				}
			})
		}
	}
}

// loaded returns the oracle of p, and backend with p loaded until the test ends.
func loaded(t *testing.T, prec dataset.Precision, backend bench.Backend, p *dataset.Problem) (*dataset.Trajectory, bench.Backend) {
	t.Helper()
	traj, err := dataset.NewTrajectory(p, prec)
	if err != nil {
		t.Fatal(err)
	}
	if err := backend.Load(p); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { backend.Close() })
	return traj, backend
}

// holds checks a descent from zeros against the oracle.
func holds(t *testing.T, traj *dataset.Trajectory, backend bench.Backend, rate float64, epochs int) {
	t.Helper()
	start := make([]float64, len(traj.Eigenvalues()))
	w := slices.Clone(start)
	if err := backend.Descend(w, rate, epochs); err != nil {
		t.Fatal(err)
	}
	if _, err := traj.Check(start, w, rate, epochs); err != nil {
		t.Error(err)
	}
}

func TestEpochsDoNotAllocate(t *testing.T) {
	for _, features := range []int{1, 7} {
		p := generate(t, 1000, features)
		for _, b := range backends {
			backend := b.new()
			if err := backend.Load(p); err != nil {
				t.Fatal(err)
			}
			w := make([]float64, features+1)
			allocs := testing.AllocsPerRun(10, func() {
				if err := backend.Descend(w, 0.001, 10); err != nil {
					t.Fatal(err)
				}
			})
			if allocs != 0 {
				t.Errorf("%s, P=%d: 10 epochs made %v allocations", b.name, features, allocs)
			}
		}
	}
}

// BenchmarkEpoch times one epoch; its bytes are those of x and d, read once. The
// ratio that matters is to loop/f64 in the same run.
func BenchmarkEpoch(b *testing.B) {
	for _, size := range []struct{ n, p int }{{100, 1}, {10_000, 1}, {1_000_000, 1}, {10_000, 64}} {
		p := generate(b, size.n, size.p)
		for _, backend := range backends {
			b.Run(fmt.Sprintf("%s/N=%d/P=%d", backend.name, size.n, size.p), func(b *testing.B) {
				bk := backend.new()
				if err := bk.Load(p); err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(size.n * (size.p + 1) * backend.prec.Bytes()))
				b.ReportAllocs()
				w := make([]float64, size.p+1)
				b.ResetTimer()
				if err := bk.Descend(w, 1e-6, b.N); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

func generate(tb testing.TB, n, p int) *dataset.Problem {
	tb.Helper()
	prob, err := dataset.Generate(dataset.Spec{N: n, P: p, Noise: 0.1, Weights: dataset.DefaultWeights(p), Seed: 1})
	if err != nil {
		tb.Fatal(err)
	}
	return prob
}
