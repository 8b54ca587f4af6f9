package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"descent/bench/journal"
	"descent/bench/report"
	"descent/cmd/internal/results"
	"descent/cmd/internal/screen"
)

const reportHelp = `This command prints results files that 'descent run' wrote, on this machine or
on another. A run may be complete, cut short, or still in progress. If there are
several runs, it prints one after the other, and then the time per epoch by
problem size. Without a file it takes the latest one in the user's cache folder,
where 'descent run' puts its results. --list shows all that are there.

Formats. csv has a line for each contender of each run, with the date, the
version and the problem in every line. json has an object with "runs". bench has
all samples, for benchstat: benchstat -col /contender FILE.

The exit status is 0; 1 if there is no file, or if it cannot be read; 2 for a
mistake on the command line.`

// A reportCommand is one call of descent report.
type reportCommand struct {
	format     string
	list, wide bool
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
  descent report desktop.jsonl laptop.jsonl
  descent report --format csv results.jsonl > results.csv
  descent report --format bench results.jsonl > samples.txt`,
		Args: resultsFiles,
		RunE: func(cmd *cobra.Command, args []string) error { return r.run(cmd, args) },
	}
	registerReportFormat(cmd, &r.format)
	cmd.Flags().BoolVar(&r.list, "list", false, "list the results files in the cache folder, as text or json (default off)")
	cmd.Flags().BoolVar(&r.wide, "wide", false, "all columns there are; for --format csv (default off)")
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
	return checkReportFormat(r.format)
}

func (r *reportCommand) run(cmd *cobra.Command, args []string) error {
	if err := r.check(args); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if r.list {
		return writeList(out, r.format)
	}
	if len(args) == 0 {
		latest, err := results.Latest(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		args = []string{latest}
	}
	var reps []*report.Report
	for _, path := range args {
		runs, err := journal.Read(path)
		if err != nil {
			return err
		}
		for _, run := range runs {
			if run.InProgress {
				fmt.Fprintf(cmd.ErrOrStderr(), "descent: the run in %s is in progress\n", path)
			}
			reps = append(reps, report.New(run))
		}
	}
	o := reportOptions(out)
	o.Wide = r.wide
	return report.Write(out, r.format, reps, o)
}

// writeList lists the results files of the cache folder.
func writeList(out io.Writer, format string) error {
	list := results.List()
	if format == "json" {
		return writeJSON(out, list)
	}
	_, err := io.WriteString(out, list.Text(screen.Of(out).Width))
	return err
}
