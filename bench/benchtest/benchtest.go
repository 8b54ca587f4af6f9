// Package benchtest is the conformance suite of the Backend contract: whatever
// passes Run may be timed.
package benchtest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"descent/bench"
	"descent/dataset"
)

// Run checks that the backends that open opens, of precision prec, fulfil the contract
// of bench.Backend: the right weights at every edge size, and nothing kept, changed
// or left over.
func Run(t *testing.T, prec dataset.Precision, open bench.Factory) {
	s := suite{prec: prec, open: open}
	t.Run("answers match the oracle", s.answersMatchTheOracle)
	t.Run("a run cut in pieces gives the same bits", s.piecesGiveTheSameBits)
	t.Run("repetitions give the same bits", s.repetitionsGiveTheSameBits)
	t.Run("the problem is copied and not changed", s.problemIsCopied)
	t.Run("a second load replaces the first", s.secondLoadReplaces)
	t.Run("misuse is an error", s.misuseIsAnError)
}

type suite struct {
	prec dataset.Precision
	open bench.Factory
}

// backend opens a backend and loads p, if there is one.
func (s *suite) backend(t *testing.T, p *dataset.Problem) bench.Backend {
	t.Helper()
	b, err := s.open()
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	if p != nil {
		if err := b.Load(p); err != nil {
			t.Fatalf("Load(N=%d, P=%d): %v", p.N, p.P, err)
		}
	}
	return b
}

func problem(t *testing.T, n, p int) *dataset.Problem {
	t.Helper()
	prob, err := dataset.Generate(dataset.Spec{N: n, P: p, Noise: 0.1, Weights: dataset.DefaultWeights(p), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return prob
}

func (s *suite) trajectory(t *testing.T, p *dataset.Problem) *dataset.Trajectory {
	t.Helper()
	traj, err := dataset.NewTrajectory(p, s.prec)
	if err != nil {
		t.Fatal(err)
	}
	return traj
}

func descend(t *testing.T, b bench.Backend, w0 []float64, rate float64, epochs int) []float64 {
	t.Helper()
	w := slices.Clone(w0)
	if err := b.Descend(w, rate, epochs); err != nil {
		t.Fatalf("Descend(%d epochs): %v", epochs, err)
	}
	return w
}

// start is a first w that is no multiple of anything, and exact in both precisions.
func start(p int) []float64 {
	w := make([]float64, p+1)
	for j := range w {
		w[j] = 0.5 - float64(j%7)*0.375
	}
	return w
}

func (s *suite) answersMatchTheOracle(t *testing.T) {
	sizes := []struct{ n, p int }{
		{1, 1}, {2, 1}, {3, 1}, {7, 1}, {8, 1}, {9, 1}, {63, 1}, {64, 1}, {65, 1}, {255, 1}, {256, 1}, {257, 1},
		{10_000, 1}, {1, 7}, {2, 7}, {100, 2}, {257, 7}, {1000, 16}, {300, 64}, {130, 129},
	}
	for _, size := range sizes {
		t.Run(fmt.Sprintf("N=%d,P=%d", size.n, size.p), func(t *testing.T) {
			p := problem(t, size.n, size.p)
			traj := s.trajectory(t, p)
			b := s.backend(t, p)
			for _, w0 := range [][]float64{make([]float64, size.p+1), start(size.p)} {
				for _, epochs := range []int{0, 1, 2, 37, 500} {
					for _, share := range []float64{0.01, 0.9} {
						rate := share * traj.MaxRate()
						w := descend(t, b, w0, rate, epochs)
						if _, err := traj.Check(w0, w, rate, epochs); err != nil {
							t.Errorf("%d epochs from w[0]=%v at %v of the largest rate: %v", epochs, w0[0], share, err)
						}
					}
				}
			}
		})
	}
}

func (s *suite) piecesGiveTheSameBits(t *testing.T) {
	p := problem(t, 1000, 3)
	b := s.backend(t, p)
	whole := descend(t, b, start(3), 0.01, 100)
	w := start(3)
	for _, epochs := range []int{1, 0, 30, 69} {
		w = descend(t, b, w, 0.01, epochs)
	}
	if !sameBits(w, whole) {
		t.Errorf("100 epochs give %v, 1+0+30+69 give %v", whole, w)
	}
}

func (s *suite) repetitionsGiveTheSameBits(t *testing.T) {
	p := problem(t, 4099, 2)
	b := s.backend(t, p)
	first := descend(t, b, start(2), 0.1, 50)
	for i := range 10 {
		if again := descend(t, b, start(2), 0.1, 50); !sameBits(again, first) {
			t.Fatalf("repetition %d gives %v, the first gave %v", i+2, again, first)
		}
	}
}

func (s *suite) problemIsCopied(t *testing.T) {
	p := problem(t, 513, 2)
	before := &dataset.Problem{X: slices.Clone(p.X), D: slices.Clone(p.D), N: p.N, P: p.P}
	b := s.backend(t, p)
	want := descend(t, b, start(2), 0.1, 20)
	if !sameBits(p.X, before.X) || !sameBits(p.D, before.D) {
		t.Fatal("Load or Descend changed the problem")
	}
	clear(p.X)
	clear(p.D)
	if got := descend(t, b, start(2), 0.1, 20); !sameBits(got, want) {
		t.Errorf("after the caller's data changed w is %v, before it was %v", got, want)
	}
}

func (s *suite) secondLoadReplaces(t *testing.T) {
	big, small := problem(t, 1000, 7), problem(t, 33, 1)
	b := s.backend(t, big)
	descend(t, b, start(7), 0.01, 3)
	if err := b.Load(small); err != nil {
		t.Fatalf("second Load: %v", err)
	}
	w := descend(t, b, start(1), 0.1, 20)
	if _, err := s.trajectory(t, small).Check(start(1), w, 0.1, 20); err != nil {
		t.Errorf("after a second Load: %v", err)
	}
}

func (s *suite) misuseIsAnError(t *testing.T) {
	w := start(1)
	if err := s.backend(t, nil).Descend(w, 0.1, 1); err == nil {
		t.Error("Descend before Load gave no error")
	}
	b := s.backend(t, problem(t, 10, 2))
	if err := b.Descend(w, 0.1, 1); err == nil {
		t.Error("Descend with a w of the wrong length gave no error")
	}
	if !sameBits(w, start(1)) {
		t.Errorf("a refused Descend changed w to %v", w)
	}
}

func sameBits(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}
