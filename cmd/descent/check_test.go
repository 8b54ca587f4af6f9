package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/signal"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"descent/bench/machine"
)

// checkGrade is the command "grade JSON TEXT". Both files begin with the machine's grade. In JSON
// it is the grade of the worst assessment, and each assessment that is not good has a remedy.
func checkGrade(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: grade JSON TEXT")
	}
	var w watching
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &w))
	if w.Grade != machine.Worst(w.Assessments) || w.Seconds <= 0 {
		ts.Fatalf("the machine is %q over %v s, with the assessments %v", w.Grade, w.Seconds, w.Assessments)
	}
	for _, f := range w.Assessments {
		if (f.Grade == machine.Good) != (f.Remedy == "") {
			ts.Fatalf("%s is %s and has the remedy %q", f.What, f.Grade, f.Remedy)
		}
	}
	first, _, _ := strings.Cut(ts.ReadFile(args[1]), ":")
	if meanings[machine.Grade(first)] == "" {
		ts.Fatalf("the text begins with %q", first)
	}
}

// seen are assessments of each grade.
var seen = []machine.Assessment{
	{What: "load by others", Value: "0.4% of one processor, 0.1% of all 4", Grade: machine.Good},
	{What: "governor", Value: "schedutil", Grade: machine.Fair, Remedy: "sudo cpupower frequency-set -g performance"},
	{What: "battery", Value: "BAT0 discharging", Grade: machine.Poor, Remedy: "connect the machine to mains power"},
	{What: "swapping", Value: "pages in and out: 900", Grade: machine.Poor, Remedy: "close programs"},
}

func TestACheckPrintsTheGradeTheFindingsAndTheRemedies(t *testing.T) {
	const want = `poor: times taken now are not to be trusted

finding         value                                 grade
───────────────────────────────────────────────────────────
load by others  0.4% of one processor, 0.1% of all 4  good
governor        schedutil                             fair
battery         BAT0 discharging                      poor
swapping        pages in and out: 900                 poor

what can be done
  governor: sudo cpupower frequency-set -g performance
  battery: connect the machine to mains power
  swapping: close programs
`
	if got := (watching{machine.Poor, 2, seen}).text(plain); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if got, want := (watching{machine.Good, 2, nil}).text(plain), "good: nothing was seen that disturbs a measurement\n"; got != want {
		t.Errorf("without assessments: %q, not %q", got, want)
	}
}

func TestTheGradesOfACheckHaveColoursOnATerminal(t *testing.T) {
	got := watching{machine.Poor, 2, seen}.text(inColor)
	for _, s := range []string{"\x1b[32mgood", "\x1b[33mfair", "\x1b[31mpoor"} {
		if !strings.Contains(got, s) {
			t.Errorf("%q is not in\n%s", s, got)
		}
	}
}

func TestACheckFailsOnAPoorMachineOnly(t *testing.T) {
	for _, g := range []machine.Grade{machine.Good, machine.Fair} {
		if err := (watching{g, 2, seen[:2]}).verdict(); err != nil {
			t.Errorf("%s: %v", g, err)
		}
	}
	err := watching{machine.Poor, 2, seen}.verdict()
	var known statusError
	if !errors.As(err, &known) || known.status != exitFailure || known.hint != "battery: connect the machine to mains power" ||
		!strings.Contains(err.Error(), "battery (BAT0 discharging), swapping (pages in and out: 900)") {
		t.Errorf("%#v", err)
	}
}

func TestCtrlCEndsACheck(t *testing.T) {
	signals := make(chan os.Signal, 1) // a signal that comes too early must not end the test
	signal.Notify(signals, os.Interrupt)
	defer signal.Stop(signals)
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr strings.Builder
	ended := make(chan int)
	go func() { ended <- run([]string{"check", "--seconds", "60"}, nil, &stdout, &stderr) }()
	for range 300 {
		if err := self.Signal(os.Interrupt); err != nil {
			t.Skipf("no signal can be sent here: %v", err)
		}
		select {
		case status := <-ended:
			if status != exitInterrupted || stdout.String() != "" || stderr.String() != "descent: error: interrupted\n" {
				t.Errorf("status %d, stdout %q, stderr %q", status, &stdout, &stderr)
			}
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
	t.Fatal("the check went on")
}

func TestSpinsAreSpreadOverTheTimeOfACheck(t *testing.T) {
	begin := time.Now()
	spins := spin(t.Context(), 400*time.Millisecond)
	if d := time.Since(begin); d < 400*time.Millisecond || len(spins) == 0 || len(spins) > 31 || slices.Min(spins) <= 0 {
		t.Errorf("%d spins within %v: %v", len(spins), d, spins)
	}
}
