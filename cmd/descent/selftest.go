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
	"descent/bench/typeset"
	"descent/cmd/internal/builtin"
	"descent/dataset"
	"descent/gpu"
	"descent/gpu/device"
)

// splitValues is how many values a storage block may hold in the second half of a contender's
// checks. The targets of 4,096 observations fill one block, and 4,097 targets need two. Most
// problems with more features need many. Partial sums still fit; no backend splits them.
const splitValues = 4096

// A selftest is what the conformance suite found on one device.
type selftest struct {
	Device   string `json:"device"`
	Software bool   `json:"software"`
	*tally
}

// glContenders returns the contenders that run on OpenGL.
func glContenders() []bench.Contender {
	return slices.DeleteFunc(builtin.Contenders(builtin.Options{}), func(c bench.Contender) bool { return !builtin.UsesGL(c.Backend) })
}

// selfTest runs the suite on the chosen contenders until ctx ends, on the device that device.Open
// chooses. It writes one line for each check to out, and progress to a terminal. The error is the
// verdict. The result is nil if there is no device.
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

// openGL opens the backend of a contender. A limit that is not 0 is the most bytes of a storage
// block.
func openGL(o gpu.Options, c bench.Contender, limit int64) (bench.Backend, error) {
	b, found := builtin.Find(c.Name())
	if !found {
		return nil, unknownContender(c.Name())
	}
	o.MaxBlockBytes = limit
	return b.Open(builtin.Options{GPU: o})
}

// A tester makes a selftest.
type tester struct {
	selftest
	open opener
}

// An opener opens the backend of a contender, as openGL does.
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
	// All checks on whole blocks come first: they matter more if the user stops the test.
	for _, split := range []int64{0, splitValues} {
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

// unavailable reports whether a contender cannot run on this device, and adds the reason to the
// outcomes. It loads a problem, because a missing precision may show only then.
func (t *tester) unavailable(c bench.Contender) bool {
	b, err := t.open(c, 0)
	if err == nil {
		err = b.Load(&dataset.Problem{X: []float64{1}, D: []float64{1}, N: 1, P: 1})
		err = errors.Join(builtin.Unavailable(err), b.Close())
	}
	if !errors.Is(err, bench.ErrUnavailable) {
		return false // the checks will report any other error
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

// sum returns the last line.
func (t *tester) sum() string {
	parts := []string{fmt.Sprintf("%d of %s ok", t.Count[bench.OK], typeset.Plural(t.Planned, "check"))}
	for _, status := range []bench.Status{bench.Wrong, bench.Failed} {
		if n := t.Count[status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, status))
		}
	}
	if n := t.Count[bench.Unavailable]; n > 0 {
		parts = append(parts, typeset.Plural(n, "contender")+" unavailable")
	}
	if t.Interrupted {
		parts = append(parts, fmt.Sprintf("%d not made: interrupted", t.Planned-t.done()))
	}
	return fmt.Sprintf("self-test: %s, in %.1f s", strings.Join(parts, ", "), time.Since(t.started).Seconds())
}

// verdict returns an error if a check failed or none could be made.
func (t *tester) verdict() error {
	const hint = "trust no result of these contenders on this device: try its current driver, and report the output of 'descent devices --selftest --format json'"
	switch {
	case t.Interrupted:
		return errInterrupted
	case t.Count[bench.Wrong] > 0:
		return statusError{fmt.Errorf("--selftest: %d of %s found a wrong answer", t.Count[bench.Wrong], typeset.Plural(t.Planned, "check")), exitWrong, hint}
	case t.Count[bench.Failed] > 0:
		return statusError{fmt.Errorf("--selftest: %d of %s failed", t.Count[bench.Failed], typeset.Plural(t.Planned, "check")), exitFailure, hint}
	case t.Planned == 0:
		return statusError{errors.New("--selftest: none of the contenders can run on this device"), exitFailure, ""}
	}
	return nil
}
