package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"github.com/shirou/gopsutil/v4/mem"

	"descent/dataset"
)

// A Plan is what a run is asked to measure.
type Plan struct {
	Data      string        `json:"data,omitempty"` // the user's file; empty for generated data
	N         int           `json:"n"`
	Features  int           `json:"features"`
	Epochs    int           `json:"epochs"`
	Rate      float64       `json:"rate"`
	Noise     float64       `json:"noise"`
	Weights   Vector        `json:"weights,omitempty"` // that the data were generated from
	Seed      uint64        `json:"seed"`              // of the data and of the order within blocks
	Processes int           `json:"processes"`         // fresh processes a contender
	Blocks    int           `json:"blocks"`            // samples a process
	Budget    time.Duration `json:"budget_ns"`         // for all of the measuring
	Timeout   time.Duration `json:"timeout_ns"`        // for one exchange with a worker
	// Memory is Limits.Memory of every worker.
	Memory int64 `json:"memory_bytes,omitempty"`
}

// The article's plan: min of 5 repeats of 5 calls, of 10,000 epochs on 10,000 points.
const (
	DefaultProcesses = 5
	DefaultBlocks    = 5
	minSamples       = 3
)

// Progress is what a run in progress looks like from outside. It is told between
// samples, never within one.
type Progress struct {
	Doing string        // what comes next: "loop/f64"
	Done  float64       // share of the work, 0 to 1
	Left  time.Duration // estimate
}

// A Run measures contenders on one problem as its plan says. A contender that fails
// ends its own row and nothing else.
//
// Within a process, contenders are sampled in blocks: each once, in a random order
// drawn from the plan's seed, so that a drift of the machine meets them alike. A
// process warms up by descents of 1, 8, 64, … epochs up to a sample's, through the
// same path as the samples. Each contender may use an equal share of the budget; where
// the plan's epochs would not fit three times into it, a sample takes fewer epochs, and
// the journal and every report say how many.
type Run struct {
	plan    Plan
	problem *dataset.Problem
	check   *verifier
	arms    []*arm

	// Probe is what the device was measured to do just before, for the header; nil where
	// that is not known.
	Probe *Probe

	journal *Journal
	tell    func(Progress)
	x, d    string // the .npy files
	rng     *rand.Rand
	block   int
	short   bool // a contender has fewer samples than planned, for want of budget
}

// NewRun computes the oracle and refuses what would measure nothing: a rate at which
// the descent diverges, data that a contender's precision has no numbers for.
func NewRun(plan Plan, p *dataset.Problem, contenders []Contender) (*Run, error) {
	r := &Run{plan: plan, problem: p, rng: rand.New(rand.NewPCG(plan.Seed, 0))}
	for _, c := range contenders {
		if c.Precision == dataset.Float32 {
			if err := checkRange(p); err != nil {
				return nil, err
			}
		}
		r.arms = append(r.arms, &arm{Contender: c})
	}
	var err error
	r.check, err = newVerifier(p, make([]float64, p.P+1), plan.Rate, contenders)
	return r, err
}

// Measure takes the samples and journals each as soon as it is known. tell is called
// between samples. Its error is of what ends the run as a whole: the journal or the
// temporary files cannot be written, or ctx has ended.
func (r *Run) Measure(ctx context.Context, j *Journal, tell func(Progress)) error {
	r.journal, r.tell = j, tell
	start := time.Now()
	contenders := make([]Contender, len(r.arms))
	for i, a := range r.arms {
		contenders[i] = a.Contender
	}
	scratch, err := NewScratch()
	if err != nil {
		return fmt.Errorf("no folder for the data: %w", err)
	}
	defer scratch.Close()
	if r.x, r.d, err = WriteProblem(scratch.Path, r.problem); err != nil {
		return err
	}
	err = j.Write(Record{Header: &Header{
		Schema: Schema, Time: start.UTC(), Plan: r.plan, Env: ReadEnv(), Probe: r.Probe, Contenders: contenders,
	}})
	if err != nil {
		return err
	}
	apart := mustRunApart(r.problem, contenders)
	for g := 0; g < r.plan.Processes && err == nil; g++ {
		err = r.generation(ctx, g, apart)
	}
	end := End{Reason: "complete", TotalNS: since(start)}
	switch {
	case ctx.Err() != nil:
		end.Reason, err = "interrupted", ctx.Err()
	case err != nil:
		return err
	case r.short:
		end.Reason = "budget"
	}
	return errors.Join(err, j.Write(Record{End: &end}))
}

// WriteProblem writes p as x.npy and d.npy into dir, as contenders load it.
func WriteProblem(dir string, p *dataset.Problem) (x, d string, err error) {
	x, d = filepath.Join(dir, "x.npy"), filepath.Join(dir, "d.npy")
	if err := dataset.WriteNPY(x, p.X, p.N, p.P); err != nil {
		return "", "", err
	}
	return x, d, dataset.WriteNPY(d, p.D, p.N)
}

// mustRunApart reports whether the contenders' processes, each with the data as
// read and as it holds them, would not fit into memory beside each other.
func mustRunApart(p *dataset.Problem, contenders []Contender) bool {
	m, err := mem.VirtualMemory()
	if err != nil {
		return false
	}
	each := uint64(8 * p.N * (p.P + 1))
	return 2*each*uint64(len(contenders)) > m.Available/2
}

// An arm is one contender in the run.
type arm struct {
	Contender
	proc    *Process
	process int
	epochs  int           // a sample; 0 before the first warm-up has found it
	samples int           // taken
	last    time.Duration // of a sample, on the worker's clock
	other   bool          // its algorithm has work that is done once a descent
	once    time.Duration // what a descent of one epoch took, if other
	used    time.Duration // of the budget
	ended   bool          // by a fault
}

// share is what each contender may use of the budget. One that failed before its first
// sample leaves its own to the others.
func (r *Run) share() time.Duration {
	running := 0
	for _, a := range r.arms {
		if !a.ended || a.samples > 0 {
			running++
		}
	}
	return r.plan.Budget / time.Duration(max(1, running))
}

// done reports whether a has what it needs or has used what it may.
func (r *Run) done(a *arm) bool {
	if a.ended || a.samples >= r.plan.Processes*r.plan.Blocks {
		return true
	}
	if a.samples < minSamples || a.used+a.last <= r.share() {
		return false
	}
	r.short = true
	return true
}

// generation gives every contender that is not done a fresh process and takes a
// block after another from them; one after the other, where they must run apart.
func (r *Run) generation(ctx context.Context, g int, apart bool) error {
	arms := r.shuffled()
	if !apart {
		return r.together(ctx, g, arms)
	}
	for _, a := range arms {
		if err := r.together(ctx, g, []*arm{a}); err != nil {
			return err
		}
	}
	return nil
}

func (r *Run) together(ctx context.Context, g int, arms []*arm) (err error) {
	defer func() { err = cmp.Or(err, r.closeAll(arms)) }()
	for _, a := range arms {
		if err := r.step(ctx, a, func() error { return r.open(ctx, a, g) }); err != nil {
			return err
		}
	}
	for range r.plan.Blocks {
		r.rng.Shuffle(len(arms), func(i, k int) { arms[i], arms[k] = arms[k], arms[i] })
		for _, a := range arms {
			if a.proc == nil {
				continue
			}
			if err := r.step(ctx, a, func() error { return r.sample(a, a.epochs, false) }); err != nil {
				return err
			}
		}
		r.block++
	}
	return nil
}

func (r *Run) shuffled() []*arm {
	arms := slices.Clone(r.arms)
	r.rng.Shuffle(len(arms), func(i, k int) { arms[i], arms[k] = arms[k], arms[i] })
	return arms
}

// step does one thing with one contender, unless it is done. What the worker did
// wrong ends the contender's row; the error returned is one that ends the run.
func (r *Run) step(ctx context.Context, a *arm, do func() error) error {
	if r.done(a) {
		return nil
	}
	r.tell(r.progress(a))
	if err := ctx.Err(); err != nil {
		return err
	}
	start := time.Now()
	err := do()
	a.used += time.Since(start)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var fault *WorkerError
	if !errors.As(err, &fault) {
		return err
	}
	a.ended = true
	return r.journal.Write(Record{Fault: &Fault{
		Contender: a.Name(), Process: a.process, Unavailable: errors.Is(err, ErrUnavailable),
		Error: fault.Reason, Hint: fault.Hint(), Stderr: fault.Stderr,
	}})
}

// open starts a's process, loads the data and warms it up.
func (r *Run) open(ctx context.Context, a *arm, g int) (err error) {
	a.process = g
	if a.proc, err = StartProcess(ctx, a.Contender, Limits{r.plan.Timeout, r.plan.Memory}); err != nil {
		return err
	}
	hello, err := a.proc.Hello()
	if err != nil {
		return err
	}
	load, err := a.proc.Load(r.x, r.d)
	if err != nil {
		return err
	}
	a.other = hello.Info.Algorithm != ""
	hello.Info.Note, hello.Info.Threads = cmp.Or(load.Note, hello.Info.Note), cmp.Or(load.Threads, hello.Info.Threads)
	err = r.journal.Write(Record{Process: &Started{
		Contender: a.Name(), Process: g, Info: hello.Info, InitNS: hello.InitNS, LoadNS: load.LoadNS, LoadPhases: load.LoadPhases,
	}})
	if err != nil {
		return err
	}
	return r.warmUp(a)
}

// warmUp runs descents of 1, 8, 64, … epochs. The first process of a contender finds
// with it how many epochs a sample can have. Its first descent does not decide that alone:
// what a driver puts off to it, compiling above all, is no part of an epoch.
func (r *Run) warmUp(a *arm) error {
	for epochs, first := 1, a.epochs == 0; ; first = false {
		if err := r.sample(a, epochs, true); err != nil || a.ended {
			return err
		}
		if a.other && epochs == 1 {
			a.once = a.last
		}
		most := a.epochs
		if most == 0 {
			most = r.affordable(a, epochs)
		}
		switch {
		case 2*epochs < most:
			epochs = min(8*epochs, most)
		case !first || most == r.plan.Epochs:
			a.epochs = most
			return nil
		}
	}
}

// affordable returns the epochs that fit minSamples times, with as much again for
// the warm-up, into a's share, judged by a descent of epochs: rounded down to one
// digit, at least 1. What is done once a descent takes its time in any case, so that epochs
// may take as long again.
func (r *Run) affordable(a *arm, epochs int) int {
	room := max(r.share()/(2*minSamples)-a.once, a.once)
	fit := float64(epochs) * float64(room) / float64(max(1, a.last-a.once))
	if fit >= float64(r.plan.Epochs) {
		return r.plan.Epochs
	}
	digit := 1
	for 10*digit <= int(fit) {
		digit *= 10
	}
	return max(1, int(fit)/digit*digit)
}

// sample times one descent and journals it.
func (r *Run) sample(a *arm, epochs int, warmup bool) error {
	w := slices.Clone(r.check.w0)
	reply, wall, err := a.proc.Descend(w, r.plan.Rate, epochs)
	if err != nil {
		return err
	}
	s := &Sample{
		Contender: a.Name(), Process: a.process, Block: r.block, Warmup: warmup, Epochs: epochs,
		RunNS: reply.RunNS, WallNS: wall.Nanoseconds(), DeviceNS: reply.DeviceNS, DownloadNS: reply.DownloadNS, W: reply.W,
		Note: reply.Note,
	}
	r.check.mark(s, a.Precision)
	a.last = time.Duration(reply.RunNS)
	if !warmup {
		a.samples++
	}
	if s.Wrong != "" {
		a.ended = true // no time of it will be shown
	}
	return r.journal.Write(Record{Sample: s})
}

// closeAll ends the processes of arms and journals what they used. Its error is the
// first of the journal's.
func (r *Run) closeAll(arms []*arm) (err error) {
	for _, a := range arms {
		if a.proc == nil {
			continue
		}
		exit := &Exit{Contender: a.Name(), Process: a.process, PeakBytes: a.proc.Close()}
		a.proc = nil
		err = cmp.Or(err, r.journal.Write(Record{Exit: exit}))
	}
	return err
}

// progress estimates from each contender's own pace what is left for it to use.
func (r *Run) progress(next *arm) Progress {
	var used, total time.Duration
	for _, a := range r.arms {
		used += a.used
		switch {
		case a.ended:
			total += a.used
		case a.samples == 0:
			total += max(a.used, r.share())
		default:
			left := r.plan.Processes*r.plan.Blocks - a.samples
			total += a.used + min(a.used/time.Duration(a.samples)*time.Duration(left), max(0, r.share()-a.used))
		}
	}
	return Progress{
		Doing: fmt.Sprintf("%s, process %d of %d", next.Name(), next.process+1, r.plan.Processes),
		Done:  float64(used) / max(1, float64(total)), Left: total - used,
	}
}
