package driver_test

import (
	"context"
	"errors"
	"io"
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
	"descent/bench/report"
)

// counts returns the number of samples of each contender.
func counts(r *journal.Results) map[string]int {
	out := map[string]int{}
	for _, s := range r.Samples {
		if !s.Warmup {
			out[s.Contender]++
		}
	}
	return out
}

func TestARunThatIsResumedHasAsManySamplesAsAnother(t *testing.T) {
	plan := fake.Plan()
	plan.NoNull, plan.Blocks = false, 3
	for _, n := range []int{1, 8} { // before anything, and within a block of the first processes
		s := newSession(t, plan, "is quick, on the CPU", "is slow")
		if err := s.interrupted(t, n); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		before := s.results(t)
		if before.End == nil || before.End.Reason != journal.Interrupted {
			t.Errorf("interrupted at step %d: end %+v", n, before.End)
		}
		after := s.measured(t)
		got := counts(after)
		if got["a/f64"] != 6 || got["b/f64"] != 6 || got["a/f64:twin"] < 5 || len(got) != 3 {
			t.Errorf("interrupted at step %d with %v, then: %v", n, counts(before), got)
		}
		if !slices.EqualFunc(before.Samples, after.Samples[:len(before.Samples)], func(a, b journal.Sample) bool { return a.RunNS == b.RunNS }) {
			t.Error("the earlier samples are lost or changed")
		}
		rep := report.New(after)
		if rep.End != journal.Complete || len(after.Resumes) != 1 || rep.Null == nil || rep.BlockNS <= 0 {
			t.Errorf("end %s, %d resumes, null %v", rep.End, len(after.Resumes), rep.Null)
		}
		for _, format := range report.Formats() {
			if err := report.Write(io.Discard, format, []*report.Report{rep}, report.Options{}); err != nil {
				t.Errorf("%s: %v", format, err)
			}
		}
		if err := s.run(t); err == nil || err.Error() != "it cannot be resumed: it is complete" {
			t.Errorf("resumed once more: %v", err)
		}
	}
}

func TestAContenderThatFailedIsNotStartedAgain(t *testing.T) {
	plan := fake.Plan()
	plan.NoNull = false
	s := newSession(t, plan, "dies in mid-run", "is quick, on the CPU", "answers wrongly")
	// each failure takes one step
	if err := s.interrupted(t, 9); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	before := s.results(t)
	if len(before.Faults) != 1 {
		t.Fatalf("faults %+v", before.Faults)
	}
	after := s.measured(t)
	if rows := report.New(after).Rows; len(after.Faults) != 1 || rows[0].Status != bench.Failed || rows[1].Samples != 8 || rows[2].Status != bench.Wrong {
		t.Errorf("faults %+v, rows %+v", after.Faults, rows)
	}
	for _, p := range after.Processes[len(before.Processes):] {
		if p.Contender == "c/f64" {
			t.Errorf("a contender that was wrong was started: %+v", p)
		}
	}
}

// A run that ended at its budget is resumed with a larger one.
func TestARunOutOfBudgetIsResumedWithMore(t *testing.T) {
	plan := fake.Plan()
	// the budget is too short for 20 of the shortest samples
	plan.Processes, plan.Blocks, plan.Budget = 1, 20, 300*time.Millisecond
	s := newSession(t, plan, "heeds calls")
	before := s.measured(t)
	if n := counts(before)["a/f64"]; n >= 20 || before.End.Reason != journal.OutOfBudget {
		t.Fatalf("%d samples, end %s", n, before.End.Reason)
	}
	s.plan.Budget = time.Hour
	after := s.measured(t)
	if counts(after)["a/f64"] != 20 || after.End.Reason != journal.Complete {
		t.Errorf("%v, end %s", counts(after), after.End.Reason)
	}
	if budget := after.LastPlan().Budget; budget != time.Hour {
		t.Errorf("the file has a budget of %v for the last session", budget)
	}
}

func TestWhatIsNotTheSameRunIsNotResumed(t *testing.T) {
	s := newSession(t, fake.Plan(), "honest", "honest")
	s.plan.Threads = 2
	s.change = func(setup *driver.Setup) { setup.Version = "v1" }
	if err := s.interrupted(t, 5); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	before := s.results(t)
	for _, c := range []struct {
		name, want string
		change     func(s *session, before *journal.Results)
	}{
		{"version", "it was measured by descent v1, and this is v2", func(s *session, _ *journal.Results) { s.change = func(setup *driver.Setup) { setup.Version = "v2" } }},
		{"blocks", "the plan is another: ", func(s *session, _ *journal.Results) { s.plan.Blocks++ }},
		{"epochs", "the plan is another: ", func(s *session, _ *journal.Results) { s.plan.Epochs++ }},
		{"threads", "the plan is another: ", func(s *session, _ *journal.Results) { s.plan.Threads = 3 }},
		{"null arm", "the plan is another: ", func(s *session, _ *journal.Results) { s.plan.NoNull = !s.plan.NoNull }},
		{"size", "the data are others than they were (crc32c:", func(s *session, _ *journal.Results) { s.plan.N++ }},
		{"data", "the data are others than they were (crc32c:", func(_ *session, before *journal.Results) { before.Header.DataSum = "crc32c:00000000" }},
		{"contenders", "the contenders are others: [a/f64], then [a/f64 b/f64]", func(s *session, _ *journal.Results) { s.contenders = s.contenders[:1] }},
		{"order of contenders", "the contenders are others: [b/f64 a/f64], then [a/f64 b/f64]", func(s *session, _ *journal.Results) {
			s.contenders = []bench.Contender{s.contenders[1], s.contenders[0]}
		}},
		{"machine", "it was measured on another machine, or under another system: cpu was abacus and is ", func(_ *session, before *journal.Results) { before.Header.Env.CPU = "abacus" }},
		{"kernel", "it was measured on another machine, or under another system: kernel was 1.0 and is ", func(_ *session, before *journal.Results) { before.Header.Env.Kernel = "1.0" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			other, file, header := *s, *before, *before.Header
			file.Header = &header
			c.change(&other, &file)
			if err := resumed(t, &other, &file); err == nil || !strings.HasPrefix(err.Error(), "it cannot be resumed: "+c.want) {
				t.Errorf("error %v", err)
			}
		})
	}
	old, header := *before, *before.Header
	old.Header, header.Plan.Threads = &header, 0
	if err := resumed(t, s, &old); err != nil {
		t.Errorf("a file without a number of threads: %v", err)
	}
	for _, may := range []func(*journal.Plan){
		func(p *journal.Plan) { p.Budget++ }, func(p *journal.Plan) { p.Timeout++ }, func(p *journal.Plan) { p.Memory = 1 << 30 },
		func(p *journal.Plan) { p.Resolution = 0.01 }, func(p *journal.Plan) { p.Processes = 3 },
	} {
		other := *s
		may(&other.plan)
		if err := resumed(t, &other, before); err != nil {
			t.Errorf("plan %+v: %v", other.plan, err)
		}
	}
}

// resumed sets up a session that resumes the run before, instead of the run in its file. It returns
// the error.
func resumed(t *testing.T, s *session, before *journal.Results) error {
	t.Helper()
	other := *s
	other.change = func(setup *driver.Setup) {
		s.change(setup)
		setup.Resume = before
	}
	_, _, err := other.setUp(t)
	return err
}

// Another program may delete the data in the folder for temporary files. Then the run ends, and no
// contender fails.
func TestDataThatAreDeletedInMidRunEndIt(t *testing.T) {
	for _, name := range []string{"x.npy", "d.npy"} {
		tmp := t.TempDir()
		t.Setenv("TMPDIR", tmp)
		plan := fake.Plan()
		plan.Blocks = 2
		s := newSession(t, plan, "honest", "honest")
		deleted := ""
		s.step = func(n int) {
			if n != 5 { // both contenders have loaded the data; the next process cannot
				return
			}
			found, err := filepath.Glob(filepath.Join(tmp, "descent-*", name))
			if err != nil || len(found) != 1 {
				t.Fatalf("data %v, %v", found, err)
			}
			deleted = found[0]
			if err := os.Remove(deleted); err != nil {
				t.Fatal(err)
			}
		}
		err := s.run(t)
		if err == nil || err.Error() != deleted+": the data of this run are gone: something cleans that folder; TMPDIR names another" {
			t.Errorf("error %v", err)
		}
		before := s.results(t)
		if n := counts(before); n["a/f64"] != 2 || n["b/f64"] != 2 || len(before.Faults) != 0 || report.New(before).End != journal.CutShort {
			t.Errorf("samples %v, faults %v, end %v", n, before.Faults, before.End)
		}
		s.step = nil
		after := s.measured(t)
		if n := counts(after); n["a/f64"] != 4 || n["b/f64"] != 4 || report.New(after).End != journal.Complete {
			t.Errorf("resumed: samples %v, end %v", n, after.End)
		}
		if left, _ := os.ReadDir(tmp); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}
