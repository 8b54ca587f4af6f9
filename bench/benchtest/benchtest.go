// Package benchtest is the conformance suite of the Backend contract: whatever
// passes Run may be timed.
package benchtest

import (
	"errors"
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
	for _, c := range checks {
		t.Run(c.promise, func(t *testing.T) {
			if err := c.broken(&s); err != nil {
				t.Error(err)
			}
		})
	}
}

// checks are what a backend promises, each with what finds that it is broken.
var checks = []struct {
	promise string
	broken  func(*suite) error
}{
	{"answers match the oracle", (*suite).answersMatchTheOracle},
	{"a run cut in pieces gives the same bits", (*suite).piecesGiveTheSameBits},
	{"repetitions give the same bits", (*suite).repetitionsGiveTheSameBits},
	{"the problem is copied and not changed", (*suite).problemIsCopied},
	{"a second load replaces the first", (*suite).secondLoadReplaces},
	{"misuse is an error", (*suite).misuseIsAnError},
}

type suite struct {
	prec dataset.Precision
	open bench.Factory
}

// on calls do with a new backend that has the generated problem of n samples and p
// features loaded, and with the problem.
func (s *suite) on(n, p int, do func(bench.Backend, *dataset.Problem) error) error {
	prob, err := problem(n, p)
	if err != nil {
		return err
	}
	return s.opened(func(b bench.Backend) error {
		if err := b.Load(prob); err != nil {
			return fmt.Errorf("load of N=%d, P=%d: %w", n, p, err)
		}
		return do(b, prob)
	})
}

func problem(n, p int) (*dataset.Problem, error) {
	return dataset.Generate(dataset.Spec{N: n, P: p, Noise: 0.1, Weights: dataset.DefaultWeights(p), Seed: 1})
}

// opened calls do with a new backend and closes it.
func (s *suite) opened(do func(bench.Backend) error) error {
	b, err := s.open()
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	err = do(b)
	if closing := b.Close(); closing != nil {
		err = errors.Join(err, fmt.Errorf("close: %w", closing))
	}
	return err
}

// descend returns the weights that b reaches from w0.
func descend(b bench.Backend, w0 []float64, rate float64, epochs int) ([]float64, error) {
	w := slices.Clone(w0)
	if err := b.Descend(w, rate, epochs); err != nil {
		return nil, fmt.Errorf("descend by %d epochs: %w", epochs, err)
	}
	return w, nil
}

// start is a first w that is no multiple of anything, and exact in both precisions.
func start(p int) []float64 {
	w := make([]float64, p+1)
	for j := range w {
		w[j] = 0.5 - float64(j%7)*0.375
	}
	return w
}

func (s *suite) answersMatchTheOracle() error {
	sizes := []struct{ n, p int }{
		{1, 1}, {2, 1}, {3, 1}, {7, 1}, {8, 1}, {9, 1}, {63, 1}, {64, 1}, {65, 1}, {255, 1}, {256, 1}, {257, 1},
		{10_000, 1}, {1, 7}, {2, 7}, {100, 2}, {257, 7}, {1000, 16}, {300, 64}, {130, 129},
	}
	var errs []error
	for _, size := range sizes {
		err := s.on(size.n, size.p, s.answers)
		if err != nil {
			err = fmt.Errorf("at N=%d, P=%d: %w", size.n, size.p, err)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// answers holds b's answers for p against the oracle's, from two starts, for rates at
// both ends of what converges.
func (s *suite) answers(b bench.Backend, p *dataset.Problem) error {
	traj, err := dataset.NewTrajectory(p, s.prec)
	if err != nil {
		return err
	}
	for _, w0 := range [][]float64{make([]float64, p.P+1), start(p.P)} {
		for _, epochs := range []int{0, 1, 2, 37, 500} {
			for _, share := range []float64{0.01, 0.9} {
				rate := share * traj.MaxRate()
				w, err := descend(b, w0, rate, epochs)
				if err != nil {
					return err
				}
				if _, err := traj.Check(w0, w, rate, epochs); err != nil {
					return fmt.Errorf("%d epochs from w[0]=%v at %v of the largest rate: %w", epochs, w0[0], share, err)
				}
			}
		}
	}
	return nil
}

func (s *suite) piecesGiveTheSameBits() error {
	return s.on(1000, 3, func(b bench.Backend, _ *dataset.Problem) error {
		whole, err := descend(b, start(3), 0.01, 100)
		w := start(3)
		for _, epochs := range []int{1, 0, 30, 69} {
			if err == nil {
				w, err = descend(b, w, 0.01, epochs)
			}
		}
		if err == nil && !sameBits(w, whole) {
			err = fmt.Errorf("100 epochs give %v, 1+0+30+69 give %v", whole, w)
		}
		return err
	})
}

func (s *suite) repetitionsGiveTheSameBits() error {
	return s.on(4099, 2, func(b bench.Backend, _ *dataset.Problem) error {
		first, err := descend(b, start(2), 0.1, 50)
		for i := 0; i < 10 && err == nil; i++ {
			var again []float64
			again, err = descend(b, start(2), 0.1, 50)
			if err == nil && !sameBits(again, first) {
				err = fmt.Errorf("repetition %d gives %v, the first gave %v", i+2, again, first)
			}
		}
		return err
	})
}

func (s *suite) problemIsCopied() error {
	return s.on(513, 2, func(b bench.Backend, p *dataset.Problem) error {
		want, err := descend(b, start(2), 0.1, 20)
		if err != nil {
			return err
		}
		if before, err := problem(513, 2); err != nil || !sameBits(p.X, before.X) || !sameBits(p.D, before.D) {
			return errors.Join(err, errors.New("load or descend changed the problem"))
		}
		clear(p.X)
		clear(p.D)
		got, err := descend(b, start(2), 0.1, 20)
		if err == nil && !sameBits(got, want) {
			err = fmt.Errorf("after the caller's data changed w is %v, before it was %v", got, want)
		}
		return err
	})
}

func (s *suite) secondLoadReplaces() error {
	return s.on(1000, 7, func(b bench.Backend, _ *dataset.Problem) error {
		if _, err := descend(b, start(7), 0.01, 3); err != nil {
			return err
		}
		small, err := problem(33, 1)
		if err != nil {
			return err
		}
		if err := b.Load(small); err != nil {
			return fmt.Errorf("second Load: %w", err)
		}
		return s.answers(b, small)
	})
}

func (s *suite) misuseIsAnError() error {
	w := start(1)
	early := s.opened(func(b bench.Backend) error {
		if b.Descend(w, 0.1, 1) == nil {
			return errors.New("descend before load gave no error")
		}
		return nil
	})
	wrong := s.on(10, 2, func(b bench.Backend, _ *dataset.Problem) error {
		if b.Descend(w, 0.1, 1) == nil {
			return errors.New("descend with a w of the wrong length gave no error")
		}
		return nil
	})
	if !sameBits(w, start(1)) {
		wrong = errors.Join(wrong, fmt.Errorf("a refused Descend changed w to %v", w))
	}
	return errors.Join(early, wrong)
}

func sameBits(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}
