package bench_test

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"descent/bench"
	"descent/bench/benchtest/fake"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/dataset"
)

// isolated runs a bad contender beside an honest one, and returns the row of the bad one. The fault
// must not change the row of the honest one.
func isolated(t *testing.T, plan journal.Plan, bad bench.Contender) report.Row {
	t.Helper()
	plan.Processes, plan.Blocks = 1, 3
	rep, err := fake.Measure(t, t.Context(), plan, bad, fake.Contender("good", "honest"))
	if err != nil {
		t.Fatal(err)
	}
	if good := rep.Rows[1]; rep.End != "complete" || good.Status != bench.OK || !good.Verified || good.Samples != 3 {
		t.Errorf("end %q; the other row: %+v", rep.End, good)
	}
	if rep.Rows[0].Status != bench.Failed || rep.Rows[0].Run != nil {
		t.Errorf("status %s, run %v", rep.Rows[0].Status, rep.Rows[0].Run)
	}
	return rep.Rows[0]
}

func TestAWorkerThatEndsWithinALineIsReportedAsEnded(t *testing.T) {
	row := isolated(t, fake.Plan(), fake.Contender("bad", "ends within a line"))
	if !strings.Contains(row.Note, "descend: the worker ended: exit status 9; before that it printed what is no answer: ") {
		t.Errorf("note %s", row.Note)
	}
	if row.Stderr != "out of paper" {
		t.Errorf("stderr %q", row.Stderr)
	}
}

// The driver reads a flood to its end, if it has one, and keeps a few kilobytes with the last line.
// If the flood is one line, the driver reads as much of it as the longest answer could have.
func TestAFloodNeitherGrowsTheDriverNorHidesTheLastLine(t *testing.T) {
	for how, note := range map[string]string{
		"floods stderr by the megabyte": "the worker ended: exit status 1",
		"floods stdout without end":     "load: ", // load gets the second line, or no answer
		"floods stdout with one line":   "printed a line of more than",
	} {
		t.Run(how, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			row := isolated(t, fake.Plan(), fake.Contender("bad", how))
			runtime.ReadMemStats(&after)
			if !strings.Contains(row.Note, note) || !strings.HasSuffix(row.Stderr, "the last line") || len(row.Stderr) > 8<<10 {
				t.Errorf("note %q, %d bytes of stderr, end %q", row.Note, len(row.Stderr), row.Stderr[max(0, len(row.Stderr)-80):])
			}
			if grown := int64(after.Sys-before.Sys) >> 20; grown > fake.FloodMiB/2 {
				t.Errorf("the driver took %d MiB more", grown)
			}
		})
	}
}

// If the driver did not kill the worker, it would take processor time from the next samples.
func TestAWorkerWithAFaultIsEndedAtOnce(t *testing.T) {
	p := start(t, "floods stdout without end", time.Minute)
	defer p.Close()
	p.Hello()
	if _, err := p.Load("x", "d"); err == nil {
		t.Fatal("no fault was seen")
	}
	if used, known := p.CPUTime(); known {
		t.Errorf("the worker still runs, and has used %v of processor time", used)
	}
}

// limited skips a test if this system cannot limit memory.
func limited(t *testing.T) {
	t.Helper()
	if err := bench.CanLimitMemory(); err != nil {
		t.Skip(err)
	}
}

func TestAWorkerThatLeaksCostsItsOwnRowAndSaysWhy(t *testing.T) {
	limited(t)
	if raceDetector {
		t.Skip("the race detector maps terabytes of private memory before anything is allocated")
	}
	plan := fake.Plan()
	plan.Memory = 512 << 20
	row := isolated(t, plan, fake.Contender("bad", "leaks"))
	if !strings.HasPrefix(row.Note, "descend: the worker ended: exit status 2, under a memory limit of 512.0 MiB (--memory)") {
		t.Errorf("note %q, stderr %q", row.Note, row.Stderr)
	}
}

// shell returns a contender whose worker answers hello, and runs a script when it is asked to load.
func shell(t *testing.T, script string) bench.Contender {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	script = `read -r line; echo '{"protocol":1,"init_ns":1}'; read -r line; ` + script
	return bench.Contender{Backend: "bad", Precision: dataset.Float64, Command: []string{sh, "-c", script}}
}

// faultOf starts a worker, asks it to load, and returns the error.
func faultOf(t *testing.T, c bench.Contender, l bench.Limits) string {
	t.Helper()
	p, err := bench.StartProcess(t.Context(), c, l)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.Hello(); err != nil {
		t.Fatal(err)
	}
	_, err = p.Load("x", "d")
	if err == nil {
		t.Fatal("no fault was seen")
	}
	return err.Error()
}

func TestAMemoryLimitHoldsForAWorkersChildren(t *testing.T) {
	limited(t)
	const script = `dd if=/dev/zero of=/dev/null bs=300M count=1; exit 3`
	if _, err := exec.LookPath("dd"); err != nil {
		t.Skip(err)
	}
	const without = "bad/f64: load: the worker ended: exit status 3"
	if fault := faultOf(t, shell(t, script), bench.Limits{Timeout: time.Minute}); fault != without {
		t.Errorf("without a limit: %s", fault)
	}
	fault := faultOf(t, shell(t, script), bench.Limits{Timeout: time.Minute, Memory: 200 << 20})
	if fault != without+", under a memory limit of 200.0 MiB (--memory)" {
		t.Errorf("under a limit: %s", fault)
	}
}

// An error names the limit only if a lack of memory can be its reason.
func TestALimitIsNamedWhereItMayBeTheReason(t *testing.T) {
	limited(t)
	const suffix = ", under a memory limit of 1024.0 MiB (--memory)"
	cases := []struct {
		script string
		named  bool
	}{
		{`echo "no such card" >&2; exit 1`, false},
		{`echo rubbish; exec sleep 60`, false},
		{`exec sleep 60`, false}, // it times out, and the driver sends the SIGKILL
		{`echo '{"error":"MemoryError: Unable to allocate 8.00 GiB for an array"}'`, true},
		{`echo "fatal error: out of memory" >&2; i=0; while [ $i -lt 999 ]; do echo "goroutine $i of many" >&2; i=$((i+1)); done; exit 2`, true},
		{`echo "SIGSEGV: segmentation violation" >&2; exit 2`, true}, // as the Go runtime prints it
		{`kill -SEGV $$`, true},
		{`kill -KILL $$`, true},
	}
	for _, c := range cases {
		t.Run(c.script, func(t *testing.T) {
			timeout := time.Minute
			if strings.Contains(c.script, "exec sleep") {
				timeout = 2 * time.Second
			}
			fault := faultOf(t, shell(t, c.script), bench.Limits{Timeout: timeout, Memory: 1 << 30})
			if strings.HasSuffix(fault, suffix) != c.named {
				t.Errorf("%s", fault)
			}
		})
	}
}

func TestTheKernelIsToEndAWorkerBeforeTheDriver(t *testing.T) {
	own, err := os.ReadFile("/proc/self/oom_score_adj")
	if err != nil {
		t.Skip(err)
	}
	if strings.TrimSpace(string(own)) == "1000" {
		t.Skip("the kernel would end this process first, too")
	}
	if fault := faultOf(t, shell(t, `exit $(($(cat /proc/self/oom_score_adj) / 10))`), bench.Limits{Timeout: time.Minute}); !strings.HasSuffix(fault, "exit status 100") {
		t.Errorf("%s", fault)
	}
}

func TestAWorkersProcessorTimeIsItsOwn(t *testing.T) {
	p := start(t, "honest", time.Minute)
	if _, err := p.Hello(); err != nil {
		t.Fatal(err)
	}
	used, known := p.CPUTime()
	if runtime.GOOS == "linux" && !known {
		t.Fatal("the processor time is not known")
	}
	if known && (used <= 0 || used > time.Minute) {
		t.Errorf("to start and to answer hello took %v of processor time", used)
	}
	p.Close()
	if used, known := p.CPUTime(); known {
		t.Errorf("a worker that has ended has %v of processor time", used)
	}
}
