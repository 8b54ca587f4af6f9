package driver_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"descent/bench"
	"descent/bench/benchtest/fake"
	"descent/bench/driver"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/bench/stats"
)

// A session measures a run into a results file, and may resume it.
type session struct {
	path       string
	plan       journal.Plan
	contenders []bench.Contender
	step       func(n int)         // called before step n, from 1; may be nil
	change     func(*driver.Setup) // changes the setup; may be nil
	ctx        context.Context
}

// run measures, and returns the error that ended the run. If the file exists, run resumes the run
// in it.
func (s *session) run(t *testing.T) error {
	t.Helper()
	run, open, err := s.setUp(t)
	if err != nil {
		return err
	}
	j, err := open(s.path)
	if err != nil {
		return err
	}
	defer j.Close()
	ctx := s.ctx
	if ctx == nil {
		ctx = t.Context()
	}
	return run.Measure(ctx, j)
}

// setUp sets up a run, and returns it with the function that opens its file. If the file exists,
// the run resumes the one in it.
func (s *session) setUp(t *testing.T) (*driver.Run, func(string) (*journal.Journal, error), error) {
	t.Helper()
	n := 0
	setup := driver.Setup{
		Plan: s.plan, Problem: fake.Problem(s.plan.N, s.plan.Features), Contenders: s.contenders,
		Tell: func(driver.Progress) {
			if n++; s.step != nil {
				s.step(n)
			}
		},
	}
	open := journal.Create
	if _, err := os.Stat(s.path); err == nil {
		open, setup.Resume = journal.Append, s.results(t)
	}
	if s.change != nil {
		s.change(&setup)
	}
	run, err := driver.New(setup)
	return run, open, err
}

// results returns the last run of the file.
func (s *session) results(t *testing.T) *journal.Results {
	t.Helper()
	runs, err := journal.Read(s.path)
	if err != nil {
		t.Fatal(err)
	}
	return runs[len(runs)-1]
}

// interrupted measures, and cancels the run before step n, as a Ctrl-C does.
func (s *session) interrupted(t *testing.T, n int) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	until := *s
	until.ctx, until.step = ctx, func(k int) {
		if k == n {
			cancel()
		}
	}
	return until.run(t)
}

// newSession returns a session of contenders a, b, …. hows names their behaviours.
func newSession(t *testing.T, plan journal.Plan, hows ...string) *session {
	s := &session{path: filepath.Join(t.TempDir(), "r.jsonl"), plan: plan}
	for i, how := range hows {
		s.contenders = append(s.contenders, fake.Contender(string(rune('a'+i)), how))
	}
	return s
}

// measured measures to the end, and returns the results.
func (s *session) measured(t *testing.T) *journal.Results {
	t.Helper()
	if err := s.run(t); err != nil {
		t.Fatal(err)
	}
	return s.results(t)
}

// A card may be faster. But the twins must show how much equal contenders on the CPU differ.
func TestTheFastestOnTheCPURunsTwice(t *testing.T) {
	plan := fake.Plan()
	plan.NoNull, plan.Processes, plan.Blocks = false, 1, 3
	for _, c := range []struct {
		hows []string
		want string
	}{
		{[]string{"is slow", "is quick, on the CPU", "absent"}, "b/f64"},
		{[]string{"is slow", "is quick, on a card", "dies in mid-run"}, "a/f64"},
	} {
		results := newSession(t, plan, c.hows...).measured(t)
		if results.Twin == nil || results.Twin.Name() != c.want+":twin" {
			t.Fatalf("the twin is %+v, not of %s", results.Twin, c.want)
		}
		n := 0
		for _, s := range results.Samples {
			if s.Contender == c.want+":twin" && !s.Warmup {
				n++
			}
		}
		rep := report.New(results)
		if n != plan.Processes*plan.Blocks || len(rep.Rows) != 3 {
			t.Errorf("%d samples of the twin, %d rows", n, len(rep.Rows))
		}
		if rep.Null == nil || rep.Null.Contender != c.want || rep.Null.Ratio.To != c.want+":twin" || !(rep.Null.Ratio.Ratio > 0) {
			t.Errorf("null %+v", rep.Null)
		}
		for _, row := range rep.Rows {
			if strings.Contains(row.Contender, "twin") {
				t.Errorf("the twin has a row: %+v", row)
			}
		}
	}
}

func TestARunOfContendersThatCannotRunHasNoTwin(t *testing.T) {
	plan := fake.Plan()
	plan.NoNull = false
	results := newSession(t, plan, "absent").measured(t)
	if rep := report.New(results); results.Twin != nil || rep.Null != nil || rep.End != journal.Complete {
		t.Errorf("twin %v, null %v, end %s", results.Twin, rep.Null, rep.End)
	}
}

// order returns the blocks and contenders of the samples, in the order they were taken.
func order(r *journal.Results) string {
	var out []string
	for _, s := range r.Samples {
		if !s.Warmup {
			out = append(out, fmt.Sprint(s.Block, s.Contender))
		}
	}
	return strings.Join(out, " ")
}

func TestTheSeedDecidesTheOrderWithinBlocks(t *testing.T) {
	var orders []string
	for _, seed := range []uint64{1, 1, 2} {
		plan := fake.Plan()
		plan.Seed, plan.Processes, plan.Blocks = seed, 1, 3
		results := newSession(t, plan, "honest", "honest", "honest").measured(t)
		if n := len(strings.Fields(order(results))); n != 3*plan.Processes*plan.Blocks {
			t.Fatalf("%d samples: %s", n, order(results))
		}
		orders = append(orders, order(results))
	}
	if orders[0] != orders[1] {
		t.Errorf("one seed gave two orders:\n%s\n%s", orders[0], orders[1])
	}
	if orders[0] == orders[2] {
		t.Errorf("two seeds gave one order: %s", orders[0])
	}
}

func TestEveryProcessWarmsUpAndSamplesTheSame(t *testing.T) {
	plan := fake.Plan()
	plan.Processes, plan.Blocks, plan.NoNull = 3, 2, false
	results := newSession(t, plan, "is quick, on the CPU", "is slow").measured(t)
	type key struct {
		contender string
		process   int
	}
	warmups, sizes := map[key]int{}, map[string][2]int{}
	sizeOf := func(contender string, epochs, calls int) {
		if was, ok := sizes[contender]; ok && was != [2]int{epochs, calls} {
			t.Errorf("%s: samples of %v and of %v epochs and calls", contender, was, [2]int{epochs, calls})
		}
		sizes[contender] = [2]int{epochs, calls}
	}
	for _, s := range results.Samples {
		if s.Warmup {
			warmups[key{s.Contender, s.Process}]++
			continue
		}
		sizeOf(s.Contender, s.Epochs, s.Calls)
		if s.SpinNS[0] <= 0 || s.SpinNS[1] <= 0 {
			t.Errorf("%s: spins of %v", s.Contender, s.SpinNS)
		}
	}
	for _, w := range results.Warm {
		sizeOf(w.Contender, w.Epochs, w.Calls)
		if n := warmups[key{w.Contender, w.Process}]; w.Samples < 1 || n <= w.Samples || w.OverheadNS <= 0 {
			t.Errorf("%+v, but %d samples are marked as warm-up", w, n)
		}
	}
	if len(results.Warm) != 9 || len(warmups) != 9 || sizes["a/f64"][1] < 2 || sizes["a/f64"] != sizes["a/f64:twin"] {
		t.Errorf("%d processes are warm, %d warmed up; samples are of %v", len(results.Warm), len(warmups), sizes)
	}
}

func TestAWorkerThatKnowsNoCallsIsAskedForOne(t *testing.T) {
	results := newSession(t, fake.Plan(), "knows no calls", "heeds calls").measured(t)
	for _, row := range report.New(results).Rows {
		if row.Status != bench.OK || row.Samples != 8 || (row.Calls == 1) != (row.Contender == "a/f64") {
			t.Errorf("row %+v", row)
		}
	}
}

// A single contender has no rank to find. So its run ends after the fewest processes that a run may
// have.
func TestARunEndsWhenTheRankingIsKnown(t *testing.T) {
	plan := fake.Plan()
	plan.Processes, plan.Blocks = 0, 2
	rep := report.New(newSession(t, plan, "honest").measured(t))
	if rep.End != journal.Resolved || rep.Rows[0].Processes != 6 || rep.Rows[0].Samples != 12 || rep.Rows[0].Run.Lo <= 0 {
		t.Errorf("end %s, row %+v", rep.End, rep.Rows[0])
	}
}

func TestARunOfSeveralEndsWhenTheirRankingIsKnown(t *testing.T) {
	plan := fake.Plan()
	plan.Processes, plan.Blocks, plan.NoNull = 0, 2, false
	rep := report.New(newSession(t, plan, "is quick, on the CPU", "is slow").measured(t))
	if rep.End != journal.Resolved {
		t.Errorf("end %s", rep.End)
	}
	for _, row := range rep.Rows {
		if row.Processes < 6 || row.Baseline == nil && row.Fastest == nil && row.Contender != "a/f64" {
			t.Errorf("row %+v", row)
		}
	}
	if slow := rep.Rows[1]; slow.Fastest.Verdict != stats.Slower || slow.Fastest.Lo <= 0 {
		t.Errorf("ratio %+v", slow.Fastest)
	}
}

func TestAContenderThatNeverSettlesIsMarked(t *testing.T) {
	plan := fake.Plan()
	plan.Processes, plan.Blocks, plan.Budget = 1, 3, 3*time.Second
	results := newSession(t, plan, "tires").measured(t)
	if row := report.New(results).Rows[0]; row.Status != bench.OK || row.Unsettled != 1 || results.Warm[0].Settled {
		t.Errorf("row %+v, warm %+v", row, results.Warm)
	}
}

func TestAContenderThatStaysAwakeMarksTheOthers(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("this system does not tell the processor time of another process")
	}
	plan := fake.Plan()
	// on a busy machine, the busy thread may have no processor at the moment the driver looks
	plan.Processes, plan.Blocks = 1, 10
	results := newSession(t, plan, "stays awake", "honest").measured(t)
	restless, other := report.New(results).Rows[0], report.New(results).Rows[1]
	if restless.Status != bench.OK || other.Status != bench.OK || restless.Disturbed != 0 || other.Disturbed < 2 {
		t.Errorf("%d and %d samples were disturbed: %+v, %+v", restless.Disturbed, other.Disturbed, restless, other)
	}
	for _, s := range results.Samples {
		if s.Awake != nil && !slices.Equal(s.Awake, []string{"a/f64"}) {
			t.Errorf("awake beside %s: %v", s.Contender, s.Awake)
		}
	}
}

// This worker's weights are right, but its clock reports 1 ns. Only the ceiling of memory shows
// that the clock is wrong.
func TestAClockThatIsTooFastForTheMemoryIsNotTrusted(t *testing.T) {
	s := newSession(t, fake.Plan(), "says it took no time", "is quick, on the CPU")
	s.change = func(setup *driver.Setup) {
		setup.ReadRate = func(int64) float64 { return 1e12 }
		setup.Ceilings = func() []journal.Ceiling {
			return []journal.Ceiling{{Device: "cpu", Threads: 1, Precision: "f64", MulAddsPerS: 1e15}}
		}
	}
	results := s.measured(t)
	liar, honest := report.New(results).Rows[0], report.New(results).Rows[1]
	if liar.Status != bench.Untrusted || liar.Run != nil || !strings.Contains(liar.Note, "where their memory gives 1e+03 GB/s: the work was not done in that time") {
		t.Errorf("row %+v", liar)
	}
	if honest.Status != bench.OK || len(results.Header.Ceilings) != 2 {
		t.Errorf("row %+v, ceilings %v", honest, results.Header.Ceilings)
	}
}

// A ceiling may be too low because other programs ran while it was measured. So the driver measures
// it again before it blames a clock.
func TestACeilingThatIsTooLowIsMeasuredAgain(t *testing.T) {
	looks := 0
	s := newSession(t, fake.Plan(), "is quick, on the CPU")
	s.change = func(setup *driver.Setup) {
		setup.ReadRate = func(bytes int64) float64 {
			if looks++; looks < 4 {
				return float64(looks)
			}
			return 1e12
		}
	}
	if row := report.New(s.measured(t)).Rows[0]; row.Status != bench.OK || looks != 4 {
		t.Errorf("after %d looks: row %+v", looks, row)
	}
}

// A run of a sweep has the curve of its ceilings. It measures at the size of the data only before
// it refuses a sample.
func TestARunOfASweepMeasuresTheMemoryOnSuspicionOnly(t *testing.T) {
	for _, c := range []struct {
		curve, exact float64 // bytes a second
		looks        int
	}{{1e12, 0, 0}, {1, 1e12, 1}, {0, 1e12, 1}} {
		looks := 0
		s := newSession(t, fake.Plan(), "is quick, on the CPU")
		s.change = func(setup *driver.Setup) {
			setup.Sweep = &journal.Sweep{ID: "s", Sizes: []int{8}, Features: []int{1}, Epochs: setup.Plan.Epochs, Role: journal.OfGrid}
			setup.ReadRate = func(int64) float64 { looks++; return c.exact }
			setup.Ceilings = func() []journal.Ceiling {
				if c.curve == 0 {
					return nil
				}
				return []journal.Ceiling{{Device: "cpu", Bytes: 1, BytesPerS: c.curve}, {Device: "cpu", Bytes: 1 << 30, BytesPerS: c.curve}}
			}
		}
		if row := report.New(s.measured(t)).Rows[0]; row.Status != bench.OK || looks != c.looks {
			t.Errorf("a curve of %v: after %d looks: row %+v", c.curve, looks, row)
		}
	}
}

// The bounds are wide. Other programs may take the processor from the worker that works. A tick of
// one worker may be counted for the other.
func TestBusyTellsWorkFromSleep(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("this system does not tell the processor time of another process")
	}
	plan := fake.Plan()
	plan.Processes, plan.Blocks = 1, 3
	rows := report.New(newSession(t, plan, "heeds calls", "is slow").measured(t)).Rows
	if works, sleeps := rows[0].Busy, rows[1].Busy; !(works > 2*sleeps && works < 1.6) || !(sleeps > 0 && sleeps < 0.2) {
		t.Errorf("one thread that works keeps %.3f processors busy, one that sleeps %.3f", works, sleeps)
	}
}
