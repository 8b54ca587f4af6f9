package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"descent/bench/machine"
	"descent/bench/stats"
)

// An arm is one contender in the run.
type arm struct {
	Contender
	proc       *Process
	process    int
	opened     int           // processes in this session
	several    bool          // its worker can do several calls
	epochs     int           // a call, and
	calls      int           // a sample; 0 before the first warm-up has found them
	pace       time.Duration // of a call, as the first warm-up has found it
	timings    stats.Series  // of the samples
	last       time.Duration // of a sample, on the worker's clock
	device     string
	version    string        // as its first process told it
	other      bool          // its algorithm has work that is done once a descent
	once       time.Duration // what a descent of one epoch took, if other
	used       time.Duration // of the budget, and
	usedBefore time.Duration // by the processes before this one
	ended      bool          // by a fault
	excused    bool          // from more generations: whatever its rank depends on is known

	cpuUsed  time.Duration // by the process, when it was last looked at
	lookedAt time.Time
	restless bool // it was not asleep after restMost

	overheads []time.Duration // what the driver's clock had beyond the worker's in the warm-up
}

// samples is how many were taken, the warm-up not counted.
func (a *arm) samples() int {
	n := 0
	for _, times := range a.timings {
		n += len(times)
	}
	return n
}

// open starts a's process, loads the data and warms it up.
func (r *Run) open(ctx context.Context, a *arm, g int) (err error) {
	a.process, a.usedBefore, a.cpuUsed, a.restless = g, a.used, 0, false
	a.opened++
	began := time.Now()
	for _, path := range []string{r.x, r.d} {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: the data of this run are gone: something cleans that folder; TMPDIR names another", path)
		}
	}
	if a.proc, err = StartProcess(ctx, a.Contender, Limits{r.plan.Timeout, r.plan.Memory}); err != nil {
		return err
	}
	hello, err := a.proc.Hello()
	if err != nil {
		return err
	}
	if was := cmp.Or(a.version, hello.Version); was != hello.Version {
		return a.proc.fault("hello", fmt.Errorf("it is %s by now, and earlier processes were %s: a row is of one version", hello.Version, was))
	}
	a.version = hello.Version
	load, err := a.proc.Load(r.x, r.d)
	if err != nil {
		return err
	}
	a.device, a.other, a.several = hello.Info.Place(), hello.Info.Algorithm != "", hello.Calls
	hello.Info.Note, hello.Info.Threads = cmp.Or(load.Note, hello.Info.Note), cmp.Or(load.Threads, hello.Info.Threads)
	err = r.journal.Write(Record{Process: &Started{
		Contender: a.Name(), Process: g, Info: hello.Info, InitNS: hello.InitNS, LoadNS: load.LoadNS, LoadPhases: load.LoadPhases,
	}})
	if err != nil {
		return err
	}
	return r.warmUp(a, began)
}

// sample times calls descents and journals them, when everybody else is asleep.
func (r *Run) sample(a *arm, epochs, calls int, warmup bool) error {
	awake := r.rest(a, warmup)
	w := slices.Clone(r.check.w0)
	before := r.spin(warmup)
	used, known := a.proc.cpuTime()
	reply, wall, err := a.proc.Descend(w, r.plan.Rate, epochs, calls)
	if err != nil {
		return err
	}
	cpu := a.proc.cpuSince(used, known) // at once: what it does behind its answer is no part of the sample
	after := r.spin(warmup)
	s := &Sample{
		Contender: a.Name(), Process: a.process, Block: r.block, Warmup: warmup, Epochs: epochs, Calls: calls,
		RunNS: reply.RunNS, WallNS: wall.Nanoseconds(), CPUNS: cpu, DeviceNS: reply.DeviceNS, DownloadNS: reply.DownloadNS, W: reply.W,
		SpinNS: [2]int64{before.Nanoseconds(), after.Nanoseconds()}, Awake: awake, Note: reply.Note,
	}
	r.check.mark(s, a.Precision)
	if err := r.underCeiling(s, a); err != nil && s.Untrusted == "" {
		s.Untrusted = err.Error()
	}
	a.last = time.Duration(reply.RunNS)
	if warmup {
		a.overheads = append(a.overheads, wall-a.last)
	} else {
		a.timings.Add(a.process, s.perEpoch())
	}
	if s.Wrong != "" {
		a.ended = true // no time of it will be shown
	}
	return r.journal.Write(Record{Sample: s})
}

// spin times the driver's fixed computation, to see how fast the processor is; not in a warm-up.
func (r *Run) spin(warmup bool) time.Duration {
	if warmup {
		return 0
	}
	t := machine.Spin()
	r.spins = append(r.spins, t)
	return t
}

// twin returns the arm of the null arm, nil where there is none.
func (r *Run) twin() *arm {
	for _, a := range r.arms {
		if a.Twin {
			return a
		}
	}
	return nil
}

// twinned returns the contender that there is a twin of.
func (r *Run) twinned() *arm {
	twin := r.twin()
	return r.arms[slices.IndexFunc(r.arms, func(a *arm) bool { return a.Name() == twin.twinOf() })]
}

// addTwin adds a twin of the fastest contender on the CPU that passes over the data every epoch; of the fastest of all,
// where none is on the CPU. It returns nil where there is one, or nothing to be a twin of.
func (r *Run) addTwin() (*arm, error) {
	if r.plan.NoNull || r.twin() != nil {
		return nil, nil
	}
	candidates := slices.DeleteFunc(slices.Clone(r.arms), func(a *arm) bool { return a.ended || a.pace == 0 })
	if len(candidates) == 0 {
		return nil, nil
	}
	class := func(a *arm) int {
		switch {
		case a.other:
			return 2
		case a.device != "cpu":
			return 1
		}
		return 0
	}
	of := slices.MinFunc(candidates, func(a, b *arm) int {
		return cmp.Or(cmp.Compare(class(a), class(b)), cmp.Compare(r.whole(a), r.whole(b)))
	})
	twin := &arm{Contender: of.Contender, epochs: of.epochs, calls: of.calls, pace: of.pace, timings: stats.Series{}}
	twin.Contender.Twin = true
	r.arms = append(r.arms, twin)
	return twin, r.journal.Write(Record{Twin: &twin.Contender})
}

// whole is the time of the plan's epochs, by a's pace.
func (r *Run) whole(a *arm) time.Duration {
	if a.epochs == 0 {
		return a.pace
	}
	return time.Duration(float64(a.pace) * float64(r.plan.Epochs) / float64(a.epochs))
}
