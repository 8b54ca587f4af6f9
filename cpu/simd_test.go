package cpu

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"descent/cpu/internal/kernel"
	"descent/dataset"
)

// ofSize returns a problem with n samples of p features.
func ofSize(tb testing.TB, n, p int) *dataset.Problem {
	tb.Helper()
	prob, err := dataset.Generate(dataset.Spec{N: n, P: p, Noise: 0.1, Weights: dataset.DefaultWeights(p), Seed: 1})
	if err != nil {
		tb.Fatal(err)
	}
	return prob
}

// loaded returns a SIMD with p loaded and shared by as many workers, or by those of the trials
// where workers is 0.
func loaded[T Float](tb testing.TB, p *dataset.Problem, set string, workers int) *SIMD[T] {
	tb.Helper()
	b, err := NewSIMD[T](0, set)
	if err == nil {
		err = b.Load(p)
	}
	if err != nil {
		tb.Fatal(err)
	}
	if workers > 0 {
		b.best = b.newDeal(workers)
		b.deals, b.deal = []*deal[T]{b.best}, nil
	}
	tb.Cleanup(func() { b.Close() })
	return b
}

func descended[T Float](tb testing.TB, b *SIMD[T], epochs int) []float64 {
	tb.Helper()
	w := make([]float64, b.strips.p+1)
	if err := b.Descend(w, 0.01, epochs); err != nil {
		tb.Fatal(err)
	}
	return w
}

func TestTheBitsDependNeitherOnTheWorkersNorOnTheInstructionSet(t *testing.T) {
	t.Run("f64", sameBits[float64])
	t.Run("f32", sameBits[float32])
}

func sameBits[T Float](t *testing.T) {
	for _, size := range []struct{ n, p int }{{1, 1}, {7, 1}, {1000, 1}, {40_001, 1}, {200_003, 1}, {1000, 2}, {3001, 7}, {2000, 64}, {600, 512}} {
		p := ofSize(t, size.n, size.p)
		want := descended(t, loaded[T](t, p, "purego", 1), 11)
		for _, set := range kernel.Sets[T]() {
			for _, workers := range []int{0, 1, 2, 3, 5, 9} {
				b := loaded[T](t, p, set.Name, min(workers, len(loaded[T](t, p, set.Name, 1).bounds)-1))
				if diff := cmp.Diff(want, descended(t, b, 11)); diff != "" {
					t.Errorf("N=%d P=%d, %s, %d workers: not the bits of one worker in plain Go:\n%s", size.n, size.p, set.Name, workers, diff)
				}
			}
		}
	}
}

func TestMoreWorkersThanProcessorsAreRight(t *testing.T) {
	for _, procs := range []int{1, 2, 16} {
		t.Run(fmt.Sprintf("GOMAXPROCS=%d", procs), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			p := ofSize(t, 20_000, 1)
			want := descended(t, loaded[float64](t, p, "", 1), 300)
			if diff := cmp.Diff(want, descended(t, loaded[float64](t, p, "", 8), 300)); diff != "" {
				t.Errorf("8 workers differ from one:\n%s", diff)
			}
		})
	}
}

// Every strip is in one segment, and every segment in one worker's share.
func TestSegmentsCoverTheStrips(t *testing.T) {
	for _, size := range []struct{ n, p int }{{1, 1}, {8, 1}, {127, 3}, {1025, 1}, {10_000, 1}, {123_457, 1}, {999, 64}, {130, 2048}} {
		s := newStrips[float64](&dataset.Problem{N: size.n, P: size.p})
		bounds := s.segments()
		if bounds[0] != 0 || bounds[len(bounds)-1] != s.count || !slices.IsSorted(bounds) || len(slices.Compact(slices.Clone(bounds))) != len(bounds) {
			t.Errorf("N=%d P=%d: %d strips, segments %v", size.n, size.p, s.count, bounds)
		}
	}
}

func TestTrialsStayWithinTheBound(t *testing.T) {
	p := ofSize(t, 100_000, 1)
	for _, limit := range []int{0, 1, 2, 64} {
		b, err := NewSIMD[float64](limit, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Load(p); err != nil {
			t.Fatal(err)
		}
		most := Processors(limit)
		workers, trials := b.Workers()
		if workers < 1 || workers > most || (len(trials) > 0) != (most > 1) {
			t.Errorf("threads %d on %d processors: %d workers after %v", limit, runtime.NumCPU(), workers, trials)
		}
		for _, trial := range trials {
			if trial.Workers < 1 || trial.Workers > most || trial.Epoch <= 0 {
				t.Errorf("threads %d on %d processors: %+v", limit, runtime.NumCPU(), trial)
			}
		}
		b.Close()
	}
}

func TestAnInstructionSetThatIsNotThereIsAnError(t *testing.T) {
	if _, err := NewSIMD[float64](0, "neon9"); err == nil {
		t.Error("neon9 was accepted")
	}
}
