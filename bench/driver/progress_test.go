package driver_test

import (
	"slices"
	"testing"

	"descent/bench/benchtest/fake"
	"descent/bench/driver"
)

// A contender that failed, or whose clock lies, has no time that could be shown. Another algorithm
// takes part in no ranking.
func TestStandingsAreTheTimesThatCanBeShown(t *testing.T) {
	plan := fake.Plan()
	plan.Processes, plan.Blocks, plan.NoNull = 1, 2, false
	s := newSession(t, plan, "is slow", "passes over the data once", "dies in mid-run", "is quick, on the CPU", "says it took no time")
	var told []driver.Progress
	s.change = func(setup *driver.Setup) {
		setup.ReadRate = func(int64) float64 { return 1e12 }
		setup.Tell = func(p driver.Progress) { told = append(told, p) }
	}
	s.measured(t)
	first, last := told[0], told[len(told)-1]
	if first.Generation != 1 || first.Generations != 1 || !first.Starting || first.Turn == "" || len(first.Standings) != 0 {
		t.Errorf("first %+v", first)
	}
	if last.Generation != 1 || last.Starting || last.Budget != plan.Budget || last.Since.Before(last.Start) {
		t.Errorf("last %+v", last)
	}
	var names []string
	for _, s := range last.Standings {
		names = append(names, s.Name)
		if s.Time <= 0 || s.OtherAlgorithm != (s.Name == "b/f64") {
			t.Errorf("standing %+v", s)
		}
	}
	if want := []string{"d/f64", "a/f64", "b/f64"}; !slices.Equal(names, want) {
		t.Errorf("standings %v, not %v", names, want)
	}
}
