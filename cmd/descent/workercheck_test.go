package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"descent/bench"
	"descent/bench/conformance"
	"descent/cpu"
	"descent/dataset"
)

// badWorker is the command "badworker HOW": a worker of one feature that goes wrong in one way.
// bench/conformance has more.
func badWorker() {
	bend := func([]float64) error { return nil }
	switch os.Args[1] {
	case "answers-wrongly":
		bend = func(w []float64) error { w[0]++; return nil }
	case "adds-in-any-order":
		bend = func(w []float64) error { w[0] *= 1 + 1e-13*rand.Float64(); return nil }
	case "takes-long":
		bend = func(w []float64) error { time.Sleep(50 * time.Millisecond); return nil }
	case "prints":
		bend = func(w []float64) error { fmt.Println("epoch 1 of 3"); return nil }
	case "dies-in-a-descent":
		bend = func(w []float64) error {
			fmt.Fprintln(os.Stderr, "Traceback\nKeyError: epochs")
			os.Exit(3)
			return nil
		}
	case "dies":
		fmt.Fprintln(os.Stderr, "mine.so: cannot open shared object file")
		os.Exit(7)
	}
	open := func() (bench.Backend, error) { return single{bent{cpu.NewLoop[float64](), bend}}, nil }
	switch os.Args[1] {
	case "wrong-at", "fails-at": // so many rows
		rows, _ := strconv.Atoi(os.Args[2])
		open = func() (bench.Backend, error) {
			return &sensitive{Backend: cpu.NewLoop[float64](), rows: rows, fails: os.Args[1] == "fails-at"}, nil
		}
	}
	bench.Serve(os.Stdin, os.Stdout, "bad", "f64", open)
}

// A sensitive backend answers wrongly, or fails, if the data have a certain number of rows. It is
// slow, so that it loses to every other backend beyond doubt.
type sensitive struct {
	bench.Backend
	rows  int
	fails bool
	met   bool // it has as many rows
}

func (s *sensitive) Load(p *dataset.Problem) error {
	s.met = p.N == s.rows
	return s.Backend.Load(p)
}

func (s *sensitive) Descend(w []float64, rate float64, epochs int) error {
	if s.met && s.fails {
		return fmt.Errorf("%d rows are unlucky", s.rows)
	}
	time.Sleep(time.Millisecond)
	err := s.Backend.Descend(w, rate, epochs)
	if s.met {
		w[0]++
	}
	return err
}

// A single backend takes one feature.
type single struct{ bench.Backend }

func (s single) Load(p *dataset.Problem) error {
	if p.P > 1 {
		return fmt.Errorf("%d features: there is one in the article: %w", p.P, bench.ErrUnavailable)
	}
	return s.Backend.Load(p)
}

func TestTheInvocationOfACheckedProgramNamesIt(t *testing.T) {
	for _, tt := range []struct {
		program string
		command []string
		want    string
	}{
		{"c-avx512", []string{"bin/avx512"}, "descent run --program c-avx512/f32=bin/avx512"},
		{"loop", []string{"python3", "mine.py"}, "descent run --program 'mine/f32=python3 mine.py'"},
		{"numpy", []string{"./other"}, "descent run --program mine/f32=./other"},
		{"my\atool", []string{"./other"}, "descent run --program mine/f32=./other"},
		{"my tool", []string{"./don't"}, `descent run --program 'mine/f32=./don'\''t'`},
		{"a", []string{"./my tool", "-v"}, "descent run --program a/f32=SCRIPT, SCRIPT being a file that ends in 'exec COMMAND'"},
	} {
		test := workerTest{Program: tt.program, Command: tt.command, Precision: dataset.Float32}
		if got := test.invocation(); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%q is run by %s", tt.command, got)
		}
	}
}

func TestWhatACheckFoundIsAStatus(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want bench.Status
	}{
		{nil, bench.OK},
		{fmt.Errorf("%w: other bits", conformance.ErrWrong), bench.Wrong},
		{conformance.Mild{Err: fmt.Errorf("%w: other bits", conformance.ErrWrong)}, warning},
		{errors.New("died"), bench.Failed},
	} {
		if got := statusOf(tt.err); got != tt.want {
			t.Errorf("%v is %s", tt.err, got)
		}
	}
}

func TestCtrlCIsTheExitStatusWhateverWasFoundBeforeIt(t *testing.T) {
	found := &tally{Interrupted: true, Count: map[bench.Status]int{bench.Wrong: 1, bench.Failed: 1}}
	for _, err := range []error{(&workerTest{tally: found}).verdict(), (&tester{selftest: selftest{tally: found}}).verdict()} {
		known := statusError{}
		if !errors.As(err, &known) || known.status != exitInterrupted {
			t.Errorf("the verdict is %v", err)
		}
	}
}
