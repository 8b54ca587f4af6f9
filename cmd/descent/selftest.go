package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"descent/bench"
	"descent/bench/conformance"
	"descent/bench/report"
	"descent/dataset"
	"descent/gpu"
	"descent/gpu/device"
)

// splitValues is how many values a storage block may hold in the second half of a
// contender's checks: d of 4,096 samples fills one, of 4,097 takes two, and most problems with
// more features take many. Partial sums, which no backend splits, still fit.
const splitValues = 4096

// A selftest is what the conformance suite found on one device.
type selftest struct {
	Device   string `json:"device"`
	Software bool   `json:"software"`
	*tally
}

// glContenders are the contenders that run on OpenGL.
func glContenders() []bench.Contender {
	return slices.DeleteFunc(contenders(workerOptions{}), func(c bench.Contender) bool { return !usesGL(c.Backend) })
}

// selfTest runs the suite on the chosen contenders, on the device that device.Open chooses, until ctx ends. It
// writes a line a check to out, if out is not nil, and progress to a terminal. The
// error is the verdict; the result is nil where there is no device.
func selfTest(ctx context.Context, o gpu.Options, chosen []bench.Contender, out, stderr io.Writer) (*selftest, error) {
	c, err := device.Open(o.Options)
	if err != nil {
		return nil, fmt.Errorf("--selftest: %w", err)
	}
	info := c.Device()
	if err := c.Close(); err != nil {
		return nil, err
	}
	t := newTester(func(c bench.Contender, limit int64) (bench.Backend, error) { return openGL(o, c, limit) }, out, stderr)
	t.Device, t.Software = info.Renderer, info.Software
	return &t.selftest, t.run(ctx, chosen)
}

// openGL opens the backend of a contender, with storage blocks of at most limit bytes if that
// is not 0.
func openGL(o gpu.Options, c bench.Contender, limit int64) (bench.Backend, error) {
	b, err := findBuiltin(c.Name())
	if err != nil {
		return nil, err
	}
	o.MaxBlockBytes = limit
	return b.open(workerOptions{gpu: o})
}

// A tester makes a selftest.
type tester struct {
	selftest
	open opener
}

// An opener opens the backend of a contender, with storage blocks of at most limit bytes if that is not 0.
type opener func(c bench.Contender, limit int64) (bench.Backend, error)

func newTester(open opener, out, stderr io.Writer) *tester {
	var promises []string
	for _, c := range conformance.Checks() {
		promises = append(promises, c.Promise)
	}
	return &tester{selftest{tally: newTally(out, stderr, promises)}, open}
}

// run checks the chosen contenders until ctx ends, and returns the verdict.
func (t *tester) run(ctx context.Context, chosen []bench.Contender) error {
	for _, c := range chosen {
		t.subjects = max(t.subjects, len(outcome{Contender: c.Name(), MaxBlockBytes: splitValues * int64(c.Precision.Bytes())}.subject()))
	}
	t.printf("\nself-test on %s (%s)\n", t.Device, kindOf(t.Software))
	able := slices.DeleteFunc(slices.Clone(chosen), t.unavailable)
	checks := conformance.Checks()
	t.Planned = len(able) * 2 * len(checks)
	for _, split := range []int64{0, splitValues} { // all as they are first, for when time runs out
		for _, c := range able {
			for _, check := range checks {
				if ctx.Err() == nil {
					t.check(ctx, c, split*int64(c.Precision.Bytes()), check)
				}
			}
		}
	}
	t.Interrupted = t.done() < t.Planned
	t.printf("%s\n", t.sum())
	return errors.Join(t.verdict(), t.writing)
}

// unavailable reports whether a contender cannot run on this device, and says why. A
// precision that the device does not have may show in the first load only.
func (t *tester) unavailable(c bench.Contender) bool {
	b, err := t.open(c, 0)
	if err == nil {
		err = b.Load(&dataset.Problem{X: []float64{1}, D: []float64{1}, N: 1, P: 1})
		err = errors.Join(unavailable(err), b.Close())
	}
	if !errors.Is(err, bench.ErrUnavailable) {
		return false // the checks will say what else it is
	}
	t.add(outcome{Contender: c.Name(), Status: bench.Unavailable}, err)
	return true
}

// check runs one check.
func (t *tester) check(ctx context.Context, c bench.Contender, limit int64, check conformance.Check) {
	o := outcome{Contender: c.Name(), MaxBlockBytes: limit, Check: check.Promise}
	t.attempt(ctx, o, func() error {
		return check.Run(c.Precision, func() (bench.Backend, error) { return t.open(c, limit) })
	})
}

// sum is the last line.
func (t *tester) sum() string {
	parts := []string{fmt.Sprintf("%d of %s ok", t.Count[bench.OK], report.Plural(t.Planned, "check"))}
	for _, status := range []bench.Status{bench.Wrong, bench.Failed} {
		if n := t.Count[status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, status))
		}
	}
	if n := t.Count[bench.Unavailable]; n > 0 {
		parts = append(parts, report.Plural(n, "contender")+" unavailable")
	}
	if t.Interrupted {
		parts = append(parts, fmt.Sprintf("%d not made: interrupted", t.Planned-t.done()))
	}
	return fmt.Sprintf("self-test: %s, in %.1f s", strings.Join(parts, ", "), time.Since(t.started).Seconds())
}

// verdict returns the error that the outcomes come to.
func (t *tester) verdict() error {
	const hint = "trust no result of this device by these contenders: try its current driver, and report it with the output of 'descent devices --selftest --format json'"
	switch {
	case t.Interrupted:
		return errInterrupted
	case t.Count[bench.Wrong] > 0:
		return statusError{fmt.Errorf("--selftest: %d of %s found a wrong answer", t.Count[bench.Wrong], report.Plural(t.Planned, "check")), exitWrong, hint}
	case t.Count[bench.Failed] > 0:
		return statusError{fmt.Errorf("--selftest: %d of %s failed", t.Count[bench.Failed], report.Plural(t.Planned, "check")), exitFailure, hint}
	case t.Planned == 0:
		return statusError{errors.New("--selftest: none of the contenders can run on this device"), exitFailure, ""}
	}
	return nil
}
