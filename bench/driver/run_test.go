package driver_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"descent/bench"
	"descent/bench/benchtest/fake"
	"descent/bench/driver"
	"descent/bench/internal/proc"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/dataset"
)

func TestMain(m *testing.M) {
	fake.Main()
	os.Exit(m.Run())
}

func TestRunMeasuresAllBlocksOfAllProcesses(t *testing.T) {
	rep, err := fake.Measure(t, t.Context(), fake.Plan(), fake.Contender("a", "honest"), fake.Contender("b", "honest"))
	if err != nil {
		t.Fatal(err)
	}
	if rep.End != "complete" || len(rep.Rows) != 2 {
		t.Fatalf("end %q, %d rows", rep.End, len(rep.Rows))
	}
	for _, row := range rep.Rows {
		if row.Status != bench.OK || !row.Verified || row.Samples != 8 || row.Processes != 2 || row.Epochs != 100 {
			t.Errorf("row %+v", row)
		}
		if row.Run == nil || !(row.Run.Min > 0 && row.Run.Min <= row.Run.Median) || row.Run.Lo != 0 {
			t.Errorf("%s: run %+v", row.Contender, row.Run)
		}
		if row.Init == nil || row.Load == nil || row.PeakBytes <= 0 {
			t.Errorf("%s: init %v, load %v, peak %d", row.Contender, row.Init, row.Load, row.PeakBytes)
		}
	}
}

func TestARunsHeaderHoldsTheProbe(t *testing.T) {
	plan := fake.Plan()
	plan.Processes, plan.Blocks = 1, 1
	probe := bench.Probe{Device: "a card", ReadBytesPerS: 1e9}
	s := newSession(t, plan, "honest")
	s.change = func(setup *driver.Setup) { setup.Probe = func(context.Context) *bench.Probe { return &probe } }
	if rep := report.New(s.measured(t)); !reflect.DeepEqual(rep.Probe, &probe) {
		t.Errorf("probe %+v", rep.Probe)
	}
}

func TestABadWorkerCostsItsOwnRowOnly(t *testing.T) {
	cases := []struct {
		how, note, stderr string
		status            bench.Status
	}{
		{"absent", "no card: unavailable", "", bench.Unavailable},
		{"dies at start", "hello: the worker ended: exit status 7", "segmentation fault in a library", bench.Failed},
		{"dies in mid-run", "descend: the worker ended: signal: killed", "cannot go on", bench.Failed},
		{"hangs", "descend: gave no answer to descend within 5s", "", bench.Failed},
		{"rubbish", `hello: printed what is no answer: "Warning: something is deprecated" is not a JSON object`, "", bench.Failed},
		{"rubbish between", "load: ", "", bench.Failed},
		{"an endless line", "hello: printed a line of more than", "", bench.Failed},
		{"floods stderr", "the worker ended: exit status 1", "the last line", bench.Failed},
		{"another protocol", "hello: the worker speaks protocol 99, not 1", "", bench.Failed},
		{"another precision", "hello: the worker computes in f32, not in f64", "", bench.Failed},
		{"refuses unasked", "no card", "", bench.Unavailable},
		{"chatters", ": ", "", bench.Failed},
		{"closes its stdout", "hello: the worker closed its stdout without an answer", "", bench.Failed},
		{"closes its stdin", "descend: closed its stdin before it answered descend", "", bench.Failed},
		{"answers too little", "descend: the worker answered with 1 weights to a descent on 2", "", bench.Failed},
		{"answers no time", "descend: the worker answered run_ns 0 to a descent", "", bench.Failed},
		{"says it opened for long", "hello: init_ns says 16m40s, and the worker was started ", "", bench.Failed},
		{"says it loaded for long", "load: load_ns says 16m40s, the driver's clock only ", "", bench.Failed},
		{"loads in parts beyond the whole", "load: the worker answered a load with parts that are none: compile_ns 70000000, search_ns 0 and upload_ns 0 together exceed load_ns 1000", "", bench.Failed},
		{"answers a download beyond the run", "descend: the worker answered a descent with a part that is none: download_ns 70000000 exceeds run_ns 1000", "", bench.Failed},
		{"answers a negative download", "download_ns is -7: no time is negative", "", bench.Failed},
		{"an empty answer", "descend: the worker answered with 0 weights to a descent on 2", "", bench.Failed},
		{"answers wrongly", "after 1 epoch: w[", "", bench.Wrong},
		{"answers NaN", "after 1 epoch: w[0]", "", bench.Wrong},
	}
	plan := fake.Plan()
	// the timeout is long enough for the good worker on a busy machine
	plan.Timeout, plan.Processes, plan.Blocks = 5*time.Second, 1, 3
	for _, c := range cases {
		t.Run(c.how, func(t *testing.T) {
			rep, err := fake.Measure(t, t.Context(), plan, fake.Contender("bad", c.how), fake.Contender("good", "honest"))
			if err != nil {
				t.Fatal(err)
			}
			bad, good := rep.Rows[0], rep.Rows[1]
			if bad.Status != c.status || !strings.Contains(bad.Note, c.note) || !strings.Contains(bad.Stderr, c.stderr) {
				t.Errorf("status %q, note %q, stderr %q", bad.Status, bad.Note, bad.Stderr)
			}
			if bad.Run != nil || bad.Verified {
				t.Errorf("a row that is %s has a time: %+v", bad.Status, bad)
			}
			if len(bad.Stderr) > 8<<10 {
				t.Errorf("%d bytes of stderr were kept", len(bad.Stderr))
			}
			if good.Status != bench.OK || !good.Verified || good.Samples != 3 {
				t.Errorf("the other row: %+v", good)
			}
		})
	}
}

func TestAClockThatLiesIsNotTrusted(t *testing.T) {
	plan := fake.Plan()
	plan.Processes, plan.Blocks = 1, 3
	for how, note := range map[string]string{
		"answers before the work":         "in every sample the driver waited for longer",
		"says it worked for long":         "the worker's clock says",
		"says its device worked for long": "the device's clock says 1h0m0s, the worker's only",
	} {
		rep, err := fake.Measure(t, t.Context(), plan, fake.Contender("liar", how))
		if err != nil {
			t.Fatal(err)
		}
		if row := rep.Rows[0]; row.Status != bench.Untrusted || row.Run != nil || !strings.Contains(row.Note, note) {
			t.Errorf("%s: row %+v", how, row)
		}
	}
}

// The version can change in a run: somebody installs another version of a library, or resumes the
// run with another.
func TestARowIsOfOneVersion(t *testing.T) {
	plan := fake.Plan()
	plan.Processes, plan.Blocks = 2, 1
	rep, err := fake.Measure(t, t.Context(), plan, fake.Contender("a", "is another with every process"))
	if err != nil {
		t.Fatal(err)
	}
	if row := rep.Rows[0]; row.Status != bench.Failed || !strings.Contains(row.Note, "a row is of one version") {
		t.Errorf("row %+v", row)
	}
}

func TestPeakMemoryCoversTheWholeLife(t *testing.T) {
	const size = 64 << 20
	before := proc.HighWater(os.Getpid())
	if before == 0 {
		t.Skip("this system does not record peak memory")
	}
	touched := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		touched[i] = 1
	}
	runtime.KeepAlive(touched)
	touched = nil
	debug.FreeOSMemory()
	if after := proc.HighWater(os.Getpid()); after < size {
		t.Errorf("peak memory %d bytes, and after %d bytes were allocated and freed %d", before, size, after)
	}
}

func TestAWorkerThatDoesNotExitIsEnded(t *testing.T) {
	plan := fake.Plan()
	plan.Processes, plan.Blocks = 1, 1
	rep, err := fake.Measure(t, t.Context(), plan, fake.Contender("a", "hangs at exit"))
	if err != nil || rep.Rows[0].Status != bench.OK {
		t.Errorf("error %v, rows %+v", err, rep.Rows)
	}
}

func TestACommandThatIsNotThereFailsItsRow(t *testing.T) {
	c := bench.Contender{Backend: "ghost", Precision: dataset.Float64, Command: []string{filepath.Join(t.TempDir(), "ghost")}}
	rep, err := fake.Measure(t, t.Context(), fake.Plan(), c)
	if err != nil {
		t.Fatal(err)
	}
	if row := rep.Rows[0]; row.Status != bench.Failed || !strings.Contains(row.Note, "cannot be started") {
		t.Errorf("row %+v", row)
	}
}

func TestAnInterruptedRunKeepsWhatItKnew(t *testing.T) {
	plan := fake.Plan()
	plan.Processes, plan.Blocks = 1000, 1000
	ctx, cancel := context.WithCancel(t.Context())
	steps := 0
	interrupt := func() {
		if steps++; steps == 5 { // a process was opened, and three samples taken
			cancel()
		}
	}
	rep, err := fake.MeasureTold(t, ctx, interrupt, plan, fake.Contender("a", "honest"))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if rep.End != "interrupted" || rep.Rows[0].Status != bench.OK || rep.Rows[0].Samples != 3 {
		t.Errorf("end %q, rows %+v", rep.End, rep.Rows)
	}
}

func TestASmallBudgetCutsSamplesAndEpochs(t *testing.T) {
	plan := fake.Plan()
	plan.N, plan.Epochs, plan.Rate, plan.Budget = 100_000, 1_000_000, 0.1, 300*time.Millisecond
	plan.Processes, plan.Blocks = 1, 1000
	rep, err := fake.Measure(t, t.Context(), plan, fake.Contender("a", "honest"))
	if err != nil {
		t.Fatal(err)
	}
	row := rep.Rows[0]
	if row.Status != bench.OK || row.Samples < 3 || row.Epochs >= plan.Epochs || rep.End != "budget" {
		t.Errorf("end %q, row %+v", rep.End, row)
	}
}

// The first descent of this contender is very slow. Judged by it alone, the budget would allow one
// epoch a sample, and the sample would mostly time the cost of a call.
func TestTheFirstDescentDoesNotDecideHowManyEpochsASampleHas(t *testing.T) {
	plan := fake.Plan()
	plan.Budget = time.Second
	rep, err := fake.Measure(t, t.Context(), plan, fake.Contender("a", "compiles in its first descent"))
	if err != nil {
		t.Fatal(err)
	}
	if row := rep.Rows[0]; row.Status != bench.OK || row.Epochs < 8 {
		t.Errorf("row %+v", row)
	}
}

// The time of this contender does not grow with its epochs. So a sample of few epochs would tell
// nothing about many.
func TestAContenderWithWorkOncePerDescentKeepsItsEpochs(t *testing.T) {
	plan := fake.Plan()
	plan.Budget, plan.Processes, plan.Blocks = 300*time.Millisecond, 1, 3
	rep, err := fake.Measure(t, t.Context(), plan, fake.Contender("a", "passes over the data once"))
	if err != nil {
		t.Fatal(err)
	}
	row := rep.Rows[0]
	if row.Status != bench.OK || row.Epochs != plan.Epochs || row.Samples != 3 {
		t.Errorf("row %+v", row)
	}
	if row.Info.Algorithm != "one pass" || row.Info.Threads != 3 || row.Info.Work == nil || *row.Info.Work != (bench.Work{Dispatches: 0.5, Syncs: 2}) {
		t.Errorf("info %+v", row.Info)
	}
}

// If a contender runs differently in mid-run, its row has both notes.
func TestANoteThatComesWithADescentStandsInTheRow(t *testing.T) {
	rep, err := fake.Measure(t, t.Context(), fake.Plan(), fake.Contender("a", "falls back in mid-run"))
	if err != nil {
		t.Fatal(err)
	}
	if row := rep.Rows[0]; row.Status != bench.OK || row.Info.Note != "on the chip; in memory" {
		t.Errorf("status %s, note %q", row.Status, row.Info.Note)
	}
}

func TestAReportIsTheSameFromAFileCutShort(t *testing.T) {
	plan := fake.Plan()
	plan.Processes, plan.Blocks = 1, 3
	s := newSession(t, plan, "honest")
	s.measured(t)
	whole, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.jsonl")
	lines := slices.Collect(strings.Lines(string(whole)))
	torn := strings.Join(lines[:len(lines)-1], "") + lines[len(lines)-1][:8]
	if err := os.WriteFile(cut, []byte(torn), 0o644); err != nil {
		t.Fatal(err)
	}
	runs, err := journal.Read(cut)
	if err != nil {
		t.Fatal(err)
	}
	if rep := report.New(runs[0]); rep.End != "cut short" || rep.Rows[0].Samples != 3 {
		t.Errorf("end %q, rows %+v", rep.End, rep.Rows)
	}
}

func TestARunWithoutRoomForItsDataLeavesNoFile(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	s := newSession(t, fake.Plan(), "honest")
	if err := s.run(t); err == nil || !strings.Contains(err.Error(), "no folder for the data") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(s.path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("stat: %v", err)
	}
}

func TestASetupThatWouldMeasureNothingIsRefused(t *testing.T) {
	p := fake.Problem(10, 1)
	plan := fake.Plan()
	plan.Rate = 5
	if _, err := driver.New(driver.Setup{Plan: plan, Problem: p, Contenders: []bench.Contender{fake.Contender("a", "honest")}}); err == nil || !strings.Contains(err.Error(), "2/λmax") {
		t.Errorf("a rate of 5: %v", err)
	}
	p.D[3] = 1e200
	c := fake.Contender("a", "honest")
	c.Precision = dataset.Float32
	if _, err := driver.New(driver.Setup{Plan: fake.Plan(), Problem: p, Contenders: []bench.Contender{c}}); err == nil || !strings.Contains(err.Error(), "d[3] = 1e+200 is beyond f32") {
		t.Errorf("data past f32: %v", err)
	}
}
