package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"descent/bench/journal"
	"descent/bench/report"
)

// reportFlags choose what a report shows, and how.
type reportFlags struct {
	format, sort, baseline string
	details                []string
}

func (f *reportFlags) register(cmd *cobra.Command) {
	registerReportFormat(cmd, &f.format)
	flags := cmd.Flags()
	flags.StringVar(&f.sort, "sort", "time", "the order of the rows: time, or order (of the run)")
	flags.StringVar(&f.baseline, "baseline", "", "the `contender` that the ratios are against (default loop)")
	flags.StringSliceVar(&f.details, "details", nil, "print all there is, or only these `sections`: "+strings.Join(report.Sections(), ", "))
	flags.Lookup("details").NoOptDefVal = report.AllSections
	complete(cmd, "sort", "time", "order")
	complete(cmd, "details", report.Sections()...)
}

func (f *reportFlags) check() error {
	if f.sort != "time" && f.sort != "order" {
		return usage(fmt.Errorf("--sort %q is neither time nor order", f.sort), "")
	}
	if err := report.CheckSections(f.details); err != nil {
		return usage(fmt.Errorf("--details: %w", err), "")
	}
	return checkReportFormat(f.format)
}

// write writes reports of the runs in a results file to stdout.
func (f *reportFlags) write(cmd *cobra.Command, path string, runs ...*journal.Results) ([]*report.Report, error) {
	var reps []*report.Report
	for _, run := range runs {
		rep := report.New(run)
		if f.baseline != "" {
			if err := rep.Against(f.baseline); err != nil {
				return nil, usage(fmt.Errorf("--baseline: %w", err), "'descent report' prints the table without it")
			}
		}
		reps = append(reps, rep)
	}
	out := cmd.OutOrStdout()
	o := reportOptions(out)
	o.Details, o.InOrder, o.File = f.details, f.sort == "order", path
	return reps, report.Write(out, f.format, reps, o)
}

func newReportCommand() *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "report FILE",
		Short: "Print the report of a results file",
		Long: `This command prints a results file that 'descent run' wrote, on this machine or on
another. The run may be complete or cut short. If the file holds several runs (descent run
--append), it prints one after the other, and then the time per epoch by problem size.

The exit status is 0; 1 if the file cannot be read; 2 for a mistake on the command line.`,
		Example: `  descent report results.jsonl
  descent report --format csv results.jsonl > results.csv`,
		Args: exactArgs("the results file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			runs, err := journal.Read(args[0])
			if err != nil {
				return err
			}
			_, err = f.write(cmd, args[0], runs...)
			return err
		},
	}
	f.register(cmd)
	return cmd
}
