package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/bench/journal"
	"descent/cmd/internal/results"
	"descent/cmd/internal/screen"
)

// measuringFlags say how to measure.
type measuringFlags struct {
	blocks     int
	resolution float64
	null       bool
	budget     time.Duration
}

// register adds the flags. The text about the budget says its default.
func (f *measuringFlags) register(cmd *cobra.Command, budget time.Duration, about string) {
	flags := cmd.Flags()
	flags.IntVar(&f.blocks, "blocks", journal.DefaultBlocks, "samples from each process")
	flags.Float64Var(&f.resolution, "resolution", journal.DefaultResolution, "`share` of a time to tell apart")
	flags.BoolVar(&f.null, "null-arm", true, "run the fastest CPU one twice")
	flags.DurationVar(&f.budget, "budget", budget, about)
}

// check checks the numbers.
func (f *measuringFlags) check() error {
	if err := atLeastOne("blocks", f.blocks); err != nil {
		return err
	}
	if !(f.resolution > 0 && f.resolution < 1) {
		return usage(fmt.Errorf("--resolution %v: it is a share of the time, as 0.02", f.resolution), "")
	}
	return positive("budget", f.budget)
}

// resultsFlags say where the samples go, and what is said meanwhile.
type resultsFlags struct {
	out     string
	appends bool
	resume  string
	quiet   bool
}

// register adds the flags. what is measured: a run, or a sweep.
func (f *resultsFlags) register(cmd *cobra.Command, what string) {
	flags := cmd.Flags()
	flags.StringVar(&f.out, "out", "", "new results `file` (default one in the cache folder)")
	flags.BoolVar(&f.appends, "append", false, "add this "+what+" to the file of --out")
	flags.StringVar(&f.resume, "resume", "", "continue the last "+what+" of this `file`")
	flags.BoolVar(&f.quiet, "quiet", false, "print the report and errors only")
}

// progressTo returns where progress is drawn.
func (f *resultsFlags) progressTo(cmd *cobra.Command) io.Writer {
	if f.quiet {
		return io.Discard
	}
	return cmd.ErrOrStderr()
}

// checkOut refuses an --out that would overwrite a file, or add to a file that holds no results.
func (f *resultsFlags) checkOut() error {
	switch {
	case f.resume != "":
		return nil
	case f.appends && f.out == "":
		return usage(errors.New("--append needs --out, the results file to add to"), "")
	case f.appends:
		return usage(checkAppend(f.out), "")
	case f.out == "":
		return nil
	}
	if _, err := os.Lstat(f.out); err == nil {
		return usage(fmt.Errorf("--out %s: it exists, and results are not overwritten", f.out), "remove it, name another file, or add to it with --append")
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

// open opens the results file of a new run or sweep. If --out names none, it is one in the user's
// cache folder.
func (f *resultsFlags) open(kind results.Kind) (*journal.Journal, error) {
	if f.appends {
		return journal.Append(f.out)
	}
	if f.out == "" {
		var err error
		if f.out, err = results.NewPath(kind, time.Now()); err != nil {
			return nil, err
		}
	}
	return journal.Create(f.out)
}

// A measurer is a driver.Run or a measure.Sweeping.
type measurer interface {
	Measure(context.Context, *journal.Journal) error
}

// record takes the samples of a run or of a sweep into samples, or into a new results file of that
// kind if samples is nil. An error other than an interruption has a hint.
func (f *resultsFlags) record(m measurer, samples *journal.Journal, kind results.Kind, show *screen.Progress) (err error) {
	if samples == nil {
		samples, err = f.open(kind)
	}
	if err == nil {
		err = takeSamples(m, samples, show)
	}
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return f.broken(err)
}

// takeSamples takes the samples of a run or of a sweep into its results file, and closes the file.
func takeSamples(m measurer, samples *journal.Journal, show *screen.Progress) (err error) {
	defer func() { err = errors.Join(err, samples.Close()) }()
	ctx, stop := interruptible()
	defer stop()
	defer show.End()
	return m.Measure(ctx, samples)
}

// removeEmpty removes the results file if nothing was written to it.
func (f *resultsFlags) removeEmpty() error {
	if info, err := os.Stat(f.out); err != nil || info.Size() > 0 {
		return nil
	}
	return os.Remove(f.out)
}

// broken adds to the error of a run what can be done about it, if the error does not say it.
func (f *resultsFlags) broken(err error) error {
	if hinter := bench.Hinter(nil); errors.As(err, &hinter) {
		return err
	}
	hint := ""
	if _, err := os.Stat(f.out); err == nil {
		hint = f.printAgain()
	}
	return statusError{err, exitFailure, hint}
}

// printAgain is the hint after a run that did not end in order.
func (f *resultsFlags) printAgain() string {
	return commandLine("descent", "report", f.out) + " prints again what was known by then"
}

// sayWhere says where the samples are, if the report in this format does not.
func (f *resultsFlags) sayWhere(cmd *cobra.Command, format string) {
	if !f.quiet && format != "text" {
		fmt.Fprintf(cmd.ErrOrStderr(), "descent: the samples are in %s\n", f.out)
	}
}

// interrupted is the error of a command, run or sweep, that Ctrl-C ended.
func (f *resultsFlags) interrupted(command string) error {
	return statusError{errors.New("interrupted"), exitInterrupted, f.printAgain() + "; " + commandLine("descent", command, "--resume", f.out) + " goes on"}
}

// reopen opens the results file that --resume names, so that no other run writes to it.
func (f *resultsFlags) reopen(cmd *cobra.Command) (*journal.Journal, error) {
	for _, name := range []string{"out", "append"} {
		if cmd.Flags().Changed(name) {
			return nil, usage(fmt.Errorf("--%s and --resume exclude each other: a run is resumed in its own file", name), "")
		}
	}
	// It is left by a command that was killed before its first record. Nothing says what it was to
	// measure.
	if info, err := os.Stat(f.resume); err == nil && info.Mode().IsRegular() && info.Size() == 0 {
		return nil, usage(fmt.Errorf("--resume %s: nothing was measured before it was cut short", f.resume),
			commandLine("descent", cmd.Name(), "--append", "--out", f.resume)+" starts anew")
	}
	// First, because Append makes a file that is missing.
	if _, err := journal.Read(f.resume); err != nil {
		return nil, usage(fmt.Errorf("--resume: %w", err), "")
	}
	results, err := journal.Append(f.resume)
	if err != nil {
		return nil, fmt.Errorf("--resume: %w", err)
	}
	f.out = f.resume
	return results, nil
}
