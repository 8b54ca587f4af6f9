package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"github.com/shirou/gopsutil/v4/mem"

	"descent/bench/machine"
	"descent/bench/stats"
	"descent/dataset"
	"descent/dataset/file"
)

// A Run measures contenders on one problem as its plan says. A contender that fails
// ends its own row and nothing else.
//
// In a generation every contender has a fresh process, and they are sampled in blocks: each once, in a random
// order drawn from the plan's seed, so that a drift of the machine meets them alike. Generations follow until the
// ranking is known, or the budget is used up. See README.md, "The order of things".
type Run struct {
	// What the header tells besides the plan: what the device was measured to do just before, nil where that is not known; the
	// same of the processor; and the program's version and flags.
	Probe    *Probe
	Ceilings []Ceiling
	Version  string
	// ReadAgain measures the ceiling of so many bytes on the processor once more, in bytes a second; nil does not.
	ReadAgain func(bytes int64) float64
	Flags     map[string][]string

	plan    Plan
	problem *dataset.Problem // until its files are written
	check   *verifier
	arms    []*arm // the null arm's is the last, once there is one
	resumed bool   // arms hold what an earlier session measured

	journal *Journal
	tell    func(Progress)
	x, d    string // the .npy files
	rng     *rand.Rand
	start   time.Time
	spins   []time.Duration
	worked  *arm // last
	apart   bool // the contenders' processes run one after the other
	block   int
	short   bool // a contender has fewer samples than planned, for want of budget
}

// NewRun computes the oracle and refuses what would measure nothing: a rate at which
// the descent diverges, data that a contender's precision has no numbers for.
func NewRun(plan Plan, p *dataset.Problem, contenders []Contender) (*Run, error) {
	r := &Run{plan: plan, problem: p}
	for _, c := range contenders {
		if c.Precision == dataset.Float32 {
			if err := checkRange(p); err != nil {
				return nil, err
			}
		}
		r.arms = append(r.arms, &arm{Contender: c, timings: stats.Series{}})
	}
	var err error
	r.check, err = newVerifier(p, make([]float64, p.P+1), plan.Rate, contenders)
	return r, err
}

// SetBudget gives the run another budget than its plan says; before Measure.
func (r *Run) SetBudget(d time.Duration) { r.plan.Budget = d }

// Measure takes the samples and journals each as soon as it is known. tell is called
// between samples. Its error is of what ends the run as a whole: the journal or the
// temporary files cannot be written, or ctx has ended.
func (r *Run) Measure(ctx context.Context, j *Journal, tell func(Progress)) error {
	r.journal, r.tell = j, tell
	scratch, err := NewScratch()
	if err != nil {
		return fmt.Errorf("no folder for the data: %w", err)
	}
	defer scratch.Close()
	first, err := r.begin(ctx, scratch.Path)
	if err != nil {
		return err
	}
	r.start = time.Now() // the data are there: what follows is the measuring
	before, own, driver := machine.Read(), machine.OwnTime(), machine.SelfTime()
	reason := ""
	for g := first; reason == "" && err == nil; g++ {
		if err = r.generation(ctx, g); err == nil {
			reason = r.ended(g)
		}
	}
	if ctx.Err() != nil {
		reason, err = Interrupted, ctx.Err()
	}
	if reason == "" {
		return err
	}
	return errors.Join(err, j.Write(Record{End: &End{
		Reason: reason, TotalNS: since(r.start), Machine: machine.Assess(before, r.read(ctx), machine.OwnTime()-own, r.spins),
		DriverNS: (machine.SelfTime() - driver).Nanoseconds(), DriverBytes: int64(memoryOf(os.Getpid()).RSS),
	}}))
}

// read takes down the state of the machine, and where there is a device to measure on, that of GPUs.
func (r *Run) read(ctx context.Context) machine.Reading {
	now := machine.Read()
	if r.Probe != nil {
		now.ReadGPU(ctx)
	}
	return now
}

// begin writes the data into dir and the header, or what resumes a run, and returns the first generation's number.
func (r *Run) begin(ctx context.Context, dir string) (first int, err error) {
	r.apart = mustRunApart(r.problem, len(r.arms)+1)
	if r.x, r.d, err = WriteProblem(dir, r.problem); err != nil {
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
		return first, r.journal.Write(Record{Resume: &Resumed{Time: time.Now().UTC(), Machine: state}})
	}
	var contenders []Contender
	for _, a := range r.arms {
		contenders = append(contenders, a.Contender)
	}
	return 0, r.journal.Write(Record{Header: &Header{
		Schema: Schema, Version: r.Version, Time: time.Now().UTC(), Plan: r.plan, Flags: r.Flags, DataSum: sum,
		Env: ReadEnv(), Machine: state, Probe: r.Probe, Ceilings: r.Ceilings, Contenders: contenders,
	}})
}

// WriteProblem writes p as x.npy and d.npy into dir, as contenders load it.
func WriteProblem(dir string, p *dataset.Problem) (x, d string, err error) {
	x, d = filepath.Join(dir, "x.npy"), filepath.Join(dir, "d.npy")
	if err := file.WriteNPY(x, p.X, p.N, p.P); err != nil {
		return "", "", err
	}
	return x, d, file.WriteNPY(d, p.D, p.N)
}

// mustRunApart reports whether that many processes, each with the data as
// read and as it holds them, would not fit into memory beside each other.
func mustRunApart(p *dataset.Problem, processes int) bool {
	m, err := mem.VirtualMemory()
	if err != nil {
		return false
	}
	each := uint64(8 * p.N * (p.P + 1))
	return 2*each*uint64(processes) > m.Available/2
}

// ended returns why the run ends after generation g, or "" where it goes on.
func (r *Run) ended(g int) string {
	if !slices.ContainsFunc(r.arms, func(a *arm) bool { return !r.done(a) }) {
		if r.short {
			return OutOfBudget
		}
		return Complete
	}
	if r.plan.Processes > 0 || g+1 < leastGenerations {
		return ""
	}
	left := r.plan.Budget - time.Since(r.start)
	needed, cost := 0, time.Duration(0)
	for i, must := range r.undecided() {
		a := r.arms[i]
		a.excused = !must
		if must && !a.ended {
			needed++
			cost += a.used / time.Duration(max(1, a.opened))
		}
	}
	switch {
	case needed == 0:
		return Resolved
	case cost > left:
		return OutOfBudget
	}
	return ""
}

// share is what each contender may use of the budget, its twin too. One that failed before its first
// sample leaves its own to the others.
func (r *Run) share() time.Duration {
	running := 0
	for _, a := range r.arms {
		if !a.ended || a.samples() > 0 {
			running++
		}
	}
	if !r.plan.NoNull && r.twin() == nil {
		running++ // there will be one
	}
	return r.plan.Budget / time.Duration(max(1, running))
}

// allotment is what a process of each contender may use of its share.
func (r *Run) allotment() time.Duration { return r.share() / time.Duration(r.plan.processes()) }

// done reports whether a has what it needs or has used what it may. Beyond the processes that its share is for, the
// budget as a whole bounds what it may use. A twin is of no use without the other, but has as many samples of a process.
func (r *Run) done(a *arm) bool {
	if a.Twin {
		if of := r.twinned(); r.done(of) && (of.ended || len(a.timings[a.process]) >= len(of.timings[of.process])) {
			return true
		}
	}
	switch {
	case a.ended || a.excused || r.plan.Processes > 0 && a.samples() >= r.plan.Processes*r.plan.Blocks:
		return true
	case a.samples() < minSamples || a.used+a.last <= r.share():
		return false
	case r.plan.Processes == 0 && a.opened >= leastGenerations && time.Since(r.start)+a.last <= r.plan.Budget:
		return false
	}
	r.short = true
	return true
}

// spent reports whether a's process has used up its allotment: a contender with few samples from many processes tells more
// than one with many from few. Where the plan says how many of either there are, they are taken.
func (r *Run) spent(a *arm) bool {
	return r.plan.Processes == 0 && len(a.timings[a.process]) > 0 && a.used-a.usedBefore+a.last > r.allotment()
}

// generation gives every contender that is not done a fresh process and takes a
// block after another from them; one after the other, where they must run apart. The first tells which contender
// runs twice from then on.
func (r *Run) generation(ctx context.Context, g int) (err error) {
	r.rng = rand.New(rand.NewPCG(r.plan.Seed, uint64(g)))
	arms := slices.Clone(r.arms)
	r.shuffle(arms)
	groups := [][]*arm{arms}
	if r.apart {
		groups = slices.Collect(slices.Chunk(arms, 1))
	}
	for i := 0; i < len(groups) && err == nil; i++ {
		err = r.together(ctx, g, groups[i], func() (*arm, error) {
			if i+1 < len(groups) {
				return nil, nil
			}
			twin, err := r.addTwin()
			if twin != nil && r.apart {
				groups = append(groups, []*arm{twin})
				return nil, err
			}
			return twin, err
		})
	}
	return err
}

// together opens the processes of arms, and of one more that opened returns when it knows how fast they are, and takes
// all blocks of them.
func (r *Run) together(ctx context.Context, g int, arms []*arm, opened func() (*arm, error)) (err error) {
	open := func(a *arm) error { return r.step(ctx, a, func() error { return r.open(ctx, a, g) }) }
	defer func() { err = cmp.Or(err, r.closeAll(arms)) }()
	for _, a := range arms {
		if err := open(a); err != nil {
			return err
		}
	}
	if another, err := opened(); err != nil {
		return err
	} else if another != nil {
		arms = append(arms, another)
		if err := open(another); err != nil {
			return err
		}
	}
	for range r.plan.Blocks {
		r.shuffle(arms)
		for _, a := range arms {
			if a.proc == nil || r.spent(a) {
				continue
			}
			if err := r.step(ctx, a, func() error { return r.sample(a, a.epochs, a.calls, false) }); err != nil {
				return err
			}
		}
		r.block++
	}
	return nil
}

func (r *Run) shuffle(arms []*arm) {
	r.rng.Shuffle(len(arms), func(i, k int) { arms[i], arms[k] = arms[k], arms[i] })
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

// progress estimates from each contender's own pace what is left for it to use; beyond the processes that there are in any
// case, it is the rest of the budget at the most.
func (r *Run) progress(next *arm) Progress {
	doing := fmt.Sprintf("%s, process %d", next.Name(), next.process+1)
	if r.plan.Processes > 0 {
		doing += fmt.Sprintf(" of %d", r.plan.Processes)
	} else if elapsed := time.Since(r.start); next.opened > leastGenerations {
		return Progress{Doing: doing, Done: min(1, elapsed.Seconds()/r.plan.Budget.Seconds()), Left: max(0, r.plan.Budget-elapsed)}
	}
	var used, total time.Duration
	for _, a := range r.arms {
		used += a.used
		switch {
		case a.ended || a.excused:
			total += a.used
		case a.samples() == 0:
			total += max(a.used, r.share())
		default:
			left := max(0, r.plan.processes()*r.plan.Blocks-a.samples())
			total += a.used + min(a.used/time.Duration(a.samples())*time.Duration(left), max(0, r.share()-a.used))
		}
	}
	return Progress{Doing: doing, Done: float64(used) / max(1, float64(total)), Left: total - used}
}
