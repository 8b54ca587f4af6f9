// Package conformance holds a backend against the contract of bench.Backend: the right
// weights at every edge size, the same bits every time, and nothing kept, changed or
// left over. Whatever passes all Checks may be timed. It needs no testing package, so
// that a program can check the device that it runs on; benchtest runs it in tests.
package conformance

import (
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"slices"

	"descent/bench"
	"descent/dataset"
)

// ErrWrong marks an error that means "the weights were not what they must be". Any other
// error of a Check is of something that failed.
var ErrWrong = errors.New("wrong answer")

// A Check finds out whether backends keep one promise of the contract.
type Check struct {
	Promise string
	broken  func(suite) error
	mild    func(error) bool // whether a run can do with a worker that breaks it so
	remedy  string           // what to do in such a program; none where the check would prove nothing of a worker
}

// When a run can do with a worker that breaks a promise.
var (
	never       = func(error) bool { return false }
	always      = func(error) bool { return true }
	whereWrong  = func(err error) bool { return errors.Is(err, ErrWrong) }
	whereFailed = func(err error) bool { return !errors.Is(err, ErrWrong) }
)

// Checks returns all of them: first the one that the others depend on for a worker, which has a process for each load where
// it loads once only, and then in the order in which they tell most.
func Checks() []Check {
	return []Check{
		{secondLoad, suite.secondLoadReplaces, whereFailed,
			"at load, free what the last one left and take all sizes from the new files"},
		{"answers match the oracle", suite.answersMatchTheOracle, never,
			"look at the sizes: one more or less than a power of two, of a vector or a block, or fewer samples than weights"},
		{"large data and long runs match the oracle", suite.largeAndLongMatchTheOracle, never,
			"add up in blocks or in pairs: a running sum over all samples loses digits, in f32 above all; look for counters and buffers that are too small"},
		{"a NaN is not lost", suite.aNaNIsNotLost, always, "compute with NaN as with any number, or answer with an error"},
		{"a run cut in pieces gives the same bits", suite.piecesGiveTheSameBits, whereWrong,
			"keep nothing from one descent for the next but the data, and order all sums by N alone"},
		{"100 repetitions give the same bits", suite.repetitionsGiveTheSameBits, whereWrong,
			"add the parts of threads up in a fixed order; a run needs no more than answers within the tolerance"},
		{Promise: "the problem is copied and not changed", broken: suite.problemIsCopied}, // of the driver's own slices
		{Promise: "misuse is an error", broken: suite.misuseIsAnError},                    // a worker has to tell so in an answer
	}
}

const secondLoad = "a second load replaces the first"

// An Option narrows what a Check asks of backends.
type Option func(*suite)

// MaxFeatures leaves out the problems of more than p features; 0 leaves out none.
func MaxFeatures(p int) Option { return func(s *suite) { s.maxFeatures = p } }

// Run returns how the backends of precision prec that open opens break the promise, one
// case a line, and nil where they keep it. It closes what it opens. A panic in a backend
// is that backend's error.
func (c Check) Run(prec dataset.Precision, open bench.Factory, options ...Option) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	s := suite{prec: prec, open: open}
	for _, option := range options {
		option(&s)
	}
	return c.broken(s)
}

// A suite is the backends under test.
type suite struct {
	prec        dataset.Precision
	open        bench.Factory
	maxFeatures int // that they take; 0 is any number
}

// takes reports whether the backends take problems of p features.
func (s suite) takes(p int) bool { return s.maxFeatures == 0 || p <= s.maxFeatures }

// opened calls do with a new backend and closes it.
func (s suite) opened(do func(bench.Backend) error) (err error) {
	b, err := s.open()
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer func() {
		if closing := b.Close(); closing != nil {
			err = errors.Join(err, fmt.Errorf("close: %w", closing))
		}
	}()
	return do(b)
}

// on calls do with a new backend that holds the generated problem of n samples and p
// features, or as many as it takes.
func (s suite) on(n, p int, do func(subject) error) error {
	if !s.takes(p) {
		p = s.maxFeatures
	}
	return s.opened(func(b bench.Backend) error {
		loaded, err := load(b, n, p)
		if err != nil {
			return err
		}
		return do(loaded)
	})
}

// A subject is a backend with the problem that it has loaded.
type subject struct {
	bench.Backend
	*dataset.Problem
}

func load(b bench.Backend, n, p int) (subject, error) {
	prob, err := problem(n, p)
	if err == nil {
		err = b.Load(prob)
	}
	if err != nil {
		return subject{}, fmt.Errorf("load of N=%d, P=%d: %w", n, p, err)
	}
	return subject{b, prob}, nil
}

func problem(n, p int) (*dataset.Problem, error) {
	return dataset.Generate(dataset.Spec{N: n, P: p, Noise: 0.1, Weights: dataset.DefaultWeights(p), Seed: 1})
}

// start is a first w that is no multiple of anything, and exact in both precisions.
func start(p int) []float64 {
	w := make([]float64, p+1)
	for j := range w {
		w[j] = 0.5 - float64(j%7)*0.375
	}
	return w
}

// A path is what one call of Descend is asked for.
type path struct {
	w0     []float64
	rate   float64
	epochs int
}

// descend returns the weights at the end of a path. No check takes any that are not
// finite: NaN would be the same bits every time.
func (s subject) descend(p path) ([]float64, error) {
	w := slices.Clone(p.w0)
	if err := s.Descend(w, p.rate, p.epochs); err != nil {
		return nil, fmt.Errorf("%s: %w", s.at(p), err)
	}
	for j, v := range w {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, s.wrong(p, "w[%d] is %v", j, v)
		}
	}
	return w, nil
}

// repeats descends and returns an error unless the weights have the bits of want.
func (s subject) repeats(p path, want []float64, when string) error {
	got, err := s.descend(p)
	if err == nil {
		err = s.same(p, got, want, when)
	}
	return err
}

// same returns an error that names the first weight whose bits are not those of want.
func (s subject) same(p path, got, want []float64, when string) error {
	for j := range want {
		if math.Float64bits(got[j]) != math.Float64bits(want[j]) {
			return s.wrong(p, "w[%d] is %.17g at first and %.17g %s", j, want[j], got[j], when)
		}
	}
	return nil
}

// at names a case, for an error.
func (s subject) at(p path) string {
	return fmt.Sprintf("N=%d, P=%d, %d epochs at rate %.4g from w[0]=%g", s.N, s.P, p.epochs, p.rate, p.w0[0])
}

func (s subject) wrong(p path, format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s", ErrWrong, s.at(p), fmt.Sprintf(format, args...))
}
