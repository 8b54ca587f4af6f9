package measure_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"descent/bench"
	"descent/bench/benchtest/fake"
	"descent/bench/driver"
	"descent/bench/journal"
	"descent/bench/stats"
	"descent/bench/sweep"
	"descent/bench/sweep/measure"
	"descent/cpu"
	"descent/dataset"
)

// planted is a contender whose epoch takes fixed + N·each.
type planted struct {
	bench.Backend
	device      string
	fixed, each time.Duration
	fails       int // the N at which it cannot load
	n           int
}

func (p *planted) Describe() bench.Info { return bench.Info{Device: p.device} }

func (p *planted) Load(problem *dataset.Problem) error {
	if p.n = problem.N; p.n == p.fails {
		return fmt.Errorf("%d rows do not fit", p.n)
	}
	return p.Backend.Load(problem)
}

func (p *planted) Descend(w []float64, rate float64, epochs int) error {
	time.Sleep(time.Duration(epochs) * (p.fixed + time.Duration(p.n)*p.each))
	return p.Backend.Descend(w, rate, epochs)
}

// worker is a worker that serves a planted contender.
func worker(p planted) func() int {
	return func() int {
		bench.Serve(os.Stdin, os.Stdout, "loop/f64", "f64", func() (bench.Backend, error) {
			p.Backend = cpu.NewLoop[float64]()
			return &p, nil
		})
		return 0
	}
}

func TestMain(m *testing.M) {
	const us = time.Microsecond
	fake.Behaviours["takes 20 µs a row"] = worker(planted{device: "cpu", each: 20 * us})
	fake.Behaviours["takes 1 ms, and 2 µs a row"] = worker(planted{device: "a card", fixed: 1000 * us, each: 2 * us})
	fake.Behaviours["takes 700 µs a row"] = worker(planted{device: "cpu", each: 700 * us})
	fake.Behaviours["does not fit at 64"] = worker(planted{device: "a card", fixed: 4000 * us, fails: 64})
	fake.Main()
	os.Exit(m.Run())
}

// A session measures a sweep into a results file, and may resume it.
type session struct {
	path  string
	setup measure.Setup
	step  func(n int) // called before step n, from 1; may be nil
	ctx   context.Context
}

// newSession returns a session of a sweep of these sizes. hows names the behaviours of its
// contenders a, b, ….
func newSession(t *testing.T, sizes []int, hows ...string) *session {
	plan := fake.Plan()
	plan.Blocks, plan.Processes, plan.NoNull, plan.Resolution, plan.Rate = 1, 0, false, 0.3, 0.01
	s := &session{path: filepath.Join(t.TempDir(), "r.jsonl"), setup: measure.Setup{
		Sweep:   journal.Sweep{Sizes: sizes, Features: []int{1}, Epochs: 10, Budget: time.Hour},
		Plan:    plan,
		Problem: func(n, features int) (*dataset.Problem, error) { return fake.Problem(n, features), nil },
	}}
	for i, how := range hows {
		s.setup.Contenders = append(s.setup.Contenders, fake.Contender(string(rune('a'+i)), how))
	}
	return s
}

// run measures, and returns the error that ended the sweep. If the file exists, run resumes the
// sweep in it.
func (s *session) run(t *testing.T) error {
	t.Helper()
	setup, open, n := s.setup, journal.Create, 0
	setup.Tell = func(measure.Progress) {
		if n++; s.step != nil {
			s.step(n)
		}
	}
	if _, err := os.Stat(s.path); err == nil {
		open, setup.Before = journal.Append, s.results(t)
	}
	sweeping, err := measure.New(setup)
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
	return sweeping.Measure(ctx, j)
}

// interrupted measures, and cancels the sweep before step n, as a Ctrl-C does.
func (s *session) interrupted(t *testing.T, n int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	until := *s
	until.ctx, until.step = ctx, func(k int) {
		if k == n {
			cancel()
		}
	}
	if err := until.run(t); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted at step %d: %v", n, err)
	}
}

// results returns the runs of the file.
func (s *session) results(t *testing.T) []*journal.Results {
	t.Helper()
	runs, err := journal.Read(s.path)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// measured measures to the end, and returns the runs.
func (s *session) measured(t *testing.T) []*journal.Results {
	t.Helper()
	if err := s.run(t); err != nil {
		t.Fatal(err)
	}
	return s.results(t)
}

// answers returns the answers of some runs.
func answers(t *testing.T, runs []*journal.Results) *sweep.Sweep {
	t.Helper()
	out, err := sweep.New(runs)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// visited returns the sizes of the runs of a role, ascending.
func visited(runs []*journal.Results, role journal.Role) (ns []int) {
	for _, run := range runs {
		if run.Header.Sweep.Role == role {
			ns = append(ns, run.Header.Plan.N)
		}
	}
	slices.Sort(ns)
	return ns
}

// leftOut returns the contenders that the runs of the grid left out, with the size and the reason.
func leftOut(runs []*journal.Results) (out []string) {
	for _, run := range runs {
		for _, left := range run.Header.Sweep.LeftOut {
			out = append(out, fmt.Sprintf("%s at %d: %s", left.Contender, run.Header.Plan.N, left.Reason))
		}
	}
	return out
}

// The card is slower at the first size and faster at the last.
func TestASweepHasAllItsParts(t *testing.T) {
	sizes := []int{8, 32, 128, 512}
	runs := newSession(t, sizes, "takes 20 µs a row", "takes 1 ms, and 2 µs a row", "absent").measured(t)
	last := runs[len(runs)-1]
	if last.Swept == nil || last.Swept.Reason != journal.Complete || len(last.Swept.Unvisited) != 0 || last.Swept.DriverNS <= 0 {
		t.Errorf("the sweep ended with %+v", last.Swept)
	}
	if got := visited(runs, journal.OfGrid); !slices.Equal(got, sizes) {
		t.Errorf("the grid has %v", got)
	}
	cells := map[string]bool{}
	for i, run := range runs {
		h := run.Header
		if h.Sweep.Visit != i || h.Sweep.ID != runs[0].Header.Sweep.ID || h.Plan.Epochs != 10 && h.Sweep.Role != journal.Checking {
			t.Errorf("run %d: %+v, %d epochs", i, h.Sweep, h.Plan.Epochs)
		}
		if h.Sweep.Role == journal.Checking {
			cells[fmt.Sprint(h.Plan.N, h.Plan.Epochs)] = true
			if len(h.Contenders) != 2 || run.Twin != nil || run.End.Reason != journal.Complete {
				t.Errorf("a cell is validated by %v, twin %v, end %+v", bench.Names(h.Contenders), run.Twin, run.End)
			}
		}
	}
	if len(cells) != 4 {
		t.Errorf("%d cells are validated: %v", len(cells), cells)
	}
	p := answers(t, runs).Problems[0]
	if len(visited(runs, journal.Refining)) == 0 || p.Crossover.Outcome != stats.OneCrossover {
		t.Errorf("refined at %v: %+v", visited(runs, journal.Refining), p.Crossover)
	}
	if c := p.Crossover.Changes[0]; c.To != 1 || c.Lo < 8 || c.Hi > 512 || c.Hi-c.Lo >= 512-128 {
		t.Errorf("the card wins from %+v", c)
	}
	for _, left := range leftOut(runs) {
		if !strings.HasPrefix(left, "c/f64 at ") || !strings.HasSuffix(left, ": no card: the device or environment it needs is not here") && !strings.Contains(left, "no card") {
			t.Errorf("left out: %s", left)
		}
	}
	if names := bench.Names(runs[1].Header.Contenders); slices.Contains(names, "c/f64") {
		t.Errorf("a contender that cannot run is tried again: %v", names)
	}
}

// The champions of both sides are clear at every size, so that nothing is refined.
func clearSession(t *testing.T) *session {
	return newSession(t, []int{8, 16}, "takes 20 µs a row", "takes 1 ms, and 2 µs a row")
}

func TestASweepThatIsResumedGoesOnAsItWould(t *testing.T) {
	whole := clearSession(t).measured(t)
	for _, n := range []int{2, 30, 75} { // in the first run, and in later ones
		s := clearSession(t)
		s.interrupted(t, n)
		before := s.results(t)
		if last := before[len(before)-1]; last.Swept == nil || last.Swept.Reason != journal.Interrupted {
			t.Errorf("interrupted at step %d: %+v", n, last.Swept)
		}
		after := s.measured(t)
		for i, run := range before {
			if len(after[i].Samples) < len(run.Samples) || !slices.EqualFunc(run.Samples, after[i].Samples[:len(run.Samples)],
				func(a, b journal.Sample) bool { return a.RunNS == b.RunNS }) {
				t.Errorf("interrupted at step %d: samples of run %d are lost", n, i)
			}
		}
		if last := after[len(after)-1]; last.Swept == nil || last.Swept.Reason != journal.Complete {
			t.Errorf("resumed from step %d: %+v", n, last.Swept)
		}
		for i, run := range whole[:2] { // the grid
			if got := after[i].Header.Plan.N; got != run.Header.Plan.N {
				t.Errorf("interrupted at step %d: run %d is of %d rows, and not of %d", n, i, got, run.Header.Plan.N)
			}
		}
		if len(after) != len(whole) || answers(t, after).Problems[0].Crossover.Outcome != stats.FirstAlways {
			t.Errorf("interrupted at step %d: %d runs, and %d without: %+v", n, len(after), len(whole), answers(t, after).Problems[0].Crossover)
		}
		if err := s.run(t); !errors.Is(err, driver.ErrNotResumed) || !strings.HasSuffix(err.Error(), "it is complete") {
			t.Errorf("resumed once more: %v", err)
		}
	}
}

// A kill leaves a last run without an end.
func TestASweepThatWasKilledIsResumed(t *testing.T) {
	s := clearSession(t)
	s.interrupted(t, 40)
	text, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	killed := text[:strings.LastIndex(string(text), `{"end"`)]
	if err := os.WriteFile(s.path, append(killed, `{"sample":{"conten`...), 0o644); err != nil {
		t.Fatal(err)
	}
	before := s.results(t)
	after := s.measured(t)
	if was := before[len(before)-1]; was.End != nil || len(after[len(before)-1].Samples) < len(was.Samples) {
		t.Errorf("end %+v; %d samples, then %d", was.End, len(was.Samples), len(after[len(before)-1].Samples))
	}
	if last := after[len(after)-1]; last.Swept == nil || last.Swept.Reason != journal.Complete {
		t.Errorf("resumed: %+v", last.Swept)
	}
}

func TestASweepWithAnotherQuestionIsNotResumed(t *testing.T) {
	s := clearSession(t)
	s.setup.Version = "v1"
	s.interrupted(t, 5)
	for _, c := range []struct {
		want   string
		change func(*measure.Setup)
	}{
		{"it was measured by descent v1, and this is v2", func(s *measure.Setup) { s.Version = "v2" }},
		{"the question is another: ", func(s *measure.Setup) { s.Sweep.Sizes = []int{8, 16, 32} }},
		{"the question is another: ", func(s *measure.Setup) { s.Sweep.Epochs++ }},
		{"the question is another: ", func(s *measure.Setup) { s.Sweep.ID = "another" }},
		{"the plan is another: ", func(s *measure.Setup) { s.Plan.Rate /= 2 }},
		{"the contenders are others: b/f64 is missing", func(s *measure.Setup) { s.Contenders = s.Contenders[:1] }},
		{"it was measured on another machine, or under another system: cpu was abacus", func(s *measure.Setup) {
			run, header := *s.Before[0], *s.Before[0].Header
			header.Env.CPU, run.Header = "abacus", &header
			s.Before = []*journal.Results{&run}
		}},
	} {
		setup := s.setup
		setup.Before = s.results(t)
		c.change(&setup)
		if _, err := measure.New(setup); !errors.Is(err, driver.ErrNotResumed) || !strings.HasPrefix(err.Error(), "it cannot be resumed: "+c.want) {
			t.Errorf("%v, not %q", err, c.want)
		}
	}
	setup := s.setup
	setup.Before, setup.Sweep.Budget = s.results(t), time.Minute
	if _, err := measure.New(setup); err != nil {
		t.Errorf("with another budget: %v", err)
	}
}

func TestASweepWithNothingToCompareEndsAfterOneRun(t *testing.T) {
	runs := newSession(t, []int{8, 16, 32}, "takes 20 µs a row", "absent").measured(t)
	if len(runs) != 1 || runs[0].Swept.Reason != journal.Complete || len(runs[0].Swept.Unvisited) != 2 {
		t.Errorf("%d runs, %+v", len(runs), runs[0].Swept)
	}
}

// A contender that does not fit at a size is a gap there, and is tried again at others. One that is
// far behind at two sizes in a row is left out of larger ones. The best of a side never is: here
// the card is 40 times slower than the processor at all sizes.
func TestWhoIsTooSlowOrDoesNotFitIsLeftOut(t *testing.T) {
	s := newSession(t, []int{4, 8, 16, 32, 64}, "takes 20 µs a row", "does not fit at 64", "takes 700 µs a row")
	runs := s.measured(t)
	faults, gone := 0, 0
	for _, run := range runs {
		faults += len(run.Faults)
		if run.Header.Sweep.Role == journal.OfGrid && !slices.Contains(bench.Names(run.Header.Contenders), "b/f64") {
			t.Errorf("b is left out at %d", run.Header.Plan.N)
		}
	}
	for _, left := range leftOut(runs) {
		if gone++; !strings.HasPrefix(left, "c/f64 at ") || !strings.Contains(left, " times as long as the best of its side at N = ") {
			t.Errorf("left out: %s", left)
		}
	}
	if faults != 1 || gone == 0 {
		t.Errorf("%d faults; %d times left out", faults, gone)
	}
	for _, size := range answers(t, runs).Problems[0].Sizes {
		if (size.Gap != "") != (size.N == 64) {
			t.Errorf("N = %d: gap %q", size.N, size.Gap)
		}
	}
}

func TestASweepOutOfBudgetSaysWhatItDidNotVisit(t *testing.T) {
	s := clearSession(t)
	s.setup.Sweep.Budget = time.Millisecond
	runs := s.measured(t)
	swept := runs[len(runs)-1].Swept
	if len(runs) != 1 || swept.Reason != journal.OutOfBudget || len(swept.Unvisited) != 1 || !strings.Contains(swept.Unvisited[0].Reason, "the budget leaves") {
		t.Errorf("%d runs, %+v", len(runs), swept)
	}
	s.setup.Sweep.Budget = time.Hour
	runs = s.measured(t)
	if last := runs[len(runs)-1]; last.Swept.Reason != journal.Complete || len(visited(runs, journal.OfGrid)) != 2 {
		t.Errorf("resumed with more: %+v, grid %v", last.Swept, visited(runs, journal.OfGrid))
	}
}
