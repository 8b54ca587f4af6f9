package conformance

import (
	"errors"
	"fmt"
	"math"

	"descent/bench"
	"descent/dataset"
)

// sizes are pairs of N and P: all edges of N with few features, and all edges of P with few
// samples. An edge is a width of a vector, a work group, a block of sums or a tile of features, and
// one less and one more. Some have fewer samples than weights.
var sizes = [][2]int{
	{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {7, 1}, {8, 1}, {9, 1}, {15, 1}, {16, 1}, {17, 1}, {31, 1}, {32, 1}, {33, 1},
	{63, 1}, {64, 1}, {65, 1}, {127, 1}, {128, 1}, {129, 1}, {255, 1}, {256, 1}, {257, 1},
	{511, 1}, {512, 1}, {513, 1},
	{1023, 1}, {1024, 1}, {1025, 1}, {4095, 1}, {4096, 1}, {4097, 1}, {10_000, 1},
	{1, 2}, {255, 2}, {1025, 2}, {4097, 2}, {3, 3}, {257, 3}, {1, 7}, {2, 7}, {256, 7}, {1023, 7}, {9, 8}, {100, 8}, {33, 9}, {257, 9},
	{1000, 16}, {513, 16}, {16, 17}, {64, 17}, {257, 17}, {257, 64}, {63, 65}, {300, 65}, {130, 129}, {3, 512}, {17, 512},
}

// large are pairs of N and P with so much data that one thread or work group has more than one tile
// to add up, and that the sums of all of them are added up in several steps.
var large = [][2]int{{300_001, 1}, {50_001, 16}}

func (s suite) answersMatchTheOracle() error {
	return s.inTurn(sizes, 0, 1, 2, 20)
}

// largeAndLongMatchTheOracle runs descents of many submissions to a device, submissions of many
// epochs, and epochs of much work.
func (s suite) largeAndLongMatchTheOracle() error {
	return errors.Join(
		s.inTurn(large, 2),
		s.inTurn([][2]int{{100, 1}}, 2000),
		s.inTurn([][2]int{{257, 7}, {10_000, 1}, {300, 64}}, 200),
	)
}

// inTurn opens one backend, loads a problem of each size in turn, and compares the answer after
// each number of epochs with the oracle's. After a wrong answer it continues. After another error
// it stops, because the backend may be in any state.
func (s suite) inTurn(sizes [][2]int, epochs ...int) error {
	return s.opened(func(b bench.Backend) error {
		var errs []error
		for _, size := range sizes {
			if !s.takes(size[1]) {
				continue
			}
			loaded, err := load(b, size[0], size[1])
			if err == nil {
				err = s.answers(loaded, epochs...)
			}
			errs = append(errs, err)
			if err != nil && !errors.Is(err, ErrWrong) {
				break
			}
		}
		return errors.Join(errs...)
	})
}

// answers compares the answers for one problem with the oracle's. It starts from two different w,
// with a small rate and with a rate close to the largest that converges.
func (s suite) answers(loaded subject, epochs ...int) error {
	traj, err := dataset.NewTrajectory(loaded.Problem, s.prec)
	if err != nil {
		return err
	}
	for _, k := range epochs {
		for _, w0 := range [][]float64{make([]float64, loaded.P+1), start(loaded.P)} {
			for _, share := range []float64{0.01, 0.9} {
				p := path{w0, share * traj.MaxRate(), k}
				w, err := loaded.descend(p)
				if err != nil {
					return err
				}
				if _, err := traj.Check(w0, w, p.rate, k); err != nil {
					return loaded.wrong(p, "%v", err)
				}
			}
		}
	}
	return nil
}

// aNaNIsNotLost checks that a NaN in w0 makes every weight NaN after an epoch, because it makes
// every residual NaN. Finite numbers would hide that a descent went wrong.
func (s suite) aNaNIsNotLost() error {
	return s.on(257, 7, func(loaded subject) error {
		for _, j := range []int{0, loaded.P} {
			w := start(loaded.P)
			w[j] = math.NaN()
			if err := loaded.Descend(w, 0.01, 1); ended(err) {
				return fmt.Errorf("at N=%d, P=%d, 1 epoch at rate 0.01 from NaN in w[%d]: %w", loaded.N, loaded.P, j, err)
			} else if err != nil {
				return nil // refused, so it is not lost; a worker ends after its error
			}
			for i, v := range w {
				if !math.IsNaN(v) {
					return fmt.Errorf("%w: N=%d, P=%d, 1 epoch at rate 0.01 from NaN in w[%d]: w[%d] is %v", ErrWrong, loaded.N, loaded.P, j, i, v)
				}
			}
		}
		return nil
	})
}
