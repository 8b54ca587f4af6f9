package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/bench/driver"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/cmd/internal/builtin"
	"descent/cmd/internal/ceilings"
	"descent/cmd/internal/results"
	"descent/cmd/internal/screen"
	"descent/dataset"
	"descent/gpu/device"
)

const runHelp = `This command times all contenders on one problem, checks every answer, and prints a
report. --program and --peers add to --contenders, which may name peers too. With
--baseline FILE or --against it tells what became slower. bench/README.md says more. The
exit status is 0; 1 failure; 2 a mistake on the command line; 3 a wrong answer; 4 a
regression; 5 cannot tell; 130 Ctrl-C.`

const runExamples = `  descent run --n 1e6 --contenders 'loop,simd/f32,gl-*,numpy' --format markdown
  descent run --data prices.csv --target price --peers auto
  descent run --baseline old.jsonl --fail-above 5%`

// A runCommand is one call of descent run.
type runCommand struct {
	problem    problemFlags
	contenders contenderFlags
	peers      peerFlags
	processes  int
	measuringFlags
	resultsFlags
	report reportFlags
	gate   gate
	probe  prober
}

// A prober measures the device that the OpenGL contenders will run on, as builtin.Probe does.
type prober func(context.Context, device.Options) (*bench.Probe, error)

func newRunCommand() *cobra.Command {
	r := runCommand{probe: builtin.Probe}
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
	cmd.Flags().IntVar(&r.processes, "processes", 0, "fresh processes a contender (default 6 or more)")
	r.measuringFlags.register(cmd, journal.DefaultBudget, "time to measure (default 1m; 5m if some start slowly)")
	r.resultsFlags.register(cmd, "run")
	r.report.register(cmd)
	r.gate.register(cmd)
	return cmd
}

func (r *runCommand) run(cmd *cobra.Command) (err error) {
	var before *journal.Results
	var samples *journal.Journal
	if r.resume != "" {
		if samples, err = r.reopen(cmd); err != nil {
			return err
		}
		defer samples.Close() // for an error before the run; the run closes it earlier
		if before, err = r.recall(cmd); err != nil {
			return err
		}
	}
	if err := r.recallBaseline(cmd); err != nil {
		return err
	}
	if err := cmp.Or(r.checkMeasuring(), r.report.check(), r.checkOut()); err != nil {
		return err
	}
	chosen, remove, err := r.chosen()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	show := screen.NewProgress(r.progressTo(cmd))
	defer show.End()
	run, err := r.setUp(cmd, chosen, before, show)
	if err != nil {
		return err
	}
	if err = r.record(run, samples, results.OfRun, show); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return r.conclude(cmd, err)
}

// setUp sets up a run of the chosen contenders. before is the run to continue, nil for a new one.
func (r *runCommand) setUp(cmd *cobra.Command, chosen []bench.Contender, before *journal.Results, show *screen.Progress) (*driver.Run, error) {
	plan := journal.Plan{
		Processes: r.processes, Blocks: r.blocks, Resolution: r.resolution, NoNull: !r.null,
		Budget: r.budget, Timeout: r.contenders.timeout, Memory: int64(r.contenders.memory),
		Threads: r.contenders.workers.Bound(),
	}
	if before == nil && r.gate.before == nil && !cmd.Flags().Changed("budget") {
		plan.Budget = 0 // the driver chooses between the two defaults
	}
	ctx, stop := interruptible()
	defer stop()
	show.Tell(screen.Job{Doing: r.problem.source(), Start: time.Now()})
	var p *dataset.Problem
	if err := within(ctx, func() (err error) {
		p, err = r.problem.problem(cmd, &plan)
		return err
	}); err != nil {
		return nil, err
	}
	show.Tell(screen.Job{Doing: "computing the exact answer", Start: time.Now()})
	setup := driver.Setup{
		Plan: plan, Problem: p, Contenders: chosen, Version: version, Flags: given(cmd), Resume: before,
		ReadRate: ceilings.ReadRate, Tell: func(p driver.Progress) { show.Tell(screen.Run(p)) },
	}
	setup.Ceilings = func() []journal.Ceiling {
		if ctx.Err() != nil {
			return nil // nobody waits for them, or for the line on the screen
		}
		show.Tell(screen.Job{Doing: "measuring the processor", Start: time.Now()})
		return ceilings.CPU()
	}
	if slices.ContainsFunc(chosen, func(c bench.Contender) bool { return builtin.UsesGL(c.Backend) }) {
		setup.Probe = func(ctx context.Context) *bench.Probe {
			return probed(ctx, r.probe, r.contenders.workers.GPU.Options, show, cmd.ErrOrStderr())
		}
	}
	var run *driver.Run
	err := within(ctx, func() (err error) {
		run, err = driver.New(setup)
		return err
	})
	switch {
	case ctx.Err() != nil:
		return nil, errInterrupted
	case errors.Is(err, driver.ErrNotResumed):
		return nil, usage(fmt.Errorf("--resume %s: %w", r.resume, err), commandLine("descent", "report", r.resume)+" renders what it holds")
	case err != nil:
		return nil, usage(err, rateHint(err, r.problem.data != ""))
	}
	if choices := r.problem.choices(cmd, plan); choices != "" && before == nil && !r.quiet {
		show.End()
		fmt.Fprintln(cmd.ErrOrStderr(), "descent:", choices)
	}
	return run, r.gate.check(plan, run.DataSum(), chosen)
}

// checkMeasuring checks the numbers that say how to measure.
func (r *runCommand) checkMeasuring() error {
	if r.processes < 0 {
		return usage(fmt.Errorf("--processes %d: it cannot be negative", r.processes), "")
	}
	return r.measuringFlags.check()
}

// chosen returns the contenders that the flags choose, and those of --against. remove removes the
// files of the peers' programs.
func (r *runCommand) chosen() (all []bench.Contender, remove func() error, err error) {
	if err := r.gate.readAgainst(r.contenders.workers.Options); err != nil {
		return nil, nil, err
	}
	if all, remove, err = chooseAll(&r.contenders, &r.peers, r.gate.builds); err != nil {
		return nil, nil, err
	}
	if all, err = r.gate.addAgainst(all); err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	return all, remove, nil
}

// probed measures the device. Without a probe, the report lacks what bounds the device's epochs.
func probed(ctx context.Context, probe prober, o device.Options, show *screen.Progress, stderr io.Writer) *bench.Probe {
	show.Tell(screen.Job{Doing: "measuring the device", Start: time.Now()})
	found, err := probe(ctx, o)
	show.End()
	if err != nil && ctx.Err() == nil {
		fmt.Fprintf(stderr, "descent: warning: the device was not measured, so what bounds its epochs is not known: %s\n", oneLine(err.Error()))
	}
	return found
}

// conclude prints the report from the results file, and returns the error that sets the exit
// status.
func (r *runCommand) conclude(cmd *cobra.Command, interrupted error) error {
	runs, err := journal.Read(r.out)
	if err != nil {
		return err
	}
	reps, err := r.report.reports(runs[len(runs)-1])
	if err != nil { // the contender of --baseline has no time
		fmt.Fprintf(cmd.ErrOrStderr(), "descent: warning: %v; ratios are against the usual baseline\n", err)
		r.report.baseline = ""
		if reps, err = r.report.reports(runs[len(runs)-1]); err != nil {
			return err
		}
	}
	rep := reps[0]
	var compared []*report.Comparison
	var unlike error
	if interrupted == nil {
		compared, unlike = r.gate.compare(rep)
	}
	if err := r.gate.write(cmd, &r.report, r.out, rep, compared); err != nil {
		return err
	}
	r.sayWhere(cmd, r.report.format)
	if interrupted != nil {
		return r.interrupted("run")
	}
	return graver(graver(runStatus(rep), comparisonStatus(compared)), unlike)
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
