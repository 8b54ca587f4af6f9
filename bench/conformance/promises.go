package conformance

import (
	"errors"
	"fmt"
	"slices"

	"descent/bench"
)

func (s suite) piecesGiveTheSameBits() error {
	return s.on(1000, 3, func(loaded subject) error {
		p := path{start(loaded.P), 0.01, 100}
		whole, err := loaded.descend(p)
		w := p.w0
		for _, epochs := range []int{1, 0, 30, 69} {
			if err == nil {
				w, err = loaded.descend(path{w, p.rate, epochs})
			}
		}
		if err != nil {
			return err
		}
		return loaded.same(p, w, whole, "in pieces of 1, 0, 30 and 69")
	})
}

// repetitionsGiveTheSameBits repeats a descent on one backend, and then on a second backend. The
// second one must not choose another order of sums.
func (s suite) repetitionsGiveTheSameBits() error {
	for _, size := range [][2]int{{4099, 2}, {257, 17}} {
		var p path
		var first []float64
		err := s.on(size[0], size[1], func(loaded subject) (err error) {
			p = path{start(loaded.P), 0.1, 10}
			first, err = loaded.descend(p)
			for i := 0; i < 100 && err == nil; i++ {
				err = loaded.repeats(p, first, fmt.Sprintf("in repetition %d", i+1))
			}
			return err
		})
		if err != nil {
			return err
		}
		err = s.on(size[0], size[1], func(loaded subject) error {
			return loaded.repeats(p, first, "from a backend opened anew")
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s suite) problemIsCopied() error {
	return s.on(513, 2, func(loaded subject) error {
		p := path{start(loaded.P), 0.1, 20}
		before, err := loaded.descend(p)
		if err != nil {
			return err
		}
		fresh, err := problem(loaded.N, loaded.P)
		if err != nil {
			return err
		}
		if !slices.Equal(loaded.X, fresh.X) || !slices.Equal(loaded.D, fresh.D) {
			return fmt.Errorf("at N=%d, P=%d: load or descend changed the problem", loaded.N, loaded.P)
		}
		clear(loaded.X)
		clear(loaded.D)
		return loaded.repeats(p, before, "after the caller's data changed")
	})
}

func (s suite) secondLoadReplaces() error {
	return s.on(1000, 7, func(loaded subject) error {
		if _, err := loaded.descend(path{start(loaded.P), 0.01, 3}); err != nil {
			return err
		}
		// The same size is not the same data.
		for _, values := range [][]float64{loaded.X, loaded.D} {
			for i := range values {
				values[i] = -values[i]
			}
		}
		if err := loaded.Load(loaded.Problem); err != nil {
			return fmt.Errorf("another load of N=%d, P=%d: %w", loaded.N, loaded.P, err)
		}
		if err := s.answers(loaded, 1, 37); err != nil {
			return err
		}
		for _, size := range [][2]int{{33, 1}, {loaded.N, loaded.P}} {
			again, err := load(loaded.Backend, size[0], size[1])
			if err == nil {
				err = s.answers(again, 0, 1, 37)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (s suite) misuseIsAnError() error {
	w := start(1)
	early := s.opened(func(b bench.Backend) error {
		if b.Descend(w, 0.1, 1) == nil {
			return errors.New("descend before load gave no error")
		}
		return nil
	})
	if !slices.Equal(w, start(1)) {
		early = errors.Join(early, fmt.Errorf("a refused descend changed w to %v", w))
	}
	return errors.Join(early, s.on(10, 2, func(loaded subject) error {
		short := start(loaded.P - 1)
		w := slices.Clone(short)
		if loaded.Descend(w, 0.1, 1) == nil {
			return fmt.Errorf("at N=%d, P=%d, 1 epoch at rate 0.1: descend with a w of length %d, not %d, gave no error", loaded.N, loaded.P, loaded.P, loaded.P+1)
		}
		if !slices.Equal(w, short) {
			return fmt.Errorf("a refused descend changed w to %v", w)
		}
		return nil
	}))
}
