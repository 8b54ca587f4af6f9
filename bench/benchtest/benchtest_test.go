package benchtest

import (
	"errors"
	"testing"

	"descent/bench"
	"descent/cpu"
	"descent/dataset"
)

// A liar is an honest backend but for what load, descend and close, where they are
// set, put in its place.
type liar struct {
	bench.Backend
	load    func(*liar, *dataset.Problem) error
	descend func(*liar, []float64, float64, int) error
	close   func(*liar) error

	kept  *dataset.Problem
	calls int
}

func (l *liar) Load(p *dataset.Problem) error {
	l.kept = p
	if l.load != nil {
		return l.load(l, p)
	}
	return l.Backend.Load(p)
}

func (l *liar) Descend(w []float64, rate float64, epochs int) error {
	l.calls++
	if l.descend != nil {
		return l.descend(l, w, rate, epochs)
	}
	return l.Backend.Descend(w, rate, epochs)
}

func (l *liar) Close() error {
	if l.close != nil {
		return l.close(l)
	}
	return l.Backend.Close()
}

// Whatever breaks a promise of the contract fails the check of that promise.
func TestSuiteCatchesABackendThatLies(t *testing.T) {
	cases := []struct {
		name, promise string
		liar          liar
	}{
		{"one epoch too many", "answers match the oracle", liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
			return l.Backend.Descend(w, rate, epochs+1)
		}}},
		{"one epoch too few", "answers match the oracle", liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
			return l.Backend.Descend(w, rate, max(0, epochs-1))
		}}},
		{"half the step", "answers match the oracle", liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
			return l.Backend.Descend(w, rate/2, epochs)
		}}},
		{"the last sample is left out", "answers match the oracle", liar{load: func(l *liar, p *dataset.Problem) error {
			n := max(1, p.N-1)
			return l.Backend.Load(&dataset.Problem{X: p.X[:n*p.P], D: p.D[:n], N: n, P: p.P})
		}}},
		{"float32 for float64", "answers match the oracle", liar{Backend: cpu.NewLoop[float32]()}},
		{"work that is not done", "answers match the oracle", liar{descend: func(*liar, []float64, float64, int) error { return nil }}},
		{"rounding at the end of a call", "a run cut in pieces gives the same bits", liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
			err := l.Backend.Descend(w, rate, epochs)
			for j := range w {
				w[j] *= 1 - 0x1p-40
			}
			return err
		}}},
		{"other bits every time", "repetitions give the same bits", liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
			err := l.Backend.Descend(w, rate, epochs)
			w[0] *= 1 + float64(l.calls%2)*0x1p-50
			return err
		}}},
		{"other bits in the last repetition only", "repetitions give the same bits", liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
			err := l.Backend.Descend(w, rate, epochs)
			if l.calls > 10 {
				w[2] *= 1 + 0x1p-50
			}
			return err
		}}},
		{"a reference to the caller's data", "the problem is copied and not changed", liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
			return errors.Join(l.Backend.Load(l.kept), l.Backend.Descend(w, rate, epochs))
		}}},
		{"data scaled in place", "the problem is copied and not changed", liar{load: func(l *liar, p *dataset.Problem) error {
			err := l.Backend.Load(p)
			p.D[p.N-1] *= 2
			return err
		}}},
		{"the first problem for ever", "a second load replaces the first", liar{load: func(l *liar, p *dataset.Problem) error {
			if l.calls > 0 {
				return nil
			}
			return l.Backend.Load(p)
		}}},
		{"no error before load", "misuse is an error", liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
			if l.kept == nil {
				return nil
			}
			return l.Backend.Descend(w, rate, epochs)
		}}},
		{"no error for a short w", "misuse is an error", liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
			if l.kept != nil && len(w) != l.kept.P+1 {
				return nil
			}
			return l.Backend.Descend(w, rate, epochs)
		}}},
		{"w changed though refused", "misuse is an error", liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
			err := l.Backend.Descend(w, rate, epochs)
			w[0]++
			return err
		}}},
		{"close fails", "misuse is an error", liar{close: func(*liar) error { return errors.New("busy") }}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := suite{prec: dataset.Float64, open: func() (bench.Backend, error) {
				l := c.liar
				if l.Backend == nil {
					l.Backend = cpu.NewLoop[float64]()
				}
				return &l, nil
			}}
			for _, check := range checks {
				if check.promise == c.promise {
					if err := check.broken(&s); err == nil {
						t.Errorf("%q was not caught by %q", c.name, c.promise)
					}
					return
				}
			}
			t.Fatalf("there is no check %q", c.promise)
		})
	}
}
