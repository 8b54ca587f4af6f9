package driver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"time"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/stats"
)

// An arm is one contender in the run.
type arm struct {
	bench.Contender
	proc    *bench.Process // nil between generations
	process int            // the number of its process
	opened  int            // processes in this session
	device  string
	version string // as its first process told it
	several bool   // its worker heeds calls
	onePass bool   // its algorithm has work that is done once a descent
	side    int    // in a sweep, 0 or 1; −1 is none
	// resident says that a dispatch has several epochs: the data may stay in a device's registers.
	resident bool

	epochs  int           // a call; 0 before the first warm-up has found it
	calls   int           // a sample
	pace    time.Duration // of a call
	once    time.Duration // of a descent of one epoch, if onePass
	last    time.Duration // of the last sample or warm-up piece, by the worker's clock
	timings stats.Series

	used       time.Duration // of the budget
	usedBefore time.Duration // of the budget, by the processes before this one
	ended      bool          // by a fault
	untrusted  bool          // a time of it contradicts another clock, or a ceiling
	excused    bool          // from more generations, because its rank is known

	cpuUsed   time.Duration // by the process, when the driver last looked
	lookedAt  time.Time
	restless  bool      // it was not asleep after restMost
	overheads []float64 // of the warm-up: the driver's clock beyond the worker's, in nanoseconds
}

// arms are the contenders of a run. The twin is the last, once there is one.
type arms []*arm

// twin returns the null arm, nil if there is none.
func (as arms) twin() *arm {
	for _, a := range as {
		if a.Twin {
			return a
		}
	}
	return nil
}

// twinned returns the contender that has a twin. There must be one.
func (as arms) twinned() *arm { return as.named(as.twin().TwinOf()) }

// named returns the contender of a name, nil if there is none.
func (as arms) named(name string) *arm {
	for _, a := range as {
		if a.Name() == name {
			return a
		}
	}
	return nil
}

func (as arms) shuffle(rng *rand.Rand) {
	rng.Shuffle(len(as), func(i, k int) { as[i], as[k] = as[k], as[i] })
}

// centre returns the median time of an epoch, over processes; infinity without samples.
func (a *arm) centre() float64 {
	_, medians := a.timings.Medians()
	if len(medians) == 0 {
		return math.Inf(1)
	}
	return stats.Median(medians)
}

// open starts a's process of generation g, loads the data and warms the process up.
func (r *Run) open(ctx context.Context, a *arm, g int) (err error) {
	a.process, a.usedBefore, a.cpuUsed, a.restless = g, a.used, 0, false
	a.opened++
	began := time.Now()
	for _, path := range []string{r.x, r.d} {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: the data of this run are gone: something cleans that folder; TMPDIR names another", path)
		}
	}
	limits := bench.Limits{Timeout: r.plan.Timeout, Memory: r.plan.Memory}
	if a.proc, err = bench.StartProcess(ctx, a.Contender, limits); err != nil {
		return err
	}
	hello, err := a.proc.Hello()
	if err != nil {
		return err
	}
	if was := cmp.Or(a.version, hello.Version); was != hello.Version {
		return a.proc.Fail("hello", fmt.Errorf("it is %s by now, and earlier processes were %s: a row is of one version", hello.Version, was))
	}
	load, err := a.proc.Load(r.x, r.d)
	if err != nil {
		return err
	}
	info := hello.Info
	info.Note, info.Threads, info.Work = cmp.Or(load.Note, info.Note), cmp.Or(load.Threads, info.Threads), cmp.Or(load.Work, info.Work)
	a.device, a.version, a.onePass, a.several = info.Place(), info.Version, info.Algorithm != "", hello.Calls
	if !a.Twin {
		a.side = r.sideOf(a, &info)
	}
	a.resident = info.Work.OnChip()
	err = r.journal.Write(journal.Record{Process: &journal.Started{
		Contender: a.Name(), Process: g, Info: info, InitNS: hello.InitNS, LoadNS: load.LoadNS, LoadPhases: load.LoadPhases,
	}})
	if err != nil {
		return err
	}
	w := warmup{r, a, began}
	return w.run()
}
