package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/bench/sweep"
	"descent/bench/typeset"
	"descent/cmd/internal/value"
)

const compareHelp = `This command compares the contenders of two results files. For each it says how many times
as fast the new one is, with a 95% interval over fresh processes. Its verdict is faster,
slower, no difference shown, or cannot tell. Nothing within the noise floor of the runs is
called faster or slower. If a file holds several runs of a problem (descent run --append),
the last one counts.

Both files must be of the same problem: the same data by their checksum, sizes, epochs and
rate. Both must be of the same machine, except with --cross-machine.

Times are not judged if the machine was graded poor in one of the runs, if the two grades
differ, if a run was cut short, or if --threads differs. What the times show may then be
the load alone. 'descent run --against' takes turns with an old program, so that the load
meets both.

A regression is a contender that is shown to be slower, or that is wrong or fails only in
the new file. With --fail-above 5%, a contender that became slower is a regression only if
its whole interval is beyond 5%.

--format bench prints the samples of both files for benchstat: benchstat -col run FILE.

The exit status is 0; 1 if a file cannot be read; 2 for a mistake on the command line, for
runs of different problems or machines, or with no contender in common; 4 if there is a
regression; 5 if there is none, but for some contender it cannot be told.`

// A compareCommand is one call of descent compare.
type compareCommand struct {
	options   report.CompareOptions
	failAbove value.Share
	format    string
}

func newCompareCommand() *cobra.Command {
	var c compareCommand
	cmd := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "Compare two results files: what changed, and how sure is it",
		Long:  compareHelp,
		Example: `  descent compare before.jsonl after.jsonl
  descent compare --fail-above 5% before.jsonl after.jsonl
  descent compare --cross-machine desktop.jsonl laptop.jsonl
  descent compare --format bench before.jsonl after.jsonl > both.txt`,
		Args: exactArgs("the old results file", "the new results file"),
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd, args[0], args[1]) },
	}
	flags := cmd.Flags()
	flags.Var(&c.failAbove, "fail-above", "slow-down that is a regression, as 5% or 0.05 (default any)")
	flags.Lookup("fail-above").DefValue = ""
	flags.BoolVar(&c.options.CrossMachine, "cross-machine", false, "compare runs of different machines too")
	registerReportFormat(cmd, &c.format)
	return cmd
}

func (c *compareCommand) run(cmd *cobra.Command, oldPath, newPath string) error {
	if err := checkReportFormat(c.format); err != nil {
		return err
	}
	c.options.FailAbove = float64(c.failAbove)
	compared, err := compareFiles(oldPath, newPath, c.options)
	if err != nil {
		return err
	}
	if err := writeComparisons(cmd, c.format, compared); err != nil {
		return err
	}
	return comparisonStatus(compared)
}

// writeComparisons writes comparisons to stdout.
func writeComparisons(cmd *cobra.Command, format string, cs []*report.Comparison) error {
	out := cmd.OutOrStdout()
	return report.WriteComparison(out, format, cs, reportOptions(out))
}

// compareFiles compares the runs of two files that have the same problem.
func compareFiles(oldPath, newPath string, o report.CompareOptions) ([]*report.Comparison, error) {
	olds, err := lastReports(oldPath)
	if err != nil {
		return nil, err
	}
	news, err := lastReports(newPath)
	if err != nil {
		return nil, err
	}
	var out []*report.Comparison
	var why error
	for _, now := range news {
		for _, old := range olds {
			c, err := report.Compare(old, now, o)
			if err == nil {
				out = append(out, c)
			} else if hinter := bench.Hinter(nil); why == nil || errors.As(err, &hinter) {
				// The error about machines, with its hint, says more than the error about problems.
				why = err
			}
		}
	}
	if out == nil {
		return nil, usage(why, hintOf(why))
	}
	return out, nil
}

// lastReports returns the reports of a results file. If several runs have the same problem, the
// last one counts.
func lastReports(path string) ([]*report.Report, error) {
	runs, err := journal.Read(path)
	if err != nil {
		return nil, err
	}
	runs, err = ofNoSweep(path, runs)
	if err != nil {
		return nil, err
	}
	var out []*report.Report
	for i, run := range runs {
		last := true
		for _, later := range runs[i+1:] {
			last = last && later.Header.SameProblem(run.Header) != nil
		}
		if last {
			out = append(out, report.New(run))
		}
	}
	return out, nil
}

// ofNoSweep returns the runs of a file that are of no sweep. Runs of a sweep end when the winner is
// known, with few processes of the others, and are not for comparing. It refuses a file that has
// no other.
func ofNoSweep(path string, runs []*journal.Results) ([]*journal.Results, error) {
	_, others := sweep.Group(runs)
	if others == nil {
		return nil, usage(fmt.Errorf("%s holds a sweep, and runs are compared", path), "'descent run --out FILE' makes a run; 'descent report' prints sweeps, and lays those of two machines over each other")
	}
	return others, nil
}

// comparisonStatus returns an error if a contender regressed, or if that cannot be told.
func comparisonStatus(cs []*report.Comparison) error {
	regressed, unclear, notJudged := 0, 0, ""
	remedy := "measure both again when 'descent check' finds the machine quiet, or both in one run with 'descent run --against'"
	for _, c := range cs {
		if c.NotJudged != nil {
			notJudged = c.NotJudged[0]
		}
		for _, row := range c.Rows {
			if row.Against != "" {
				remedy = "let the null arm run, with at least 5 processes, or wait until 'descent check' finds the machine quiet"
			}
			if row.Regressed {
				regressed++
			} else if row.Unclear {
				unclear++
			}
		}
	}
	switch {
	case regressed > 0:
		return statusError{fmt.Errorf("%s regressed", typeset.Plural(regressed, "contender")), exitRegression, "the table says which, and by how much"}
	case unclear > 0 && notJudged != "":
		return statusError{fmt.Errorf("not judged: %s", notJudged), exitUnclear, remedy}
	case unclear > 0:
		return statusError{
			fmt.Errorf("cannot tell whether %s regressed", typeset.Plural(unclear, "contender")), exitUnclear,
			"a longer run may tell (--budget), if the noise floor is below what is looked for",
		}
	}
	return nil
}
