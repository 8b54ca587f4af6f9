package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/cmd/internal/builtin"
	"descent/cmd/internal/value"
	"descent/dataset"
)

// A gate holds a run against an earlier one or against another build of descent, so that a script
// learns from the exit status whether a contender became slower.
type gate struct {
	baseline  string
	against   []string
	failAbove value.Share

	before *journal.Results  // the last run of the file --baseline; nil if there is none
	builds []bench.Contender // of --against
	pairs  []report.Pair     // of --against, one a build
}

func (g *gate) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&g.baseline, "baseline", "", "`NAME` or FILE to compare with (default loop)")
	flags.StringArrayVar(&g.against, "against", nil, "`NAME=COMMAND` of another build (default none)")
	flags.Var(&g.failAbove, "fail-above", "the slow-down that is a regression (default any shown)")
	flags.Lookup("fail-above").DefValue = ""
}

// fromFile reports whether --baseline names a results file. Any other value is a contender.
func (g *gate) fromFile() bool {
	info, err := os.Stat(g.baseline)
	return strings.HasSuffix(g.baseline, ".jsonl") || err == nil && info.Mode().IsRegular()
}

// recallBaseline reads the run that --baseline names. A new run takes over the flags of that run
// that are not given now. A run that is resumed has its own.
func (r *runCommand) recallBaseline(cmd *cobra.Command) error {
	g := &r.gate
	if cmd.Flags().Changed("fail-above") && !g.fromFile() && g.against == nil {
		return usage(errors.New("--fail-above is for --baseline with a results file, or for --against"), "'descent run --baseline old.jsonl --fail-above 5%' is an example")
	}
	if !g.fromFile() {
		r.report.baseline = g.baseline
		return nil
	}
	if was, err := os.Stat(g.baseline); err == nil && r.resume != "" {
		if now, err := os.Stat(r.resume); err == nil && os.SameFile(was, now) {
			return usage(fmt.Errorf("--baseline %s: it is the file of --resume, and a run is not compared with itself", g.baseline), "name the file of an earlier run")
		}
	}
	runs, err := journal.Read(g.baseline)
	if err != nil {
		return usage(fmt.Errorf("--baseline: %w", err), "'descent run --out FILE' makes such a file")
	}
	if runs, err = ofNoSweep("--baseline "+g.baseline, runs); err != nil {
		return err
	}
	g.before = runs[len(runs)-1]
	if r.resume != "" {
		return nil
	}
	was, now, source := g.before.Header.Flags, given(cmd), "--baseline "+g.baseline
	if err := checkPrograms(source, was, now); err != nil {
		return err
	}
	for name := range now {
		delete(was, name)
	}
	if err := setFlags(cmd.Flags(), source, was); err != nil {
		return err
	}
	r.recallPlan(cmd, &g.before.Header.Plan)
	return nil
}

// readAgainst reads --against.
func (g *gate) readAgainst(o builtin.Options) error {
	for _, s := range g.against {
		c, pair, err := parseAgainst(s, o)
		if err != nil {
			return usage(fmt.Errorf("--against %q: %w", s, err), "an example is --against 'old=build/old/descent worker simd/f64'")
		}
		g.builds, g.pairs = append(g.builds, c), append(g.pairs, pair)
	}
	return nil
}

// addAgainst adds the contenders of --against to chosen. It refuses a --baseline that is not there.
func (g *gate) addAgainst(chosen []bench.Contender) ([]bench.Contender, error) {
	for i, s := range g.against {
		pair, names := g.pairs[i], bench.Names(chosen)
		switch {
		case slices.Contains(names, pair.Old):
			return nil, usage(fmt.Errorf("--against %q: %s is the name of another contender", s, pair.Old), "give it another")
		case !slices.Contains(names, pair.New):
			return nil, usage(fmt.Errorf("--against %q: %s is not among the contenders of this run", s, pair.New), "--contenders "+pair.New+" runs it")
		}
		chosen = append(chosen, g.builds[i])
	}
	if g.baseline != "" && !g.fromFile() {
		if names := bench.Names(chosen); !slices.ContainsFunc(names, func(name string) bool { return name == g.baseline || strings.HasPrefix(name, g.baseline+"/") }) {
			return nil, usage(fmt.Errorf("--baseline %s: it is neither a contender of this run nor a results file", g.baseline),
				cmp.Or(didYouMean(g.baseline, names), "there are "+strings.Join(names, ", ")))
		}
	}
	return chosen, nil
}

// parseAgainst reads NAME=COMMAND worker CONTENDER. The pair is this program's CONTENDER and NAME
// in the same precision. NAME's worker is told the same options as all workers of this program.
func parseAgainst(s string, o builtin.Options) (c bench.Contender, pair report.Pair, err error) {
	name, command, _ := strings.Cut(s, "=")
	fields := strings.Fields(command)
	at := 1 + slices.Index(fields, "worker")
	if name == "" || at < 2 || at == len(fields) {
		return c, pair, errors.New("it is not NAME=COMMAND worker CONTENDER")
	}
	if err := bench.CheckName(name); err != nil {
		return c, pair, err
	}
	_, precision, _ := strings.Cut(fields[at], "/")
	c.Backend = name
	if c.Precision, err = dataset.ParsePrecision(precision); err != nil {
		return c, pair, err
	}
	c.Command = slices.Concat(fields[:at+1], o.Args(), fields[at+1:])
	return c, report.Pair{Old: c.Name(), New: fields[at]}, nil
}

// check refuses a run, before anything is measured, that cannot be compared with the baseline.
func (g *gate) check(plan journal.Plan, sum string, chosen []bench.Contender) error {
	if g.before == nil {
		return nil
	}
	now := journal.Header{Plan: plan, DataSum: sum, Env: journal.ReadEnv()}
	was := g.before.Header
	if err := was.SameProblem(&now); err != nil {
		return usage(fmt.Errorf("--baseline %s: %w", g.baseline, err), "leave out the flags of the problem: they are taken from the file")
	}
	if machine, _ := was.Env.Difference(&now.Env); machine != nil {
		return usage(fmt.Errorf("--baseline %s: it was measured on another machine: %s", g.baseline, strings.Join(machine, ", ")), "measure it again here, with 'descent run --out FILE'")
	}
	var measured []string
	for _, row := range report.New(g.before).Rows {
		if row.Run != nil {
			measured = append(measured, row.Contender)
		}
	}
	if !slices.ContainsFunc(bench.Names(chosen), func(name string) bool { return slices.Contains(measured, name) }) {
		return usage(fmt.Errorf("--baseline %s: it has a time of %s, and of none of this run's contenders", g.baseline, strings.Join(measured, ", ")), "leave out --contenders: they are taken from the file")
	}
	return nil
}

// compare compares the run with the baseline, and the pairs of --against.
func (g *gate) compare(rep *report.Report) (compared []*report.Comparison, err error) {
	if g.before != nil {
		c, err := report.Compare(report.New(g.before), rep, report.CompareOptions{FailAbove: float64(g.failAbove)})
		if err != nil {
			return nil, usage(fmt.Errorf("--baseline %s: %w", g.baseline, err), hintOf(err))
		}
		compared = append(compared, c)
	}
	if g.pairs != nil {
		compared = append(compared, report.ComparePairs(rep, g.pairs, float64(g.failAbove)))
	}
	return compared, nil
}

// write writes the report of the run, and the comparisons below it. CSV and bench have the
// comparisons alone, if there are any.
func (g *gate) write(cmd *cobra.Command, f *reportFlags, path string, rep *report.Report, compared []*report.Comparison) error {
	if f.format == "json" {
		return report.WriteJSON(cmd.OutOrStdout(), rep, compared)
	}
	people := f.format == "text" || f.format == "markdown"
	if compared == nil || people {
		if err := f.write(cmd, []string{path}, rep); err != nil || compared == nil {
			return err
		}
		fmt.Fprintln(cmd.OutOrStdout())
	}
	return writeComparisons(cmd, f.format, compared)
}

// graver returns the error whose exit status says more.
func graver(a, b error) error {
	rank := func(err error) int {
		var known statusError
		if err == nil || !errors.As(err, &known) {
			return -1
		}
		return slices.Index([]int{exitUnclear, exitUsage, exitFailure, exitRegression, exitWrong}, known.status)
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}
