package measure_test

import (
	"context"
	"errors"
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
	"descent/bench/machine"
	"descent/bench/sweep/measure"
	"descent/cpu"
	"descent/dataset"
)

// planted is a contender whose epoch takes fixed + N·each.
type planted struct {
	bench.Backend
	device      string
	fixed, each time.Duration
	n           int
}

func (p *planted) Describe() bench.Info { return bench.Info{Device: p.device} }

func (p *planted) Load(problem *dataset.Problem) error {
	p.n = problem.N
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
	fake.Behaviours["takes 2 µs a row"] = worker(planted{device: "cpu", each: 2 * us})
	fake.Behaviours["takes 100 µs, and 0.2 µs a row"] = worker(planted{device: "a card", fixed: 100 * us, each: us / 5})
	fake.Main()
	os.Exit(m.Run())
}

// A session measures a sweep into a results file, and may resume it.
type session struct {
	path  string
	setup measure.Setup
	step  func(n int) // called before step n, from 1; may be nil
	tell  func(measure.Progress)
	ctx   context.Context
}

// newSession returns a session of a sweep of these sizes. hows names the behaviours of its
// contenders a, b, ….
func newSession(t *testing.T, sizes []int, hows ...string) *session {
	plan := fake.Plan()
	plan.Blocks, plan.Processes, plan.NoNull, plan.Resolution, plan.Rate = 1, 0, false, 0.3, 0.01
	s := &session{path: filepath.Join(t.TempDir(), "r.jsonl"), setup: measure.Setup{
		Sweep:   journal.Sweep{Sizes: sizes, Features: []int{1}, Epochs: 10, Budget: 8 * time.Second},
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
	setup.Tell = func(p measure.Progress) {
		if s.tell != nil {
			s.tell(p)
		}
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

// The champions of both sides are clear at every size, so that nothing is refined.
func clearSession(t *testing.T) *session {
	return newSession(t, []int{8, 16}, "takes 2 µs a row", "takes 100 µs, and 0.2 µs a row")
}

func TestASweepThatIsResumedLosesNoSample(t *testing.T) {
	s := clearSession(t)
	steps := []int{2, 45} // in the first run, and perhaps in a later one
	for _, n := range steps {
		s.interrupted(t, n)
		if runs := s.results(t); runs[len(runs)-1].Swept == nil || runs[len(runs)-1].Swept.Reason != journal.Interrupted {
			t.Errorf("interrupted at step %d: %+v", n, runs[len(runs)-1].Swept)
		}
	}
	before, after := s.results(t), s.measured(t)
	for i, run := range before {
		if len(after[i].Samples) < len(run.Samples) || !slices.EqualFunc(run.Samples, after[i].Samples[:len(run.Samples)],
			func(a, b journal.Sample) bool { return a.RunNS == b.RunNS }) {
			t.Errorf("samples of run %d are lost", i)
		}
	}
	last := after[len(after)-1]
	if last.Swept == nil || last.Swept.Reason == journal.Interrupted || last.Swept.DriverNS <= 0 {
		t.Errorf("the sweep ended with %+v", last.Swept)
	}
	roles := map[journal.Role]int{}
	for i, run := range after {
		if part := run.Header.Sweep; part.Visit != i || part.ID != after[0].Header.Sweep.ID {
			t.Errorf("run %d: %+v", i, part)
		}
		if roles[run.Header.Sweep.Role]++; len(run.Resumes) > len(steps) {
			t.Errorf("run %d was resumed %d times", i, len(run.Resumes))
		}
	}
	if n := roles[journal.OfGrid] + len(last.Swept.Unvisited); n != 2 || last.Swept.Reason == journal.Complete && roles[journal.Checking] < 4 {
		t.Errorf("%v, %+v", roles, last.Swept)
	}
}

// A kill leaves a last run without an end.
func TestASweepThatWasKilledIsResumed(t *testing.T) {
	s := clearSession(t)
	s.interrupted(t, 20)
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
	if last := after[len(after)-1]; last.Swept == nil || last.Swept.Reason == journal.Interrupted {
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

// The ceilings are measured once. Their processor time is told apart from the rest.
func TestCeilingsAreMeasuredOnceAndTold(t *testing.T) {
	s, calls, told, others := clearSession(t), 0, 0, 0
	s.setup.Sweep.Budget = 4 * time.Second
	s.setup.Ceilings = func() []journal.Ceiling {
		calls++
		for before := machine.SelfTime(); machine.SelfTime() == before; {
		}
		return []journal.Ceiling{{Device: "cpu", Bytes: 1 << 20, BytesPerS: 1e12}}
	}
	s.tell = func(p measure.Progress) {
		if p.Ceilings {
			told++
		} else if told > 0 {
			others++
		}
		if p.Ends.After(p.Start.Add(p.Budget)) {
			t.Errorf("the sweep is expected to end at %v, after its budget", p.Ends)
		}
	}
	runs := s.measured(t)
	if swept := runs[len(runs)-1].Swept; calls != 1 || told != 1 || others == 0 || swept.CeilingsNS <= 0 || swept.DriverNS <= 0 {
		t.Errorf("measured %d times, told %d times, then %d others; %+v", calls, told, others, swept)
	}
}

func TestASweepWithNothingToCompareEndsAfterOneRun(t *testing.T) {
	runs := newSession(t, []int{8, 16, 32}, "takes 2 µs a row", "absent").measured(t)
	if len(runs) != 1 || runs[0].Swept.Reason != journal.Complete || len(runs[0].Swept.Unvisited) != 2 {
		t.Errorf("%d runs, %+v", len(runs), runs[0].Swept)
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
	s.setup.Sweep.Budget = 8 * time.Second
	if runs = s.measured(t); len(runs) < 2 {
		t.Errorf("resumed with more: %d runs, %+v", len(runs), runs[len(runs)-1].Swept)
	}
}
