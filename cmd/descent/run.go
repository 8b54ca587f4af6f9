package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/bench/driver"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/cpu"
)

// A runCommand is one call of descent run.
type runCommand struct {
	problem    problemFlags
	contenders contenderFlags
	peers      peerFlags
	processes  int
	blocks     int
	resolution float64
	null       bool
	budget     time.Duration
	out        string
	append     bool
	resume     string
	format     string
	quiet      bool
	probe      prober
	open       func() (*journal.Journal, error) // opens the results file
	show       progress
}

func newRunCommand() *cobra.Command {
	r := runCommand{probe: probeApart}
	r.open = r.openResults
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Time all contenders on one problem",
		Long: `Run times every contender that works on this machine on one problem, in interleaved
samples from several fresh processes each, checks every answer against the exact one,
and prints the table. Without flags the problem is the article's: 10,000 points on a
line, 10,000 epochs.

It goes on, with six fresh processes a contender at least, until the ranking of the
contenders is known to --resolution, or --budget is used up; the report says which.
--processes asks for a fixed number instead. The fastest contender on the CPU runs twice,
under two names: what its twins differ by is noise, and nothing below that is called
faster or slower. 'descent check' says whether the machine is quiet enough.

Every sample is written to a results file as soon as it is known (--out), from which
'descent report' renders any format later; --append adds the run to those that the file
holds, and --resume goes on with the last run of a file, with its own flags, where it was
interrupted, killed, or out of budget. A contender that cannot run here is left out with
the reason; one that dies, hangs or answers wrongly loses its own row only. Processor and,
for the OpenGL contenders, device are measured first, to tell what share of its bandwidth a
contender reaches, and to catch one that claims to have read more than there is.

--peers runs beside them the programs that a user of Python or GoMLX would otherwise write,
on the same data, held against the same answers: python, numpy and tensorflow, which are
the article's, jax, torch, cupy, gomlx, and variants of them. 'descent devices' says which
of them work here, and how to install the others. The fairness sheet of the report has
what each ran on, on how many threads, and what is within its time.

simd and gram use as many processors as make them faster, --threads at most, and the best
vector instructions of this machine, or those that the environment variable DESCENT_SIMD
names: avx512, avx2, or purego for plain Go. gram is another algorithm, and marked †.

The exit status is 0, or 1 where a contender failed or none could run, 2 for a mistake
on the command line, 3 where an answer was wrong, and 130 after Ctrl-C.`,
		Example: `  descent run
  descent run --contenders loop/f64,gonum/f64,simd/f64,simd/f32,gram/f64 --threads 1
  descent run --n 1e6 --epochs 100 --contenders 'loop,simd,gl-*'
  descent run --features 64 --precision f32 --rate 0.01 --format markdown
  descent run --data prices.csv --target price --standardize --rate 0.05
  descent run --contenders loop,simd --peers python,numpy,'jax*' --python ~/venv/bin/python
  descent run --allow-software --contenders 'gl-graph/*' --format json
  descent run --n 1e5 --append --out sizes.jsonl
  descent run --budget 10m --resolution 0.005 --out fine.jsonl
  descent run --resume fine.jsonl --budget 10m`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error { return r.run(cmd) },
	}
	r.problem.register(cmd)
	r.contenders.register(cmd)
	r.peers.register(cmd, "none")
	flags := cmd.Flags()
	flags.IntVar(&r.processes, "processes", 0, "fresh processes a contender (default 6 at least, and more until the ranking is known to --resolution)")
	flags.IntVar(&r.blocks, "blocks", journal.DefaultBlocks, "samples a process")
	flags.Float64Var(&r.resolution, "resolution", journal.DefaultResolution, "the difference that is looked for, as a share of the time")
	flags.BoolVar(&r.null, "null-arm", true, "run the fastest contender on the CPU twice, to see the noise")
	flags.DurationVar(&r.budget, "budget", journal.DefaultBudget, "time for all of the measuring")
	flags.Lookup("budget").DefValue = journal.DefaultBudget.String() + ", and " + journal.LongBudget.String() + " with a GPU or --peers"
	flags.StringVar(&r.out, "out", "", "results file to write (default one in the user's cache folder, named on stderr)")
	flags.BoolVar(&r.append, "append", false, "add this run to the results file that --out names")
	flags.StringVar(&r.resume, "resume", "", "go on with the last run of this results file; of other flags only --budget, --resolution, --processes, --timeout, --memory, --format and --quiet may differ from its own")
	flags.BoolVar(&r.quiet, "quiet", false, "no progress")
	registerReportFormat(cmd, &r.format)
	return cmd
}

func (r *runCommand) run(cmd *cobra.Command) (err error) {
	r.show = newProgress(cmd.ErrOrStderr(), r.quiet)
	var before *journal.Results
	if r.resume != "" {
		var results *journal.Journal
		if before, results, err = r.recall(cmd); err != nil {
			return err
		}
		defer results.Close() // whatever error comes first
		r.open = func() (*journal.Journal, error) { return results, nil }
	}
	chosen, err := r.check()
	if err != nil {
		return err
	}
	chosen, remove, err := r.withPeers(chosen)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	run, err := r.setUp(cmd, chosen, before)
	if err != nil {
		return err
	}
	if r.out == "" {
		if r.out, err = cachedResults(time.Now()); err != nil {
			return err
		}
	}
	ended := r.measure(cmd, run)
	if ended != nil && !errors.Is(ended, context.Canceled) {
		var hinter bench.Hinter
		if errors.As(ended, &hinter) {
			return ended
		}
		hint := ""
		if _, err := os.Stat(r.out); err == nil {
			hint = r.printAgain()
		}
		return statusError{ended, exitFailure, hint}
	}
	return r.conclude(cmd, ended)
}

// setUp sets up a run of the chosen contenders. before is the run to go on with, nil for a new one.
func (r *runCommand) setUp(cmd *cobra.Command, chosen []bench.Contender, before *journal.Results) (*driver.Run, error) {
	plan := journal.Plan{
		Processes: r.processes, Blocks: r.blocks, Resolution: r.resolution, NoNull: !r.null,
		Budget: r.budget, Timeout: r.contenders.timeout, Memory: int64(r.contenders.memory),
		Threads: r.contenders.workers.bound(),
	}
	if before == nil && !cmd.Flags().Changed("budget") {
		plan.Budget = 0 // the driver's default
	}
	p, err := r.problem.problem(cmd, &plan)
	if err != nil {
		return nil, err
	}
	setup := driver.Setup{
		Plan: plan, Problem: p, Contenders: chosen, Version: version, Flags: given(cmd), Resume: before,
		ReadRate: readRate, Tell: r.show.tell,
	}
	if slices.ContainsFunc(chosen, func(c bench.Contender) bool { return usesGL(c.Backend) }) {
		setup.Probe = func(ctx context.Context) *bench.Probe { return r.probed(ctx, cmd) }
	}
	run, err := driver.New(setup)
	switch {
	case errors.Is(err, driver.ErrNotResumed):
		return nil, usage(fmt.Errorf("--resume %s: %w", r.resume, err), "'descent report "+r.resume+"' renders what it holds")
	case err != nil:
		return nil, usage(err, "")
	}
	return run, nil
}

// readRate returns how fast the processor reads so many bytes, in bytes a second.
func readRate(bytes int64) float64 {
	const most = 512 << 20 // beyond it, all data lie in the same memory
	return cpu.ReadBandwidth(int(min(bytes, most)), 0)
}

// check refuses a command line before any work is done for it.
func (r *runCommand) check() ([]bench.Contender, error) {
	switch {
	case r.processes < 0:
		return nil, usage(fmt.Errorf("--processes %d: it cannot be negative", r.processes), "")
	case r.blocks < 1:
		return nil, usage(fmt.Errorf("--blocks %d: at least 1 is needed", r.blocks), "")
	case !(r.resolution > 0 && r.resolution < 1):
		return nil, usage(fmt.Errorf("--resolution %v: it is a share of the time, as 0.02", r.resolution), "")
	case r.budget <= 0:
		return nil, usage(fmt.Errorf("--budget %v: it must be positive", r.budget), "")
	}
	if err := report.CheckFormat(r.format); err != nil {
		return nil, usage(err, "")
	}
	if err := r.checkOut(); err != nil {
		return nil, err
	}
	chosen, err := r.contenders.selected()
	if errors.Is(err, bench.ErrNoMatch) {
		err = usage(err, peerHint(r.contenders.contenders))
	}
	return chosen, err
}

// withPeers adds the peers to chosen; remove removes their programs.
func (r *runCommand) withPeers(chosen []bench.Contender) (all []bench.Contender, remove func() error, err error) {
	precisions, err := r.contenders.ofPrecisions()
	if err != nil {
		return nil, nil, err
	}
	others, remove, err := r.peers.selected(precisions, r.contenders.workers.bound())
	if err != nil {
		return nil, nil, err
	}
	for _, c := range others {
		if slices.Contains(bench.Names(chosen), c.Name()) {
			err := usage(fmt.Errorf("--program %s: one of --peers has this name", c.Name()), "give it another")
			return nil, nil, errors.Join(err, remove())
		}
	}
	return append(chosen, others...), remove, nil
}

// checkOut refuses an --out that would overwrite what is there, or add to what is no
// results file.
func (r *runCommand) checkOut() error {
	switch {
	case r.resume != "":
		return nil
	case r.append && r.out == "":
		return usage(errors.New("--append needs --out, the results file to add to"), "")
	case r.append:
		return usage(checkAppend(r.out), "")
	case r.out == "":
		return nil
	}
	if _, err := os.Lstat(r.out); err == nil {
		return usage(fmt.Errorf("--out %s: it exists, and results are not overwritten", r.out), "remove it, name another file, or add to it with --append")
	}
	return nil
}

// checkAppend refuses to add to what is there and is no results file. An empty file is
// what a run that was killed early leaves.
func checkAppend(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil: // not there, or whatever opens it says why it cannot
		return nil
	case !info.Mode().IsRegular():
		return fmt.Errorf("--append: %s is not a regular file", path)
	case info.Size() == 0:
		return nil
	}
	if _, err := journal.Read(path); err != nil {
		return fmt.Errorf("--append: %w", err)
	}
	return nil
}

// cachedResults names a new results file in the user's cache folder.
func cachedResults(now time.Time) (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	dir = filepath.Join(dir, "descent")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("no folder for the results file: %w; name one with --out", err)
	}
	return filepath.Join(dir, fmt.Sprintf("run-%s-%d.jsonl", now.Format("20060102-150405"), os.Getpid())), nil
}

// measure takes the samples into the results file.
func (r *runCommand) measure(cmd *cobra.Command, run *driver.Run) (err error) {
	results, err := r.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, results.Close()) }()
	ctx, stop := interruptible()
	defer stop()
	defer r.show.end()
	return run.Measure(ctx, results)
}

// openResults opens the results file of a new run.
func (r *runCommand) openResults() (*journal.Journal, error) {
	if r.append {
		return journal.Append(r.out)
	}
	return journal.Create(r.out)
}

// probed measures the device. Without the probe the run is the same, but for what is said
// of bandwidths.
func (r *runCommand) probed(ctx context.Context, cmd *cobra.Command) *bench.Probe {
	show := newProgress(cmd.ErrOrStderr(), r.quiet)
	show.tell(driver.Progress{Doing: "measuring the device"})
	probe, err := r.probe(ctx, r.contenders.workers.gpu.Options)
	show.end()
	if err != nil && ctx.Err() == nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "descent: warning: the device was not measured, so no share of its bandwidth is known: %s\n", oneLine(err.Error()))
	}
	return probe
}

// conclude prints the report from the results file and chooses the exit status.
func (r *runCommand) conclude(cmd *cobra.Command, interrupted error) error {
	runs, err := journal.Read(r.out)
	if err != nil {
		return err
	}
	rep := report.New(runs[len(runs)-1])
	out := cmd.OutOrStdout()
	if err := report.Write(out, r.format, []*report.Report{rep}, report.Options{Color: colored(out)}); err != nil {
		return err
	}
	if !r.quiet {
		fmt.Fprintf(cmd.ErrOrStderr(), "descent: the samples are in %s\n", r.out)
	}
	if interrupted != nil {
		return statusError{errors.New("interrupted"), exitInterrupted, r.printAgain() + "; 'descent run --resume " + r.out + "' goes on"}
	}
	return verdict(rep)
}

// printAgain is what can be done after a run that did not end in order.
func (r *runCommand) printAgain() string {
	return "'descent report " + r.out + "' prints again what was known by then"
}

// verdict is the error that the rows of a finished run come to.
func verdict(rep *report.Report) error {
	count := map[bench.Status]int{}
	for _, row := range rep.Rows {
		count[row.Status]++
	}
	switch {
	case count[bench.Wrong] > 0:
		return statusError{fmt.Errorf("%d of %d contenders gave a wrong answer", count[bench.Wrong], len(rep.Rows)), exitWrong, "the table says which, and by how much"}
	case count[bench.Failed]+count[bench.Untrusted] > 0:
		return statusError{fmt.Errorf("%d of %d contenders failed", count[bench.Failed]+count[bench.Untrusted], len(rep.Rows)), exitFailure, "the table says which, and why"}
	case count[bench.OK] == 0:
		return statusError{errors.New("none of the contenders can run on this machine"), exitFailure, "'descent devices' says what there is"}
	}
	return nil
}
