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
		Short: "Render a results file",
		Long: `Report renders a results file that 'descent run' wrote, whole or cut short, on this
machine or another. Of several runs in it (descent run --append) it renders one after the
other, and then the time per epoch by problem size.`,
		Example: `  descent report results.jsonl
  descent report --format csv results.jsonl > results.csv`,
		Args: exactArgs("the results file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := report.CheckFormat(format); err != nil {
				return usage(err, "")
			}
			runs, err := journal.Read(args[0])
			if err != nil {
				return err
			}
			reps := make([]*report.Report, len(runs))
			for i, run := range runs {
				reps[i] = report.New(run)
			}
			out := cmd.OutOrStdout()
			return report.Write(out, format, reps, report.Options{Color: colored(out)})
		},
	}
	registerReportFormat(cmd, &format)
	return cmd
}
