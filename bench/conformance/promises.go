package conformance

import (
	"errors"
	"fmt"
	"slices"

	"descent/bench"
)

func (s suite) piecesGiveTheSameBits() error {
	return s.on(1000, 3, func(loaded subject) error {
		p := path{start(3), 0.01, 100}
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

// repetitionsGiveTheSameBits is about one backend first, and then about another one, which may
// not choose another order of sums.
func (s suite) repetitionsGiveTheSameBits() error {
	for _, size := range [][2]int{{4099, 2}, {257, 17}} {
		p := path{start(size[1]), 0.1, 10}
		var first []float64
		err := s.on(size[0], size[1], func(loaded subject) (err error) {
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
		p := path{start(2), 0.1, 20}
		before, err := loaded.descend(p)
		if err != nil {
			return err
		}
		fresh, err := problem(513, 2)
		if err != nil {
			return err
		}
		if !slices.Equal(loaded.X, fresh.X) || !slices.Equal(loaded.D, fresh.D) {
			return errors.New("N=513, P=2: load or descend changed the problem")
		}
		clear(loaded.X)
		clear(loaded.D)
		return loaded.repeats(p, before, "after the caller's data changed")
	})
}

func (s suite) secondLoadReplaces() error {
	return s.on(1000, 7, func(loaded subject) error {
		if _, err := loaded.descend(path{start(7), 0.01, 3}); err != nil {
			return err
		}
		// The same size is not the same data.
		for _, values := range [][]float64{loaded.X, loaded.D} {
			for i := range values {
				values[i] = -values[i]
			}
		}
		if err := loaded.Load(loaded.Problem); err != nil {
			return fmt.Errorf("another load of N=1000, P=7: %w", err)
		}
		if err := s.answers(loaded, 1, 37); err != nil {
			return err
		}
		for _, size := range [][2]int{{33, 1}, {1000, 7}} {
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
	wrong := s.on(10, 2, func(loaded subject) error {
		if loaded.Descend(w, 0.1, 1) == nil {
			return errors.New("N=10, P=2, 1 epoch at rate 0.1: descend with a w of length 2, not 3, gave no error")
		}
		return nil
	})
	if !slices.Equal(w, start(1)) {
		wrong = errors.Join(wrong, fmt.Errorf("a refused descend changed w to %v", w))
	}
	return errors.Join(early, wrong)
}
