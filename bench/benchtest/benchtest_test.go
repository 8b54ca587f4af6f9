package benchtest

import (
	"errors"
	"math"
	"testing"

	"descent/bench"
	"descent/bench/conformance"
	"descent/cpu"
	"descent/dataset"
)

// A liar is an honest backend, except that load, descend and close replace its methods if they are
// set.
type liar struct {
	bench.Backend
	load    func(*liar, *dataset.Problem) error
	descend func(*liar, []float64, float64, int) error
	close   func(*liar) error

	kept  *dataset.Problem
	size  int // N of a problem that was loaded
	calls int // number of calls of Descend
	born  int // number of liars opened before this one
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

// lies are backends that break a promise of the contract, with that promise.
var lies = []struct {
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
	{"one size is wrong", "answers match the oracle", liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
		if l.kept.P == 512 {
			rate *= 1 + 1e-6
		}
		return l.Backend.Descend(w, rate, epochs)
	}}},
	{"epochs past a thousand are lost", "large data and long runs match the oracle", liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
		return l.Backend.Descend(w, rate, min(epochs, 1000))
	}}},
	{"finite numbers for NaN", "a NaN is not lost", liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
		err := l.Backend.Descend(w, rate, epochs)
		if math.IsNaN(w[1]) {
			w[1] = 0
		}
		return err
	}}},
	{"work that is not done", "answers match the oracle", liar{descend: func(*liar, []float64, float64, int) error { return nil }}},
	{"rounding at the end of a call", "a run cut in pieces gives the same bits", liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
		err := l.Backend.Descend(w, rate, epochs)
		for j := range w {
			w[j] *= 1 - 0x1p-40
		}
		return err
	}}},
	{"other bits every time", "100 repetitions give the same bits", liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
		err := l.Backend.Descend(w, rate, epochs)
		w[0] *= 1 + float64(l.calls%2)*0x1p-50
		return err
	}}},
	{"other bits in the last repetition only", "100 repetitions give the same bits", liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
		err := l.Backend.Descend(w, rate, epochs)
		if l.calls > 100 {
			w[2] *= 1 + 0x1p-50
		}
		return err
	}}},
	{"other bits from every backend", "100 repetitions give the same bits", liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
		err := l.Backend.Descend(w, rate, epochs)
		w[1] *= 1 + float64(l.born)*0x1p-50
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
	{"the first problem of each size for ever", "a second load replaces the first", liar{load: func(l *liar, p *dataset.Problem) error {
		if l.kept.N == l.size {
			return nil
		}
		l.size = p.N
		return l.Backend.Load(p)
	}}},
	{"samples past a quarter of a million are lost", "large data and long runs match the oracle", liar{load: func(l *liar, p *dataset.Problem) error {
		n := min(p.N, 262_144)
		return l.Backend.Load(&dataset.Problem{X: p.X[:n*p.P], D: p.D[:n], N: n, P: p.P})
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

func TestSuiteCatchesABackendThatLies(t *testing.T) {
	for _, c := range lies {
		t.Run(c.name, func(t *testing.T) {
			if err := check(t, c.promise).Run(dataset.Float64, opening(c.liar)); err == nil {
				t.Errorf("%q was not caught by %q", c.name, c.promise)
			}
		})
	}
}

// opening returns a factory that opens copies of l.
func opening(l liar) bench.Factory {
	if l.Backend == nil {
		l.Backend = cpu.NewLoop[float64]()
	}
	born := 0
	return func() (bench.Backend, error) {
		opened := l
		opened.born = born
		born++
		return &opened, nil
	}
}

func check(t *testing.T, promise string) conformance.Check {
	t.Helper()
	for _, c := range conformance.Checks() {
		if c.Promise == promise {
			return c
		}
	}
	t.Fatalf("there is no check %q", promise)
	return conformance.Check{}
}

// NaN may be the same bits every time; every check must still refuse it.
func TestNoCheckAcceptsNaN(t *testing.T) {
	for _, entry := range []int{0, 1} {
		lost := liar{descend: func(l *liar, w []float64, rate float64, epochs int) error {
			err := l.Backend.Descend(w, rate, epochs)
			if err == nil {
				w[len(w)-1-entry] = math.NaN()
			}
			return err
		}}
		for _, c := range conformance.Checks() {
			// These two do not look at finite weights.
			if c.Promise == "a NaN is not lost" || c.Promise == "misuse is an error" {
				continue
			}
			if err := c.Run(dataset.Float64, opening(lost)); !errors.Is(err, conformance.ErrWrong) {
				t.Errorf("with NaN as entry %d from the end, %q gives %v", entry, c.Promise, err)
			}
		}
	}
}
