package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"descent/bench"
	"descent/bench/conformance"
	"descent/cpu"
	"descent/dataset"
	"descent/gpu/device"
)

// A bent backend is a backend in Go with answers that bend spoils.
type bent struct {
	bench.Backend
	bend func(w []float64) error
}

func (b bent) Descend(w []float64, rate float64, epochs int) error {
	if err := b.Backend.Descend(w, rate, epochs); err != nil {
		return err
	}
	return b.bend(w)
}

// An absent backend says only in its first load that it cannot run here.
type absent struct{ bench.Backend }

func (absent) Load(*dataset.Problem) error {
	return &device.Error{Kind: device.MissingFeature, Detail: "this card has no double precision"}
}

// openFake opens the contenders of these tests.
func openFake(c bench.Contender, _ int64) (bench.Backend, error) {
	loop := cpu.NewLoop[float64]()
	switch c.Backend {
	case "right":
		return loop, nil
	case "wrong":
		return bent{loop, func(w []float64) error { w[0]++; return nil }}, nil
	case "failing":
		return bent{loop, func([]float64) error { return &device.Error{Kind: device.ContextLost} }}, nil
	case "absent":
		return absent{loop}, nil
	}
	return nil, &device.Error{Kind: device.Timeout}
}

func fakes(backends ...string) []bench.Contender {
	var out []bench.Contender
	for _, b := range backends {
		out = append(out, bench.Contender{Backend: b, Precision: dataset.Float64})
	}
	return out
}

func TestASelfTestsVerdictIsTheWorstOfItsOutcomes(t *testing.T) {
	tests := []struct {
		backends string
		status   int
		err, sum string
	}{
		{"right", exitOK, "", "self-test: 16 of 16 checks ok, in "},
		{"right absent", exitOK, "", "self-test: 16 of 16 checks ok, 1 contender unavailable, in "},
		{"absent", exitFailure, "none of the contenders can run on this device", "self-test: 0 of 0 checks ok, 1 contender unavailable, in "},
		{"closed", exitFailure, "16 of 16 checks failed", "self-test: 0 of 16 checks ok, 16 failed, in "},
		{"failing right", exitFailure, "12 of 32 checks failed", "self-test: 20 of 32 checks ok, 12 failed, in "},
		{"failing wrong", exitWrong, "8 of 32 checks found a wrong answer", "self-test: 12 of 32 checks ok, 8 wrong, 12 failed, in "},
	}
	for _, tt := range tests {
		t.Run(tt.backends, func(t *testing.T) {
			out := &strings.Builder{}
			test := newTester(openFake, out, io.Discard)
			err := test.run(t.Context(), fakes(strings.Fields(tt.backends)...))
			status := exitOK
			if known := (statusError{}); errors.As(err, &known) {
				status = known.status
			}
			if status != tt.status || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("exit status %d with error %v, want %d with %q", status, err, tt.status, tt.err)
			}
			if !strings.Contains(out.String(), "\n"+tt.sum) {
				t.Errorf("no %q in\n%s", tt.sum, out)
			}
			total := 0
			for _, n := range test.Count {
				total += n
			}
			if total != len(test.Checks) {
				t.Errorf("%v counts %d, and there are %d outcomes", test.Count, total, len(test.Checks))
			}
		})
	}
}

func TestASelfTestTellsWhatItFound(t *testing.T) {
	test := newTester(openFake, io.Discard, io.Discard)
	if test.run(t.Context(), fakes("absent", "wrong")) == nil {
		t.Error("a wrong answer is no error")
	}
	want := []outcome{
		{Contender: "absent/f64", Status: bench.Unavailable, Note: "missing feature: this card has no double precision", Hint: (&device.Error{Kind: device.MissingFeature}).Hint()},
		{Contender: "wrong/f64", Check: "misuse is an error", Status: bench.OK},
		{Contender: "wrong/f64", Check: "misuse is an error", Status: bench.OK, MaxBlockBytes: 4096 * 8},
	}
	last := len(conformance.Checks())
	got := []outcome{test.Checks[0], test.Checks[last], test.Checks[2*last]}
	for i := range got {
		got[i].TimeNS = 0
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	first := test.Checks[2] // the second check
	if first.Status != bench.Wrong || first.TimeNS <= 0 || !strings.Contains(first.Note, "N=1, P=1, 0 epochs at rate ") {
		t.Errorf("a wrong answer is told as %+v", first)
	}
	const shown = 10
	text := first.text(20, 20)
	if lines := strings.Count(text, "\n"); lines != 1+shown+1 || !strings.Contains(text, "WRONG") || !strings.Contains(text, "more, which --format json has") {
		t.Errorf("its %d cases are printed as\n%s", strings.Count(first.Note, "\n")+1, text)
	}
}

// The check that a Ctrl-C cuts short does not count. The checks before it are reported.
func TestAnInterruptedSelfTestTellsWhatWasDone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &strings.Builder{}
	opened := 0
	test := newTester(func(c bench.Contender, limit int64) (bench.Backend, error) {
		// The first open asks whether the contender is available. The second is for the first
		// check, the third for the second check.
		if opened++; opened == 3 {
			cancel()
			return nil, &device.Error{Kind: device.Cancelled}
		}
		return openFake(c, limit)
	}, out, io.Discard)
	err := test.run(ctx, fakes("right"))
	known := statusError{}
	if !errors.As(err, &known) || known.status != exitInterrupted || !test.Interrupted {
		t.Errorf("the verdict is %v", err)
	}
	if test.Count[bench.OK] != 1 || len(test.Checks) != 1 {
		t.Errorf("the outcomes are %+v", test.Checks)
	}
	if want := "self-test: 1 of 16 checks ok, 15 not made: interrupted, in "; !strings.Contains(out.String(), want) {
		t.Errorf("no %q in\n%s", want, out)
	}
}

func TestASelfTestThatCannotBePrintedFails(t *testing.T) {
	full := errors.New("no space left on device")
	test := newTester(openFake, failingWriter{full}, io.Discard)
	if err := test.run(t.Context(), fakes("absent")); !errors.Is(err, full) {
		t.Errorf("the error is %v", err)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }
