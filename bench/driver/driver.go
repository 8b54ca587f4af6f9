// Package driver measures contenders on one problem: it starts their processes, takes interleaved
// samples, checks every answer, and writes every sample into the journal. New checks a Setup, and
// Measure runs it. A contender that fails ends its own row and nothing else.
//
// In a generation every contender has a fresh process. The processes are sampled in blocks: each
// once a block, in a random order drawn from the plan's seed, so a drift of the machine meets all
// alike. Generations follow until the ranking is known, or the budget is used up. A run of a sweep
// ends as soon as the best contenders of its two sides are told apart.
//
//	driver.go   the setup of a run, checked once
//	run.go      a run: generations, blocks, and what a fault ends
//	arm.go      one contender in the run: its process, from start to first sample
//	warmup.go   how many epochs and calls a sample has; when a process is warm
//	sample.go   where a sample is taken
//	rest.go     waiting until the other contenders' threads sleep
//	oracle.go   is an answer right, and can its time be
//	budget.go   who may use how much time, and when the run ends
//	progress.go how far a run is, and the standings so far
//	ranking.go  whose rank is not known yet; the null arm
//	sides.go    in a run of a sweep: who may be the best of a side, and is the better side known
//	resume.go   going on with an earlier run
package driver

import (
	"context"
	"fmt"
	"math"
	"time"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/stats"
	"descent/dataset"
)

// A Setup is all that a run needs to know. Plan, Problem and Contenders are needed; the rest is
// optional.
type Setup struct {
	// Plan is what to measure. A Budget of 0 becomes journal.DefaultBudget, or journal.LongBudget
	// if there is a hardware device or a contender that starts slowly.
	Plan       journal.Plan
	Problem    *dataset.Problem
	Contenders []bench.Contender
	// Sweep is the sweep that the run is of, nil if it is of none. It says which sides there are.
	Sweep *journal.Sweep
	// Version is the program's version, and Flags are those of its command line, for the header.
	Version string
	Flags   map[string][]string
	// Resume is the earlier run to go on with; nil for a new run. New refuses one
	// that it cannot go on with (ErrNotResumed).
	Resume *journal.Results
	// Ceilings returns what the processor was measured to do: its bandwidth by bytes, and its
	// multiply-adds. It is called for new runs only. A sweep measures once, and gives all its runs
	// the same ceilings. A nil Ceilings measures nothing.
	Ceilings func() []journal.Ceiling
	// ReadRate measures how fast the processor reads so many bytes, in bytes a second. nil leaves
	// the bandwidth at the exact size of the data unknown. A run of a sweep asks for it only before
	// it refuses a sample, if the Ceilings tell the bandwidth.
	ReadRate func(bytes int64) float64
	// Probe measures the device, and returns nil if there is none. It is called for new runs only,
	// when the results file is open. A nil Probe measures nothing.
	Probe func(context.Context) *bench.Probe
	// Tell is told of the progress between samples, never within one. It may be nil.
	Tell func(Progress)
}

// A Run measures what its Setup says, once. Its state is the state of its arms.
type Run struct {
	setup   Setup
	plan    journal.Plan
	problem *dataset.Problem // nil once its files are written
	oracle  *oracle
	arms    arms
	resumed bool // arms hold what an earlier session measured

	probe    *bench.Probe
	ceilings []journal.Ceiling

	journal *journal.Journal
	x, d    string // the .npy files
	start   time.Time
	spins   []time.Duration
	number  int  // of the generation in progress
	worked  *arm // the arm that worked last
	apart   bool // the contenders' processes run one after the other
	block   int
	short   bool // a contender has fewer samples than planned, because of the budget
	// perProcess is what a process may use of the budget, in a contest of a sweep.
	perProcess time.Duration
}

// New checks s and computes the oracle. It refuses what would measure nothing: a rate at which the
// descent diverges, data beyond a contender's precision, and an earlier run that s.Resume cannot go
// on with (ErrNotResumed). For a new run it also measures the ceilings of the processor.
func New(s Setup) (*Run, error) {
	r := &Run{setup: s, plan: s.Plan, problem: s.Problem}
	r.setup.Problem = nil // the run lets go of it once the workers can read it
	if s.Tell == nil {
		r.setup.Tell = func(Progress) {}
	}
	for _, c := range s.Contenders {
		if c.Precision == dataset.Float32 {
			if err := checkRange(s.Problem); err != nil {
				return nil, err
			}
		}
		r.arms = append(r.arms, &arm{Contender: c, timings: stats.Series{}, side: -1})
	}
	r.perProcess = r.firstAllotment()
	var err error
	if r.oracle, err = newOracle(s.Problem, s.Plan.Rate, s.Contenders); err != nil {
		return nil, err
	}
	if s.Resume == nil {
		r.measureCeilings()
		return r, nil
	}
	if err := r.resume(s.Resume); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotResumed, err)
	}
	return r, nil
}

// checkRange refuses a value of p that overflows float32.
func checkRange(p *dataset.Problem) error {
	for _, part := range []struct {
		name   string
		values []float64
	}{{"X", p.X}, {"d", p.D}} {
		for i, v := range part.values {
			if math.Abs(v) > math.MaxFloat32 {
				return fmt.Errorf("%s[%d] = %v is beyond f32: leave the f32 contenders out (--precision f64), or scale the data", part.name, i, v)
			}
		}
	}
	return nil
}
