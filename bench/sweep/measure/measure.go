// Package measure measures a sweep: run after run of package driver, each at one size, all into one
// results file. What it measures next, it decides from the runs so far and from what is left of the
// budget. So a sweep that was cut short goes on as it would have.
//
//	measure.go  the setup of a sweep, and its runs one after the other
//	resume.go   going on with an earlier sweep
//	next.go     what is measured next: the grid, cells of the winner map, the crossovers
//	order.go    in which order the sizes of the grid are visited
//	who.go      who takes part in a visit, and who is left out
//	cells.go    which cells of the winner map are validated
//	cost.go     how long a visit takes, by the visits before it
package measure

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"descent/bench"
	"descent/bench/driver"
	"descent/bench/journal"
	"descent/bench/machine"
	"descent/dataset"
)

// A Setup is all that a sweep needs to know. Sweep, Plan, Contenders and Problem are needed; the
// rest is optional.
type Setup struct {
	// Sweep is the question. A sweep without ID gets one. Visit, Role and LeftOut are set for each
	// run.
	Sweep journal.Sweep
	// Plan is what all runs have in common. N, Features, Epochs, Processes, NoNull and Budget are
	// set for each run.
	Plan       journal.Plan
	Contenders []bench.Contender
	// Version is the program's version, and Flags are those of its command line, for the headers.
	Version string
	Flags   map[string][]string
	// Problem makes the data of a size.
	Problem func(n, features int) (*dataset.Problem, error)
	// Before are the runs of the sweep to go on with, in the order of the file; none for a new one.
	// New refuses runs that it cannot go on with (driver.ErrNotResumed).
	Before []*journal.Results
	// Ceilings, ReadRate and Probe are as in driver.Setup. Ceilings and Probe are called once.
	Ceilings func() []journal.Ceiling
	ReadRate func(bytes int64) float64
	Probe    func(context.Context) *bench.Probe
	// Tell is told of the progress between samples, never within one. It may be nil.
	Tell func(Progress)
}

// Progress says how far a sweep is.
type Progress struct {
	N, Features int
	Role        journal.Role
	// Visit is the number of this run among the runs of its role, from 1. Visits is how many there
	// are to be; 0 is not known.
	Visit, Visits int
	Run           driver.Progress // its zero value while the data are made
	Start         time.Time       // of this session
	Budget        time.Duration   // of this session: the sweep ends when it is used up, or earlier
	// Ends is when the sweep is expected to end, by the visits so far. It is not after the budget.
	Ends time.Time
	// Ceilings says that the ceilings of the processor are being measured.
	Ceilings bool
}

// A Sweeping measures what its Setup says, once.
type Sweeping struct {
	setup   Setup
	journal *journal.Journal
	runs    []*journal.Results // of the sweep so far, in the order of the file
	// unfinished is the last of runs, if an earlier session was cut short in it.
	unfinished *journal.Results
	skipped    []journal.Unvisited // never to be visited
	deferred   []journal.Unvisited // too long for what was left of the budget
	start      time.Time
	budget     time.Duration // of this session
	probe      *bench.Probe
	probed     bool
	ceilings   []journal.Ceiling
	onCeilings time.Duration // processor time that they took
}

// New checks s. It refuses an earlier sweep that it cannot go on with (driver.ErrNotResumed).
func New(s Setup) (*Sweeping, error) {
	if s.Tell == nil {
		s.Tell = func(Progress) {}
	}
	if len(s.Before) > 0 {
		s.Sweep.ID = cmp.Or(s.Sweep.ID, s.Before[0].Header.Sweep.ID)
	}
	if s.Sweep.ID == "" {
		s.Sweep.ID = newID()
	}
	out := &Sweeping{setup: s, budget: s.Sweep.Budget}
	if len(s.Before) > 0 {
		if err := out.resume(); err != nil {
			return nil, fmt.Errorf("%w: %w", driver.ErrNotResumed, err)
		}
	}
	return out, nil
}

// newID returns an ID that no other sweep has.
func newID() string {
	id := make([]byte, 8)
	rand.Read(id) // it never fails
	return hex.EncodeToString(id)
}

// Measure takes the samples of all runs, and writes each to j as soon as it is known. It returns an
// error that ends the sweep as a whole: the journal or the data files cannot be written, or ctx has
// ended. What is in the journal by then is still good.
func (s *Sweeping) Measure(ctx context.Context, j *journal.Journal) error {
	s.journal, s.start = j, time.Now()
	before := machine.SelfTime()
	reason, err := s.measure(ctx)
	if ctx.Err() != nil {
		reason, err = journal.Interrupted, ctx.Err()
	}
	if last := j.Last(); reason == "" || last == nil || last.End == nil {
		return err
	}
	return errors.Join(err, j.Write(journal.Record{Swept: &journal.Swept{
		Reason:     reason,
		TotalNS:    time.Since(s.start).Nanoseconds(),
		DriverNS:   (machine.SelfTime() - before - s.onCeilings).Nanoseconds(),
		CeilingsNS: s.onCeilings.Nanoseconds(),
		Unvisited:  s.unvisited(),
	}}))
}

// measure makes one run after the other, and returns the reason why no more are made.
func (s *Sweeping) measure(ctx context.Context) (reason string, err error) {
	if s.unfinished != nil {
		if err := s.make(ctx, s.again(s.unfinished), s.unfinished); err != nil {
			return "", err
		}
	}
	for {
		v, reason, err := s.next()
		if err != nil || v == nil {
			return reason, err
		}
		if err := s.make(ctx, *v, nil); err != nil {
			return "", err
		}
	}
}

// A visit is a run that is to be made.
type visit struct {
	size
	role       journal.Role
	epochs     int
	contenders []bench.Contender
	leftOut    []journal.LeftOut
	budget     time.Duration
	number, of int // among the runs of its role; of is 0 if that is not known
	ends       time.Time
}

// make makes the run of a visit. before is what an earlier session has of it, nil for a new run. A
// size at which the descent diverges is skipped, unless it is the first.
func (s *Sweeping) make(ctx context.Context, v visit, before *journal.Results) error {
	progress := Progress{
		N: v.n, Features: v.features, Role: v.role, Visit: v.number, Visits: v.of, Start: s.start, Budget: s.budget, Ends: v.ends,
	}
	s.setup.Tell(progress)
	measuring := func() { // until the run tells more
		progress.Ceilings = true
		s.setup.Tell(progress)
		progress.Ceilings = false
	}
	p, err := s.setup.Problem(v.n, v.features)
	if err != nil {
		return err
	}
	run, err := driver.New(driver.Setup{
		Plan: s.plan(v), Problem: p, Contenders: v.contenders, Sweep: s.part(v),
		Version: s.setup.Version, Flags: s.setup.Flags, Resume: before,
		Ceilings: func() []journal.Ceiling { return s.ceilingsOnce(measuring) }, ReadRate: s.setup.ReadRate, Probe: s.probeOnce,
		Tell: func(p driver.Progress) {
			progress.Run = p
			s.setup.Tell(progress)
		},
	})
	if diverges, is := errors.AsType[*dataset.RateError](err); is && len(s.runs) > 0 {
		s.skip(v.size, diverges.Error())
		return nil
	}
	if err != nil {
		return err
	}
	if err := cmp.Or(ctx.Err(), run.Measure(ctx, s.journal)); err != nil {
		return err
	}
	if before == nil {
		s.runs = append(s.runs, s.journal.Last())
	} else {
		s.runs[len(s.runs)-1] = s.journal.Last()
	}
	return nil
}

// plan returns the plan of a visit.
func (s *Sweeping) plan(v visit) journal.Plan {
	plan := s.setup.Plan
	plan.N, plan.Features, plan.Epochs, plan.Budget = v.n, v.features, v.epochs, v.budget
	plan.Processes = 0
	if v.role == journal.Checking {
		plan.Processes, plan.Blocks, plan.NoNull = checkingProcesses, 1, true
	}
	return plan
}

// part returns what the header of a visit's run says about the sweep.
func (s *Sweeping) part(v visit) *journal.Sweep {
	part := s.setup.Sweep
	part.Visit, part.Role, part.LeftOut = len(s.runs), v.role, v.leftOut
	return &part
}

// ceilingsOnce measures the ceilings of the processor, for the first run. It tells so first.
func (s *Sweeping) ceilingsOnce(tell func()) []journal.Ceiling {
	if s.ceilings == nil && s.setup.Ceilings != nil {
		tell()
		before := machine.SelfTime()
		defer func() { s.onCeilings = machine.SelfTime() - before }()
		s.ceilings = s.setup.Ceilings()
	}
	return s.ceilings
}

// probeOnce measures the device, for the first run.
func (s *Sweeping) probeOnce(ctx context.Context) *bench.Probe {
	if !s.probed && s.setup.Probe != nil {
		s.probe, s.probed = s.setup.Probe(ctx), true
	}
	return s.probe
}
