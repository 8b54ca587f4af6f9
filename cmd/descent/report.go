package main

import (
	"github.com/spf13/cobra"

	"descent/bench/journal"
	"descent/bench/report"
)

func newReportCommand() *cobra.Command {
	var format string
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
			if err := checkReportFormat(format); err != nil {
				return err
			}
			runs, err := journal.Read(args[0])
			if err != nil {
				return err
			}
			reps := make([]*report.Report, len(runs))
			for i, run := range runs {
				reps[i] = report.New(run)
			}
			return writeReports(cmd, format, reps...)
		},
	}
	registerReportFormat(cmd, &format)
	return cmd
}
