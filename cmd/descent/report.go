package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/bench/sweep"
	"descent/cmd/internal/results"
	"descent/cmd/internal/screen"
)

// reportFlags choose what a report shows, and how.
type reportFlags struct {
	format, sort, baseline string
	details                []string
	wide                   bool
}

var sortNames = []string{"time", "order"}

func (f *reportFlags) register(cmd *cobra.Command) {
	registerReportFormat(cmd, &f.format)
	flags := cmd.Flags()
	flags.StringVar(&f.sort, "sort", "time", "rows by time, or in the run's order")
	registerDetails(cmd, &f.details)
	complete(cmd, "sort", sortNames...)
}

// registerDetails adds --details.
func registerDetails(cmd *cobra.Command, details *[]string) {
	cmd.Flags().StringSliceVar(details, "details", nil, "all there is, or `sections` as trust (default off)")
	cmd.Flags().Lookup("details").NoOptDefVal = report.AllSections
	complete(cmd, "details", report.Sections()...)
}

func checkDetails(details []string) error {
	for _, section := range details {
		if err := report.CheckSections([]string{section}); err != nil {
			return usage(fmt.Errorf("--details: %w", err), didYouMean(section, report.Sections()))
		}
	}
	return nil
}

func (f *reportFlags) check() error {
	if err := checkChoice("sort", f.sort, sortNames...); err != nil {
		return err
	}
	return cmp.Or(checkDetails(f.details), checkReportFormat(f.format))
}

// reports returns the reports of runs. The contender of --baseline must have a time in one of them.
func (f *reportFlags) reports(runs ...*journal.Results) ([]*report.Report, error) {
	var reps []*report.Report
	var names []string
	var why error
	based := false
	for _, run := range runs {
		rep := report.New(run)
		reps, names = append(reps, rep), append(names, bench.Names(run.Header.Contenders)...)
		if f.baseline != "" {
			err := rep.Against(f.baseline)
			based, why = based || err == nil, err
		}
	}
	if f.baseline != "" && !based {
		return nil, usage(fmt.Errorf("--baseline: %w", why), cmp.Or(didYouMean(f.baseline, names), "there are "+strings.Join(names, ", ")))
	}
	return reps, nil
}

// write writes the reports of the runs in results files to stdout.
func (f *reportFlags) write(cmd *cobra.Command, paths []string, reps ...*report.Report) error {
	out := cmd.OutOrStdout()
	return report.Write(out, f.format, reps, f.options(out, paths))
}

// options returns how the reports of the runs in results files are written to out.
func (f *reportFlags) options(out io.Writer, paths []string) report.Options {
	o := reportOptions(out)
	o.Details, o.InOrder, o.Wide = f.details, f.sort == "order", f.wide
	if len(paths) == 1 {
		o.File = quoted(paths[0])
	}
	return o
}

const reportHelp = `This command prints results files that 'descent run' or 'descent sweep' wrote,
on this machine or on another. They may be complete, cut short, or in progress.
If there are several runs, it prints one after the other, and then the time per
epoch by problem size. Without a file it takes the latest one in the user's
cache folder, where results go without --out. --list shows all that are there.

Sweeps of two machines are laid over each other: from which size would that
machine's GPU beat this machine's CPU? --cost prices the sides of sweeps.

Formats. csv has a line for each contender of each run, with the date, the
version and the problem in every line. json has an object with "runs". bench has
all samples, for benchstat: benchstat -col /contender FILE.

The exit status is 0; 1 if there is no file, or if it cannot be read; 2 for a
mistake on the command line.`

// A reportCommand is one call of descent report.
type reportCommand struct {
	reportFlags
	costFlag
	list bool
}

func newReportCommand() *cobra.Command {
	var r reportCommand
	cmd := &cobra.Command{
		Use:   "report [FILE]...",
		Short: "Print the report of a results file",
		Long:  reportHelp,
		Example: `  descent report                        the latest run
  descent report --list                 which runs there are
  descent report results.jsonl
  descent report laptop.jsonl desktop.jsonl
  descent report --format csv results.jsonl > results.csv
  descent report --format bench results.jsonl > samples.txt`,
		Args: resultsFiles,
		RunE: func(cmd *cobra.Command, args []string) error { return r.run(cmd, args) },
	}
	r.reportFlags.register(cmd)
	r.costFlag.register(cmd)
	cmd.Flags().StringVar(&r.baseline, "baseline", "", "the `contender` that ratios are against (default loop)")
	cmd.Flags().BoolVar(&r.list, "list", false, "list the results files in the cache folder, as text or json")
	cmd.Flags().BoolVar(&r.wide, "wide", false, "all columns there are; for --format csv")
	return cmd
}

// resultsFiles allows any number of arguments, but none that is empty.
func resultsFiles(_ *cobra.Command, args []string) error {
	for _, arg := range args {
		if arg == "" {
			return usage(errors.New("the name of a results file is empty"), "")
		}
	}
	return nil
}

// check refuses flags that do not go together.
func (r *reportCommand) check(args []string) error {
	switch {
	case r.list && len(args) > 0:
		return usage(fmt.Errorf("--list takes no file, and %q is one", args[0]), "")
	case r.wide && r.format != "csv":
		return usage(errors.New("--wide is for --format csv"), "")
	case r.list:
		return checkTextOrJSON(r.format)
	}
	return r.reportFlags.check()
}

func (r *reportCommand) run(cmd *cobra.Command, args []string) error {
	if err := r.check(args); err != nil {
		return err
	}
	if r.list {
		return writeList(cmd.OutOrStdout(), r.format)
	}
	if len(args) == 0 {
		latest, err := results.Latest(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		args = []string{latest}
	}
	var runs []*journal.Results
	var sweeps [][]*sweep.Sweep // of each file that has any
	for _, path := range args {
		read, err := readResults(path, cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		swept, others := sweep.Group(read)
		answers, err := answerSweeps(path, swept)
		if err != nil {
			return err
		}
		if runs = append(runs, others...); answers != nil {
			sweeps = append(sweeps, answers)
		}
	}
	reps, err := r.reports(runs...)
	if err != nil {
		return err
	}
	if sweeps != nil {
		return r.writeSweeps(cmd, args, sweeps, reps)
	}
	if r.prices != nil {
		return usage(errors.New("--cost is for sweeps, and these are runs"), "'descent sweep' makes a sweep")
	}
	return r.write(cmd, args, reps...)
}

// readResults reads a results file, and says if it is in progress.
func readResults(path string, stderr io.Writer) ([]*journal.Results, error) {
	read, err := journal.Read(path)
	if slices.Contains(report.Sections(), path) && errors.Is(err, fs.ErrNotExist) {
		return nil, usage(err, "'descent report --details="+path+"' prints this section")
	}
	if err != nil {
		return nil, err
	}
	for _, run := range read {
		if run.InProgress {
			fmt.Fprintf(stderr, "descent: the run in %s is in progress\n", path)
		}
	}
	return read, nil
}

// writeList lists the results files of the cache folder.
func writeList(out io.Writer, format string) error {
	list, err := results.List()
	if err != nil {
		return err
	}
	if format == "json" {
		return writeJSON(out, list)
	}
	_, err = io.WriteString(out, list.Text(screen.Of(out).Width))
	return err
}
