package sweep_test

import (
	"strings"
	"testing"

	"descent/bench/benchtest/fake"
	"descent/bench/journal"
	"descent/bench/sweep"
)

func TestRunsAreGroupedBySweep(t *testing.T) {
	alone, err := fake.Decode(fake.Generations(2)...)
	if err != nil {
		t.Fatal(err)
	}
	w := twoSides()
	w.sizes = []int{64, 128}
	a := planted(t, w)
	w.edit = func(_ int, h *journal.Header) { h.Sweep.ID = "another" }
	b := planted(t, w)
	sweeps, others := sweep.Group([]*journal.Results{a[0], alone, b[0], a[1], b[1]})
	if len(sweeps) != 2 || len(others) != 1 || others[0] != alone {
		t.Fatalf("%d sweeps and %d others", len(sweeps), len(others))
	}
	for i, want := range [][]*journal.Results{a, b} {
		if len(sweeps[i]) != 2 || sweeps[i][0] != want[0] || sweeps[i][1] != want[1] {
			t.Errorf("sweep %d has other runs", i)
		}
	}
}

func TestMixedRunsAreRefused(t *testing.T) {
	second := func(change func(h *journal.Header)) func(int, *journal.Header) {
		return func(visit int, h *journal.Header) {
			if visit == 1 {
				change(h)
			}
		}
	}
	for want, edit := range map[string]func(int, *journal.Header){
		"is of no sweep":              second(func(h *journal.Header) { h.Sweep = nil }),
		"of the sweep another":        second(func(h *journal.Header) { h.Sweep.ID = "another" }),
		"epochs was 10000 and is 5":   second(func(h *journal.Header) { h.Sweep.Epochs = 5 }),
		"rate was 0.001 and is 0.1":   second(func(h *journal.Header) { h.Plan.Rate = 0.1 }),
		"seed was 1 and is 2":         second(func(h *journal.Header) { h.Plan.Seed = 2 }),
		"sizes or its sides":          second(func(h *journal.Header) { h.Sweep.Sizes = []int{64, 128} }),
		"another machine than run 1":  second(func(h *journal.Header) { h.Env.CPU = "Another Processor" }),
		"has other data than an earl": second(func(h *journal.Header) { h.DataSum = "crc32c:ffffffff" }),
	} {
		w := twoSides()
		w.sizes, w.edit = []int{64, 64}, edit
		if _, err := sweep.New(planted(t, w)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v", want, err)
		}
	}
	if _, err := sweep.New(nil); err == nil {
		t.Error("no runs are taken for a sweep")
	}
}

func TestASweepThatGoesOnMayHaveAnotherBudget(t *testing.T) {
	w := twoSides()
	w.edit = func(_ int, h *journal.Header) { h.Sweep.Budget *= 3 }
	s := answers(t, w)
	if s.Budget != 3*5*60e9 {
		t.Errorf("the budget is %v", s.Budget)
	}
}
