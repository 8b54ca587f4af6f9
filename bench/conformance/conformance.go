// Package conformance checks a backend against the contract of bench.Backend: the right weights at
// every edge size, the same bits every time, and nothing kept, changed or left over. It also checks
// a worker, an outside program, against the protocol. A backend that passes all Checks may be
// timed.
//
// It does not need the testing package, so a program can check the device that it runs on;
// benchtest runs it in tests.
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

// ErrWrong marks an error that says: the weights were wrong. Any other error of a Check says that
// something failed.
var ErrWrong = errors.New("wrong answer")

// A Check finds out whether backends keep one promise of the contract.
type Check struct {
	Promise string
	broken  func(suite) error
	mild    func(error) bool // reports whether a run can do without the promise, given the error
	remedy  string           // what to do in a worker; "" if the check does not apply to workers
}

// Values of Check.mild.
var (
	never    = func(error) bool { return false }
	always   = func(error) bool { return true }
	ifWrong  = func(err error) bool { return errors.Is(err, ErrWrong) }
	ifFailed = func(err error) bool { return !errors.Is(err, ErrWrong) }
)

// Checks returns all checks. The first one finds out whether a worker can load a second time; if it
// cannot, the other checks start a new process for each load. The most telling ones come next.
func Checks() []Check {
	return []Check{
		{secondLoad, suite.secondLoadReplaces, ifFailed,
			"at load, free what the previous load left, and take all sizes from the new files"},
		{"answers match the oracle", suite.answersMatchTheOracle, never,
			"look at the sizes that fail: a power of two, a vector or a block, plus or minus one; or fewer samples than weights"},
		{"large data and long runs match the oracle", suite.largeAndLongMatchTheOracle, never,
			"add up in blocks or in pairs: a running sum over all samples loses digits, in f32 above all; look for counters and buffers that are too small"},
		{"a NaN is not lost", suite.aNaNIsNotLost, always, "compute with NaN as with any number, or answer with an error"},
		{"a run cut in pieces gives the same bits", suite.piecesGiveTheSameBits, ifWrong,
			"keep only the data from one descent to the next, and let the order of all sums depend on N alone"},
		{"100 repetitions give the same bits", suite.repetitionsGiveTheSameBits, ifWrong,
			"add the parts of threads up in a fixed order; a run needs no more than answers within the tolerance"},
		// A worker has no slices of the driver, and its misuse is checked by tellsOfMisuse.
		{Promise: "the problem is copied and not changed", broken: suite.problemIsCopied},
		{Promise: "misuse is an error", broken: suite.misuseIsAnError},
	}
}

const secondLoad = "a second load replaces the first"

// Run checks backends of precision prec, which open opens and Run closes. It returns nil if they
// keep the promise, and otherwise says how they break it, one case a line. A panic in a backend is
// an error of the backend.
func (c Check) Run(prec dataset.Precision, open bench.Factory) error {
	return c.run(suite{prec: prec, open: open})
}

func (c Check) run(s suite) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return c.broken(s)
}

// A suite is the backends under test.
type suite struct {
	prec        dataset.Precision
	open        bench.Factory
	maxFeatures int // the most that they take; 0 is any number
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

// on calls do with a new backend that has loaded the generated problem of n samples and p features,
// or of fewer features if the backend takes no more.
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

// start returns a first w that is neither zero nor constant, and exact in both precisions.
func start(p int) []float64 {
	w := make([]float64, p+1)
	for j := range w {
		w[j] = 0.5 - float64(j%7)*0.375
	}
	return w
}

// A path holds the arguments of one call of Descend.
type path struct {
	w0     []float64
	rate   float64
	epochs int
}

// descend returns the weights at the end of a path. It refuses weights that are not finite: NaN
// could be the same bits every time and pass for repeatable.
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

// repeats runs a descent and returns an error unless the weights have the same bits as want.
func (s subject) repeats(p path, want []float64, when string) error {
	got, err := s.descend(p)
	if err == nil {
		err = s.same(p, got, want, when)
	}
	return err
}

// same returns an error unless got and want have the same bits. It names the first weight that
// differs.
func (s subject) same(p path, got, want []float64, when string) error {
	for j := range want {
		if math.Float64bits(got[j]) != math.Float64bits(want[j]) {
			return s.wrong(p, "w[%d] is %.17g at first and %.17g %s", j, want[j], got[j], when)
		}
	}
	return nil
}

// at names a case, for an error message.
func (s subject) at(p path) string {
	return fmt.Sprintf("N=%d, P=%d, %d epochs at rate %.4g from w[0]=%g", s.N, s.P, p.epochs, p.rate, p.w0[0])
}

func (s subject) wrong(p path, format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s", ErrWrong, s.at(p), fmt.Sprintf(format, args...))
}
