package conformance

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"descent/bench"
	"descent/cpu"
	"descent/dataset"
)

// A backend is a loop; edit changes its answers.
type backend struct {
	bench.Backend
	edit func(w []float64, epochs int) error
}

func (b backend) Descend(w []float64, rate float64, epochs int) error {
	if err := b.Backend.Descend(w, rate, epochs); err != nil {
		return err
	}
	return b.edit(w, epochs)
}

func editing(edit func(w []float64, epochs int) error) bench.Factory {
	return func() (bench.Backend, error) { return backend{cpu.NewLoop[float64](), edit}, nil }
}

// broken returns the error of each check, by its promise.
func broken(t *testing.T, open bench.Factory) map[string]error {
	t.Helper()
	errs := map[string]error{}
	for _, c := range Checks() {
		if _, twice := errs[c.Promise]; twice {
			t.Fatalf("two checks promise that %q", c.Promise)
		}
		errs[c.Promise] = c.Run(dataset.Float64, open)
	}
	return errs
}

var named = regexp.MustCompile(`N=\d+, P=\d+, \d+ epochs? at rate `)

// To find the cause, a user needs the case: the size, the epochs and the rate.
func TestEveryWrongAnswerNamesItsCase(t *testing.T) {
	calls := 0
	errs := broken(t, editing(func(w []float64, epochs int) error {
		calls++
		for j := range w {
			w[j] = float64(calls)
		}
		return nil
	}))
	delete(errs, "misuse is an error")
	for promise, err := range errs {
		if !errors.Is(err, ErrWrong) {
			t.Errorf("%q gives %v", promise, err)
			continue
		}
		for line := range strings.Lines(err.Error()) {
			if !strings.HasPrefix(line, "wrong answer: ") || !named.MatchString(line) {
				t.Errorf("%q says %q", promise, line)
			}
		}
	}
}

func TestAFailureIsNoWrongAnswerAndNamesItsCase(t *testing.T) {
	busy := errors.New("busy")
	errs := broken(t, editing(func([]float64, int) error { return busy }))
	delete(errs, "misuse is an error")
	delete(errs, "a NaN is not lost")
	for promise, err := range errs {
		if !errors.Is(err, busy) || errors.Is(err, ErrWrong) || !named.MatchString(err.Error()) {
			t.Errorf("%q gives %v", promise, err)
		}
	}
}

// After an error a backend may be in any state, and its answers prove nothing.
func TestAWrongAnswerDoesNotHideTheNextAndAnErrorEndsTheCheck(t *testing.T) {
	answers := Check{broken: suite.answersMatchTheOracle}
	wrong := answers.Run(dataset.Float64, editing(func(w []float64, epochs int) error {
		w[0]++
		return nil
	}))
	if n := strings.Count(wrong.Error(), "wrong answer: "); n != len(sizes) {
		t.Errorf("%d of %d wrong answers were reported", n, len(sizes))
	}
	failed := answers.Run(dataset.Float64, editing(func([]float64, int) error { return errors.New("busy") }))
	if n := strings.Count(failed.Error(), "busy"); n != 1 {
		t.Errorf("one error was reported %d times", n)
	}
}

func TestAPanicIsTheBackendsError(t *testing.T) {
	err := Checks()[0].Run(dataset.Float64, editing(func([]float64, int) error { panic("index out of range") }))
	if err == nil || !strings.HasPrefix(err.Error(), "panic: index out of range\n") {
		t.Errorf("a panic gives %v", err)
	}
}

func TestABackendThatDoesNotOpenFailsEveryCheck(t *testing.T) {
	absent := errors.New("absent")
	for promise, err := range broken(t, func() (bench.Backend, error) { return nil, absent }) {
		if !errors.Is(err, absent) {
			t.Errorf("%q gives %v", promise, err)
		}
	}
}

// A narrow backend takes at most most features.
type narrow struct {
	bench.Backend
	most int
	met  *bool // set when a problem of most features is loaded
}

func (n narrow) Load(p *dataset.Problem) error {
	if p.P > n.most {
		return errors.New("too many features")
	}
	*n.met = *n.met || p.P == n.most
	return n.Backend.Load(p)
}

func TestNoCheckAsksForMoreFeaturesThanItWasTold(t *testing.T) {
	for _, most := range []int{1, 2, 7} {
		met := false
		open := func() (bench.Backend, error) { return narrow{cpu.NewLoop[float64](), most, &met}, nil }
		for _, c := range Checks() {
			if err := c.run(suite{dataset.Float64, open, most}); err != nil {
				t.Errorf("of at most %d features, %q gives %v", most, c.Promise, err)
			}
		}
		if !met {
			t.Errorf("no problem of %d features was loaded", most)
		}
	}
}
