package fake

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"descent/bench"
	"descent/bench/driver"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/dataset"
)

// Plan returns the plan of a short run: two processes with four samples each. Its budget is enough
// for any machine, even a busy one.
func Plan() journal.Plan {
	return journal.Plan{
		N: 50, Features: 1, Epochs: 100, Rate: 0.1, Processes: 2, Blocks: 4, Resolution: 0.02, NoNull: true,
		Budget: time.Hour, Timeout: time.Minute,
	}
}

// Problem returns a generated problem.
func Problem(n, features int) *dataset.Problem {
	spec := dataset.Spec{N: n, P: features, Noise: 0.1, Weights: dataset.DefaultWeights(features), Seed: 1}
	p, err := dataset.Generate(spec)
	if err != nil {
		panic(err)
	}
	return p
}

// Measure runs contenders. It returns the report of the results file, and the error that ended the
// run.
func Measure(t testing.TB, ctx context.Context, plan journal.Plan, cs ...bench.Contender) (*report.Report, error) {
	t.Helper()
	return MeasureTold(t, ctx, func() {}, plan, cs...)
}

// MeasureTold does what Measure does, and calls step before each step of the run.
func MeasureTold(t testing.TB, ctx context.Context, step func(), plan journal.Plan, cs ...bench.Contender) (*report.Report, error) {
	t.Helper()
	var last driver.Progress
	run, err := driver.New(driver.Setup{
		Plan: plan, Problem: Problem(plan.N, plan.Features), Contenders: cs,
		Tell: func(p driver.Progress) {
			if p.Generation < max(1, last.Generation) || p.Since.Before(last.Since) || p.Budget != plan.Budget {
				t.Errorf("progress %+v, then %+v", last, p)
			}
			last = p
			step()
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "results.jsonl")
	j, err := journal.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	ended := run.Measure(ctx, j)
	runs, err := journal.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return report.New(runs[0]), ended
}
