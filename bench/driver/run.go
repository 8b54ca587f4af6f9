package driver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/shirou/gopsutil/v4/mem"

	"descent/bench"
	"descent/bench/internal/proc"
	"descent/bench/journal"
	"descent/bench/machine"
	"descent/dataset"
)

// Measure takes the samples, and writes each to j as soon as it is known. It returns an error that
// ends the run as a whole: the journal or the data files cannot be written, or ctx has ended. What
// is in the journal by then is still good.
func (r *Run) Measure(ctx context.Context, j *journal.Journal) error {
	r.journal = j
	scratch, err := bench.NewScratch()
	if err != nil {
		return fmt.Errorf("no folder for the data: %w", err)
	}
	defer scratch.Close()
	if !r.resumed {
		r.lookAround(ctx)
	}
	first, err := r.begin(ctx, scratch.Path)
	if err != nil {
		return err
	}
	r.start = time.Now() // the data are there; what follows is the measuring
	before, own, driver := machine.Read(), machine.OwnTime(), machine.SelfTime()
	reason := ""
	for g := first; reason == "" && err == nil; g++ {
		if err = r.generate(ctx, g); err == nil {
			reason = r.reasonToEnd(g)
		}
	}
	if ctx.Err() != nil {
		reason, err = journal.Interrupted, ctx.Err()
	}
	if reason == "" {
		return err
	}
	return errors.Join(err, j.Write(journal.Record{End: &journal.End{
		Reason:      reason,
		TotalNS:     max(1, time.Since(r.start).Nanoseconds()),
		Machine:     machine.Assess(before, r.read(ctx), machine.OwnTime()-own, r.spins),
		DriverNS:    (machine.SelfTime() - driver).Nanoseconds(),
		DriverBytes: proc.Memory(os.Getpid()),
	}}))
}

// lookAround measures the device before a new run, and chooses the budget if the plan has none.
func (r *Run) lookAround(ctx context.Context) {
	if r.setup.Probe != nil {
		r.probe = r.setup.Probe(ctx)
	}
	if r.plan.Budget > 0 {
		return
	}
	r.plan.Budget = journal.DefaultBudget
	slow := func(a *arm) bool { return a.SlowStart && a.Absent == nil }
	if r.probe != nil && !r.probe.Software || slices.ContainsFunc(r.arms, slow) {
		r.plan.Budget = journal.LongBudget
	}
}

// read reads the state of the machine, and of its GPUs if there is a device to measure on.
func (r *Run) read(ctx context.Context) machine.Reading {
	now := machine.Read()
	if r.probe != nil {
		now.ReadGPU(ctx)
	}
	return now
}

// begin writes the data into dir, and the header into the journal, or the record that resumes a
// run. It returns the number of the first generation.
func (r *Run) begin(ctx context.Context, dir string) (first int, err error) {
	r.apart = mustRunApart(r.problem, len(r.arms)+1)
	if r.x, r.d, err = bench.WriteProblem(dir, r.problem); err != nil {
		return 0, err
	}
	large := len(r.problem.X) > 1<<20
	sum := checksum(r.problem)
	r.problem = nil
	if large {
		debug.FreeOSMemory() // the workers have more use for it
	}
	now := r.read(ctx)
	state := machine.Assess(now, now, 0, nil)
	if r.resumed {
		for _, a := range r.arms {
			first = max(first, a.process+1)
		}
		return first, r.journal.Write(journal.Record{Resume: &journal.Resumed{
			Time: time.Now().UTC(), Machine: state,
			Processes: r.plan.Processes, Resolution: r.plan.Resolution, Budget: r.plan.Budget,
		}})
	}
	return 0, r.journal.Write(journal.Record{Header: &journal.Header{
		Schema: journal.Schema, Version: r.setup.Version, Time: time.Now().UTC(), Plan: r.plan, Flags: r.setup.Flags, DataSum: sum,
		Env: journal.ReadEnv(), Machine: state, Sweep: r.setup.Sweep, Probe: r.probe, Ceilings: r.ceilings, Contenders: r.setup.Contenders,
	}})
}

// mustRunApart reports whether so many processes would not fit into memory side by side. Each has
// the data as it reads them, and as it holds them.
func mustRunApart(p *dataset.Problem, processes int) bool {
	m, err := mem.VirtualMemory()
	if err != nil {
		return false
	}
	each := uint64(8 * p.N * (p.P + 1))
	return 2*each*uint64(processes) > m.Available/2
}

// A generation is one in progress: its number, the source of its random orders, and the groups of
// contenders that wait for their turn. The contenders of a group run side by side.
type generation struct {
	number  int
	rng     *rand.Rand
	waiting []arms
}

// generate gives every contender that is not done a fresh process, in generation number, and takes
// the blocks of samples. If the processes must run apart, each contender is a group of its own.
func (r *Run) generate(ctx context.Context, number int) (err error) {
	r.number = number
	g := &generation{number: number, rng: rand.New(rand.NewPCG(r.plan.Seed, uint64(number)))}
	members := slices.Clone(r.arms)
	members.shuffle(g.rng)
	g.waiting = []arms{members}
	if r.apart {
		g.waiting = slices.Collect(slices.Chunk(members, 1))
	}
	for len(g.waiting) > 0 && err == nil {
		members, g.waiting = g.waiting[0], g.waiting[1:]
		err = r.sideBySide(ctx, g, members)
	}
	return err
}

// sideBySide opens the processes of members, takes all blocks of samples from them, and closes
// them. When all contenders have been opened, it is known how fast they are, and one gets a twin.
func (r *Run) sideBySide(ctx context.Context, g *generation, members arms) (err error) {
	open := func(a *arm) error { return r.step(ctx, a, func() error { return r.open(ctx, a, g.number) }) }
	defer func() { err = cmp.Or(err, r.closeAll(members)) }()
	for _, a := range members {
		if err := open(a); err != nil {
			return err
		}
	}
	if len(g.waiting) == 0 {
		twin, err := r.addTwin()
		switch {
		case err != nil:
			return err
		case twin != nil && r.apart:
			g.waiting = []arms{{twin}}
		case twin != nil:
			members = append(members, twin)
			if err := open(twin); err != nil {
				return err
			}
		}
	}
	for range r.plan.Blocks {
		members.shuffle(g.rng)
		for _, a := range members {
			if a.proc == nil || r.spent(a) {
				continue
			}
			if err := r.step(ctx, a, func() error { return r.sample(a) }); err != nil {
				return err
			}
		}
		r.block++
	}
	return nil
}

// step does one thing with one contender, unless the contender is done. A worker's fault ends the
// contender's row; an error that is returned ends the run.
func (r *Run) step(ctx context.Context, a *arm, do func() error) error {
	if r.done(a) {
		return nil
	}
	r.setup.Tell(r.progress(a))
	if err := ctx.Err(); err != nil {
		return err
	}
	start := time.Now()
	err := do()
	a.used += time.Since(start)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var fault *bench.WorkerError
	if !errors.As(err, &fault) {
		return err
	}
	a.ended = true
	return r.journal.Write(journal.Record{Fault: &journal.Fault{
		Contender: a.Name(), Process: a.process, Unavailable: errors.Is(err, bench.ErrUnavailable),
		Error: fault.Reason, Hint: fault.Hint(), Stderr: fault.Stderr,
	}})
}

// closeAll ends the processes of members, and writes what they used. It returns the journal's first
// error.
func (r *Run) closeAll(members arms) (err error) {
	for _, a := range members {
		if a.proc == nil {
			continue
		}
		exit := &journal.Exit{Contender: a.Name(), Process: a.process, PeakBytes: a.proc.Close()}
		a.proc = nil
		err = cmp.Or(err, r.journal.Write(journal.Record{Exit: exit}))
	}
	return err
}
