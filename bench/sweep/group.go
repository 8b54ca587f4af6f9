package sweep

import (
	"errors"
	"fmt"

	"descent/bench/journal"
)

// Group sorts runs into sweeps, in the order of their first runs. The runs of a sweep have the same
// ID and stay in their order. others are the runs of no sweep.
func Group(runs []*journal.Results) (sweeps [][]*journal.Results, others []*journal.Results) {
	place := map[string]int{}
	for _, run := range runs {
		part := run.Header.Sweep
		if part == nil {
			others = append(others, run)
			continue
		}
		i, known := place[part.ID]
		if !known {
			i = len(sweeps)
			place[part.ID] = i
			sweeps = append(sweeps, nil)
		}
		sweeps[i] = append(sweeps[i], run)
	}
	return sweeps, others
}

// checkOneSweep refuses runs that are not of one sweep: runs of no sweep, of two sweeps, of two
// questions, or of two machines. Their numbers would be pooled, and would mean nothing.
func checkOneSweep(runs []*journal.Results) error {
	if len(runs) == 0 {
		return errors.New("a sweep of no runs is none")
	}
	first := runs[0].Header
	sums := map[[2]int]string{}
	for i, run := range runs {
		h := run.Header
		if h.Sweep == nil {
			return fmt.Errorf("run %d is of no sweep", i+1)
		}
		if first.Sweep.ID != h.Sweep.ID {
			return fmt.Errorf("run %d is of the sweep %s, and run 1 of the sweep %s", i+1, h.Sweep.ID, first.Sweep.ID)
		}
		if err := sameQuestion(first, h); err != nil {
			return fmt.Errorf("run %d of the sweep asks another question than run 1: %w", i+1, err)
		}
		if other, _ := first.Env.Difference(&h.Env); len(other) > 0 {
			return fmt.Errorf("run %d of the sweep is of another machine than run 1: %s", i+1, other[0])
		}
		size := [2]int{h.Plan.N, h.Plan.Features}
		if sum, known := sums[size]; known && sum != h.DataSum {
			return fmt.Errorf("run %d of the sweep has other data than an earlier run of N = %d: %s, then %s", i+1, h.Plan.N, sum, h.DataSum)
		}
		sums[size] = h.DataSum
	}
	return nil
}

// sameQuestion refuses a run whose times cannot stand beside those of another run of the sweep. The
// size, the role and the budget may differ, and so may the epochs of a run that validates.
func sameQuestion(a, b *journal.Header) error {
	for _, field := range []struct {
		name    string
		was, is any
	}{
		{"epochs", a.Sweep.Epochs, b.Sweep.Epochs},
		{"software", a.Sweep.Software, b.Sweep.Software},
		{"data", a.Plan.Source(), b.Plan.Source()},
		{"rate", a.Plan.Rate, b.Plan.Rate},
		{"noise", a.Plan.Noise, b.Plan.Noise},
		{"seed", a.Plan.Seed, b.Plan.Seed},
		{"threads", a.Plan.Threads, b.Plan.Threads},
	} {
		if field.was != field.is {
			return fmt.Errorf("%s was %v and is %v", field.name, field.was, field.is)
		}
	}
	if !a.Sweep.Same(b.Sweep) {
		return errors.New("its sizes or its sides are others")
	}
	return nil
}
