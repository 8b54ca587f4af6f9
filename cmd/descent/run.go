package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/bench/driver"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/cmd/internal/results"
	"descent/cmd/internal/screen"
	"descent/cpu"
	"descent/dataset"
)

const runHelp = `This command times every contender that works on this machine, on one problem. It starts
several fresh processes of each contender, and takes samples from them in turn. It checks
every answer against the exact one, and prints a report. Without flags the problem is the
article's: 10,000 points on a line, 10,000 epochs.

How long. Each contender gets six fresh processes. More follow until the ranking of the
contenders is known to --resolution. The run ends earlier when --budget is used up, and
the report then says so. --processes asks for a fixed number of processes.

Noise. The fastest contender on the CPU runs twice, under two names. The difference of the
two is noise, and no smaller difference is called faster or slower. 'descent check' says
whether the machine is quiet enough.

Results file. Every sample is written to a results file as soon as it is known (--out).
'descent report' prints the file again, in any format. --append adds this run to the runs
in the file. --resume continues the last run of a file, with that run's own flags. The run
may have been interrupted, killed, or out of budget.

Faults. A contender that cannot run here is left out, with the reason. One that dies,
hangs or answers wrongly loses only its own row.

Bandwidth. First the run measures how fast the processor reads memory, and for the OpenGL
contenders how fast the device does. The report then says what share of it each contender
reaches. A contender that claims to read faster than possible is marked UNTRUSTED.

Outside programs. --peers adds programs as users of Python or GoMLX would write them, on
the same data and with the same checks. python, numpy and tensorflow are the article's;
jax, torch, cupy, gomlx and variants are new. 'descent devices' says which of them work
here, and how to install the others. The fairness sheet of the report says what each
program ran on, on how many threads, and what its time contains.

Processors. simd and gram use as many processors as make them faster, up to --threads.
They use the best vector instructions of this machine. The environment variable
DESCENT_SIMD chooses others: avx512, avx2, or purego for plain Go. gram is another
algorithm, so it is marked with a †.

The exit status is 0; 1 if a contender failed or none could run; 2 for a mistake on the
command line; 3 if an answer was wrong; and 130 after Ctrl-C.`

const runExamples = `  descent run
  descent run --contenders loop/f64,gonum/f64,simd/f64,simd/f32,gram/f64 --threads 1
  descent run --n 1e6 --epochs 100 --contenders 'loop,simd,gl-*'
  descent run --features 64 --precision f32 --rate 0.01 --format markdown
  descent run --data prices.csv --target price --standardize --rate 0.05
  descent run --contenders simd --peers python,numpy,'jax*' --python ~/venv/bin/python
  descent run --allow-software --contenders 'gl-graph/*' --format json
  descent run --n 1e5 --append --out sizes.jsonl
  descent run --budget 10m --resolution 0.005 --out fine.jsonl
  descent run --resume fine.jsonl --budget 10m`

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
	appends    bool
	resume     string
	format     string
	quiet      bool
	probe      prober
}

func newRunCommand() *cobra.Command {
	r := runCommand{probe: probeApart}
	cmd := &cobra.Command{
		Use:     "run",
		Short:   "Time all contenders on one problem",
		Long:    runHelp,
		Example: runExamples,
		Args:    exactArgs(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return r.run(cmd) },
	}
	r.problem.register(cmd)
	r.contenders.register(cmd)
	r.peers.register(cmd, "none")
	r.register(cmd)
	return cmd
}

// register adds the flags that say how to measure, and where the samples go.
func (r *runCommand) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.IntVar(&r.processes, "processes", 0, "how many fresh processes each contender gets (default 6, and more until the ranking is known to --resolution)")
	flags.IntVar(&r.blocks, "blocks", journal.DefaultBlocks, "how many samples are taken from each process")
	flags.Float64Var(&r.resolution, "resolution", journal.DefaultResolution, "the smallest difference to look for, as a share of the time: 0.02 is 2%")
	flags.BoolVar(&r.null, "null-arm", true, "run the fastest contender on the CPU twice, to see the noise")
	flags.DurationVar(&r.budget, "budget", journal.DefaultBudget, "how long the measuring may take, such as 90s or 10m")
	flags.Lookup("budget").DefValue = fmt.Sprintf("%v, and %v with a GPU or with a library that starts slowly", journal.DefaultBudget, journal.LongBudget)
	flags.StringVar(&r.out, "out", "", "the results `file` to write; it must not exist yet, except with --append (default a new file in the user's cache folder; stderr names it)")
	flags.BoolVar(&r.appends, "append", false, "add this run to the results file of --out (default off)")
	flags.StringVar(&r.resume, "resume", "", "continue the last run of this results `file`; only --budget, --resolution, --processes, --timeout, --memory, --format and --quiet may differ from its own flags (default a new run)")
	flags.BoolVar(&r.quiet, "quiet", false, "print no progress, and not the name of the results file (default off)")
	registerReportFormat(cmd, &r.format)
}

func (r *runCommand) run(cmd *cobra.Command) (err error) {
	var before *journal.Results
	var results *journal.Journal
	if r.resume != "" {
		if results, err = r.reopen(cmd); err != nil {
			return err
		}
		defer results.Close() // for an error before the run; the run closes it earlier
		if before, err = r.recall(cmd); err != nil {
			return err
		}
	}
	chosen, precisions, err := r.check()
	if err != nil {
		return err
	}
	chosen, remove, err := r.withPeers(chosen, precisions)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	show := screen.NewProgress(r.progressTo(cmd))
	run, err := r.setUp(cmd, chosen, before, show)
	if err != nil {
		return err
	}
	if results == nil {
		results, err = r.open()
	}
	if err == nil {
		err = measure(run, results, show)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		return r.broken(err)
	}
	return r.conclude(cmd, err)
}

// progressTo returns where progress is drawn.
func (r *runCommand) progressTo(cmd *cobra.Command) io.Writer {
	if r.quiet {
		return io.Discard
	}
	return cmd.ErrOrStderr()
}

// setUp sets up a run of the chosen contenders. before is the run to continue, nil for a new one.
func (r *runCommand) setUp(cmd *cobra.Command, chosen []bench.Contender, before *journal.Results, show screen.Progress) (*driver.Run, error) {
	plan := journal.Plan{
		Processes: r.processes, Blocks: r.blocks, Resolution: r.resolution, NoNull: !r.null,
		Budget: r.budget, Timeout: r.contenders.timeout, Memory: int64(r.contenders.memory),
		Threads: r.contenders.workers.bound(),
	}
	if before == nil && !cmd.Flags().Changed("budget") {
		plan.Budget = 0 // the driver chooses between the two defaults
	}
	p, err := r.problem.problem(cmd, &plan)
	if err != nil {
		return nil, err
	}
	setup := driver.Setup{
		Plan: plan, Problem: p, Contenders: chosen, Version: version, Flags: given(cmd), Resume: before,
		ReadRate: readRate, Tell: show.Tell,
	}
	if slices.ContainsFunc(chosen, func(c bench.Contender) bool { return usesGL(c.Backend) }) {
		setup.Probe = func(ctx context.Context) *bench.Probe { return r.probed(ctx, cmd) }
	}
	run, err := driver.New(setup)
	if errors.Is(err, driver.ErrNotResumed) {
		return nil, usage(fmt.Errorf("--resume %s: %w", r.resume, err), "'descent report "+r.resume+"' renders what it holds")
	}
	return run, usage(err, "")
}

// readRate returns how fast the processor reads so many bytes, in bytes a second.
func readRate(bytes int64) float64 {
	const most = 512 << 20 // beyond it, all data lie in the same memory
	return cpu.ReadBandwidth(int(min(bytes, most)), 0)
}

// check refuses a mistake on the command line before any work is done. It returns the contenders
// that the flags name, and the precisions of --precision.
func (r *runCommand) check() ([]bench.Contender, []dataset.Precision, error) {
	err := cmp.Or(r.checkMeasuring(), checkReportFormat(r.format), r.checkOut())
	if err != nil {
		return nil, nil, err
	}
	chosen, precisions, err := r.contenders.selected()
	if errors.Is(err, bench.ErrNoMatch) {
		err = usage(err, peerHint(r.contenders.contenders))
	}
	return chosen, precisions, err
}

// checkMeasuring checks the numbers that say how to measure.
func (r *runCommand) checkMeasuring() error {
	if r.processes < 0 {
		return usage(fmt.Errorf("--processes %d: it cannot be negative", r.processes), "")
	}
	if err := atLeastOne("blocks", r.blocks); err != nil {
		return err
	}
	if !(r.resolution > 0 && r.resolution < 1) {
		return usage(fmt.Errorf("--resolution %v: it is a share of the time, as 0.02", r.resolution), "")
	}
	return positive("budget", r.budget)
}

// withPeers adds the peers of the precisions to chosen. remove removes the files of their programs.
func (r *runCommand) withPeers(chosen []bench.Contender, precisions []dataset.Precision) (all []bench.Contender, remove func() error, err error) {
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

// checkOut refuses an --out that would overwrite a file, or add to a file that holds no results.
func (r *runCommand) checkOut() error {
	switch {
	case r.resume != "":
		return nil
	case r.appends && r.out == "":
		return usage(errors.New("--append needs --out, the results file to add to"), "")
	case r.appends:
		return usage(checkAppend(r.out), "")
	case r.out == "":
		return nil
	}
	if _, err := os.Lstat(r.out); err == nil {
		return usage(fmt.Errorf("--out %s: it exists, and results are not overwritten", r.out), "remove it, name another file, or add to it with --append")
	}
	return nil
}

// checkAppend refuses to add to a file that holds no results. An empty file is allowed, because a
// run that is killed early leaves one.
func checkAppend(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil: // there is no file, or opening it will say what is wrong
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

// open opens the results file of a new run, in the user's cache folder if --out names none.
func (r *runCommand) open() (*journal.Journal, error) {
	if r.appends {
		return journal.Append(r.out)
	}
	if r.out == "" {
		var err error
		if r.out, err = results.NewPath(time.Now()); err != nil {
			return nil, err
		}
	}
	return journal.Create(r.out)
}

// measure takes the samples into results, and closes it.
func measure(run *driver.Run, results *journal.Journal, show screen.Progress) (err error) {
	defer func() { err = errors.Join(err, results.Close()) }()
	ctx, stop := interruptible()
	defer stop()
	defer show.End()
	return run.Measure(ctx, results)
}

// broken adds to the error of a run what can be done about it, if the error does not say it.
func (r *runCommand) broken(err error) error {
	if hinter := bench.Hinter(nil); errors.As(err, &hinter) {
		return err
	}
	hint := ""
	if _, err := os.Stat(r.out); err == nil {
		hint = r.printAgain()
	}
	return statusError{err, exitFailure, hint}
}

// probed measures the device. Without a probe, the run lacks only the shares of the bandwidth.
func (r *runCommand) probed(ctx context.Context, cmd *cobra.Command) *bench.Probe {
	show := screen.NewProgress(r.progressTo(cmd))
	show.Tell(driver.Progress{Doing: "measuring the device"})
	probe, err := r.probe(ctx, r.contenders.workers.gpu.Options)
	show.End()
	if err != nil && ctx.Err() == nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "descent: warning: the device was not measured, so no share of its bandwidth is known: %s\n", oneLine(err.Error()))
	}
	return probe
}

// conclude prints the report from the results file, and returns the error that sets the exit
// status.
func (r *runCommand) conclude(cmd *cobra.Command, interrupted error) error {
	runs, err := journal.Read(r.out)
	if err != nil {
		return err
	}
	rep := report.New(runs[len(runs)-1])
	if err := writeReports(cmd, r.format, rep); err != nil {
		return err
	}
	if !r.quiet {
		fmt.Fprintf(cmd.ErrOrStderr(), "descent: the samples are in %s\n", r.out)
	}
	if interrupted != nil {
		return statusError{errors.New("interrupted"), exitInterrupted, r.printAgain() + "; 'descent run --resume " + r.out + "' goes on"}
	}
	return runStatus(rep)
}

// printAgain is the hint after a run that did not end in order.
func (r *runCommand) printAgain() string {
	return "'descent report " + r.out + "' prints again what was known by then"
}

// runStatus returns an error if a contender failed or answered wrongly, or if none could run.
func runStatus(rep *report.Report) error {
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
