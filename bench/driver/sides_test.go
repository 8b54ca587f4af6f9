package driver

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"descent/bench"
	"descent/bench/journal"
	"descent/dataset"
)

// onSide returns an arm on a side, as anArm has it.
func onSide(side int, backend string, at, noise float64) *arm {
	return with(anArm(backend, at, noise), func(a *arm) { a.side, a.opened = side, 6 })
}

// after returns a with the times of its first processes only.
func after(processes int, a *arm) *arm {
	return with(a, func(a *arm) {
		for process := range a.timings {
			if process >= processes {
				delete(a.timings, process)
			}
		}
	})
}

func TestTheSidesOfASweepDecideWhoNeedsMore(t *testing.T) {
	f32 := func(a *arm) { a.Precision = dataset.Float32 }
	ended := func(a *arm) { a.ended = true }
	fast := onSide(0, "fast", 100, 0)
	for _, c := range []struct {
		name          string
		arms          arms
		enough, alone bool
		want          []string
	}{
		{"after one process", arms{after(1, onSide(0, "a", 100, 0)), after(1, onSide(0, "near", 140, 0)), after(1, onSide(0, "far", 160, 0)), after(1, onSide(1, "b", 900, 0)), after(1, onSide(1, "far-b", 1400, 0))},
			false, false, []string{"a/f64", "b/f64", "near/f64"}},
		{"after one process, with the budget short", arms{after(1, onSide(0, "a", 100, 0)), after(1, onSide(0, "near", 140, 0)), after(1, onSide(1, "b", 900, 0))}, false, true, []string{"a/f64", "b/f64"}},
		{"sides far apart, too few processes", arms{fast, onSide(1, "b", 900, 0.01)}, false, false, []string{"b/f64", "fast/f64"}},
		{"sides far apart", arms{fast, onSide(1, "b", 900, 0.01)}, true, false, nil},
		{"sides that cannot be told", arms{fast, onSide(1, "b", 103, 0.1)}, true, false, []string{"b/f64", "fast/f64"}},
		{"sides that are equal to the resolution", arms{fast, onSide(1, "b", 100.1, 0.001)}, true, false, nil},
		{"sides within the noise floor, and its twin", arms{fast, onSide(1, "b", 110, 0.05), twinOf(fast, 120, 0.05)}, true, false, []string{"b/f64", "fast/f64", "fast/f64:twin"}},
		{"one side alone", arms{fast, onSide(0, "near", 101, 0.1)}, false, false, nil},
		{"the other side failed", arms{fast, with(onSide(1, "b", 103, 0.1), ended)}, false, false, nil},
		{"an algorithm of one pass", arms{fast, onSide(1, "b", 103, 0.1), with(onSide(-1, "gram", 100, 0), func(a *arm) { a.onePass = true })}, false, false, []string{"b/f64", "fast/f64"}},
		{"precisions apart", arms{fast, with(onSide(1, "b", 103, 0.1), f32)}, false, false, nil},
		{"one without a turn", arms{fast, onSide(1, "b", 900, 0.01), {Contender: bench.Contender{Backend: "new"}, side: -1}}, true, false, []string{"new/f64"}},
		{"equals, of which one has more processes", arms{fast, after(1, onSide(1, "b", 100, 0)), onSide(1, "c", 110, 0.1)}, false, true, []string{"c/f64", "fast/f64"}},
	} {
		r := &Run{arms: c.arms, plan: journal.Plan{Resolution: 0.02}}
		var got []string
		for _, a := range r.excuse(c.enough, c.alone) {
			got = append(got, a.Name())
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v need more, not %v", c.name, got, c.want)
		}
		for _, a := range c.arms {
			if a.excused == slices.Contains(got, a.Name()) {
				t.Errorf("%s: excused %t: %s", c.name, a.excused, a.Name())
			}
		}
	}
}

// The budget of a contest goes to the contenders that are needed. Until there is an interval, the
// leaders may exceed it.
func TestTheBudgetOfAContest(t *testing.T) {
	for _, c := range []struct {
		name         string
		generation   int
		budget, each time.Duration
		want         string
		needed       int
	}{
		{"enough", 0, time.Hour, time.Second, "", 3},
		{"too short for the one that is near", 0, 12 * time.Second, time.Second, "", 2},
		{"exceeded without an interval", 3, time.Second, time.Second / 2, "", 2},
		{"exceeded beyond measure", 3, time.Second, 3 * time.Second, journal.OutOfBudget, 2},
		{"exceeded with too few generations", 4, time.Second, time.Second / 2, "", 2},
		{"exceeded with an interval", 5, time.Second, time.Second, journal.OutOfBudget, 2},
	} {
		a, near, b := onSide(0, "a", 100, 0.1), onSide(0, "near", 120, -0.1), onSide(1, "b", 103, -0.1)
		r := &Run{arms: arms{a, near, b}, plan: journal.Plan{Resolution: 0.02, Budget: c.budget}, start: time.Now()}
		r.setup.Sweep = &journal.Sweep{}
		for _, a := range r.arms {
			a.used = c.each
		}
		got := r.reasonToEnd(c.generation)
		needed := 0
		for _, a := range r.arms {
			if !a.excused {
				needed++
			}
		}
		if got != c.want || needed != c.needed {
			t.Errorf("%s: ended %q with %d of 3", c.name, got, needed)
		}
		if got == "" && (r.perProcess <= 0 || r.perProcess > c.budget) && c.generation == 0 {
			t.Errorf("%s: a process may take %v", c.name, r.perProcess)
		}
	}
}

// A twin costs as much as a contender. Where one side is far ahead, it decides nothing.
func TestALandslideHasNoTwin(t *testing.T) {
	paced := func(side int, backend string, pace time.Duration) *arm {
		return with(onSide(side, backend, 100, 0), func(a *arm) { a.pace, a.device = pace, "cpu" })
	}
	for _, c := range []struct {
		name    string
		ofSweep bool
		arms    arms
		want    string // the twin
	}{
		{"five times", true, arms{paced(0, "a", 100), paced(0, "c", 500), paced(1, "b", 500)}, ""},
		{"five times the other way", true, arms{paced(0, "a", 500), paced(1, "b", 100)}, ""},
		{"three times", true, arms{paced(0, "a", 100), paced(1, "b", 300)}, "a/f64:twin"},
		{"five times, and another that is near", true, arms{paced(0, "a", 100), paced(1, "b", 500), paced(1, "c", 300)}, "a/f64:twin"},
		{"one side alone", true, arms{paced(0, "a", 100), paced(0, "b", 500)}, "a/f64:twin"},
		{"a run of no sweep", false, arms{paced(0, "a", 100), paced(1, "b", 500)}, "a/f64:twin"},
		{"one precision of two", true, arms{
			paced(0, "a", 100), paced(1, "b", 500),
			with(paced(0, "c", 200), func(a *arm) { a.Precision = dataset.Float32 }), with(paced(1, "d", 300), func(a *arm) { a.Precision = dataset.Float32 }),
		}, "a/f64:twin"},
		{"a later generation without the fastest", true, arms{with(paced(0, "a", 100), func(a *arm) { a.excused = true }), paced(0, "c", 110), paced(1, "b", 300)}, "c/f64:twin"},
	} {
		j, err := journal.Create(filepath.Join(t.TempDir(), "r.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		r := &Run{arms: c.arms, journal: j}
		if c.ofSweep {
			r.setup.Sweep = &journal.Sweep{}
		}
		twin, err := r.addTwin()
		got := ""
		if twin != nil {
			got = twin.Name()
		}
		if err != nil || got != c.want {
			t.Errorf("%s: the twin is %q, not %q (%v)", c.name, got, c.want, err)
		}
		j.Close()
	}
}
