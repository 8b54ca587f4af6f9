package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/report"
)

// A shareFlag is a share that may be written 5%, or 0.05.
type shareFlag float64

func (s *shareFlag) String() string { return strconv.FormatFloat(100*float64(*s), 'g', -1, 64) + "%" }
func (s *shareFlag) Type() string   { return "share" }

func (s *shareFlag) Set(text string) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= 0 && v < 10) {
		return fmt.Errorf("%q is no share, as 5%% or 0.05", text)
	}
	*s = shareFlag(v)
	return nil
}

func newCompareCommand() *cobra.Command {
	var o report.CompareOptions
	var format string
	var failAbove shareFlag
	cmd := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "Compare two results files: what changed, with what certainty",
		Long: `Compare holds the contenders of one results file against those of another, of the same
problem on the same machine: how many times as fast the new ones are, with a 95% interval
over fresh processes, and whether that is faster, slower, no difference shown, or cannot
be told. Nothing within the noise floor of the runs is called faster or slower. Of files
of several runs (descent run --append) those of one problem are compared, the last of each.

A regression is a contender that is shown to be slower, or one that is wrong or fails by now;
with --fail-above 5% one that is slower by more than that over all of its interval.

--format bench prints the samples of both for benchstat: benchstat -col run FILE.

The exit status is 0; 1 where a file cannot be read; 2 for a mistake on the command line,
as runs of different problems or machines; 4 where there is a regression; 5 where there is none
but it could not be told of all contenders.`,
		Example: `  descent compare before.jsonl after.jsonl
  descent compare --fail-above 5% before.jsonl after.jsonl
  descent compare --cross-machine desktop.jsonl laptop.jsonl
  descent compare --format bench before.jsonl after.jsonl > both.txt`,
		Args: exactArgs("the old results file", "the new results file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := report.CheckFormat(format); err != nil {
				return usage(err, "")
			}
			o.FailAbove = float64(failAbove)
			compared, err := compareFiles(args[0], args[1], o)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if err := report.WriteComparison(out, format, compared, report.Options{Color: colored(out)}); err != nil {
				return err
			}
			return comparisonStatus(compared)
		},
	}
	flags := cmd.Flags()
	flags.Var(&failAbove, "fail-above", "the slow-down that is a regression, as 5% or 0.05 (default any that is shown)")
	flags.Lookup("fail-above").DefValue = ""
	flags.BoolVar(&o.CrossMachine, "cross-machine", false, "compare runs of different machines all the same")
	registerReportFormat(cmd, &format)
	return cmd
}

// compareFiles compares the runs of two files that are of one problem.
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
				why = err // that of other machines says more than that of other problems
			}
		}
	}
	if out == nil {
		return nil, usage(why, hintOf(why))
	}
	return out, nil
}

// lastReports returns the reports of a results file, of several runs of one problem the last.
func lastReports(path string) ([]*report.Report, error) {
	runs, err := journal.Read(path)
	if err != nil {
		return nil, err
	}
	var out []*report.Report
	for i, run := range runs {
		last := true
		for _, later := range runs[i+1:] {
			last = last && later.Header.Plan.Problem() != run.Header.Plan.Problem()
		}
		if last {
			out = append(out, report.New(run))
		}
	}
	return out, nil
}

// comparisonStatus is the error that comparisons come to.
func comparisonStatus(cs []*report.Comparison) error {
	regressed, unclear := 0, 0
	for _, c := range cs {
		for _, row := range c.Rows {
			if row.Regressed {
				regressed++
			} else if row.Unclear {
				unclear++
			}
		}
	}
	switch {
	case regressed > 0:
		return statusError{fmt.Errorf("%s regressed", report.Plural(regressed, "contender")), exitRegression, "the table says which, and by how much"}
	case unclear > 0:
		return statusError{fmt.Errorf("of %s it cannot be told whether they regressed", report.Plural(unclear, "contender")), exitUnclear, "longer runs would tell: 'descent run --resume FILE --resolution 0.005 --budget 10m'"}
	}
	return nil
}
