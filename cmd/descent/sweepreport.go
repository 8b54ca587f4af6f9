package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/bench/sweep"
	"descent/cmd/internal/value"
)

// sweepReportFlags choose what the report of a sweep shows, and how.
type sweepReportFlags struct {
	format  string
	details []string
	costFlag
}

func (f *sweepReportFlags) register(cmd *cobra.Command) {
	registerReportFormat(cmd, &f.format)
	registerDetails(cmd, &f.details)
	f.costFlag.register(cmd)
}

func (f *sweepReportFlags) check() error {
	return cmp.Or(checkDetails(f.details), checkReportFormat(f.format))
}

// conclude prints the report of the sweep from its results file, and returns the error that sets
// the exit status.
func (s *sweepCommand) conclude(cmd *cobra.Command, interrupted error) error {
	runs, err := journal.Read(s.out)
	if interrupted != nil && (err != nil || runs[len(runs)-1].Began().Before(s.began)) {
		return errors.Join(errInterrupted, s.removeEmpty()) // its first run had not begun
	}
	if err != nil {
		return err
	}
	swept, err := sweep.New(lastSweep(runs))
	if err != nil {
		return err
	}
	if err := s.report.price(swept); err != nil {
		return err
	}
	o := sweep.Options{Options: reportOptions(cmd.OutOrStdout())}
	o.Details, o.File = s.report.details, quoted(s.out)
	if err := sweep.Write(cmd.OutOrStdout(), s.report.format, []*sweep.Sweep{swept}, o); err != nil {
		return err
	}
	s.sayWhere(cmd, s.report.format)
	if interrupted != nil {
		return s.interrupted("sweep")
	}
	return sweepStatus(swept)
}

// lastSweep returns the runs of the sweep that the last run is of.
func lastSweep(runs []*journal.Results) []*journal.Results {
	id := runs[len(runs)-1].Header.Sweep.ID
	return slices.DeleteFunc(slices.Clone(runs), func(r *journal.Results) bool {
		return r.Header.Sweep == nil || r.Header.Sweep.ID != id
	})
}

// sweepStatus returns an error if a contender failed or answered wrongly at some size, or if none
// could run. A sweep that cannot tell a winner, or that has nothing to compare, is no error.
func sweepStatus(s *sweep.Sweep) error {
	found := map[bench.Status][]string{}
	for _, run := range s.Runs {
		for i := range run.Rows {
			row := &run.Rows[i]
			if row.Status != bench.Unavailable && !slices.Contains(found[row.Status], row.Contender) {
				found[row.Status] = append(found[row.Status], row.Contender)
			}
		}
	}
	failed := slices.Concat(found[bench.Failed], found[bench.Untrusted])
	switch {
	case found[bench.Wrong] != nil:
		return statusError{fmt.Errorf("%s gave a wrong answer", strings.Join(found[bench.Wrong], ", ")), exitWrong, "the report says at which N"}
	case failed != nil:
		return statusError{fmt.Errorf("%s failed", strings.Join(failed, ", ")), exitFailure, "the report says at which N, and why"}
	case found[bench.OK] == nil:
		return statusError{errors.New("none of the contenders can run on this machine"), exitFailure, "'descent devices' says what there is"}
	}
	return nil
}

// answerSweeps returns the answers of the sweeps in a file.
func answerSweeps(path string, sweeps [][]*journal.Results) (all []*sweep.Sweep, err error) {
	for _, runs := range sweeps {
		s, err := sweep.New(runs)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// writeSweeps writes the sweeps of results files to stdout, and then the runs of no sweep. The last
// sweep of the first file, and the last one of each file of another machine, are laid over each
// other instead. A file whose last sweep is between other sides is printed beside them.
func (r *reportCommand) writeSweeps(cmd *cobra.Command, paths []string, files [][]*sweep.Sweep, plain []*report.Report) error {
	last := func(sweeps []*sweep.Sweep) *sweep.Sweep { return sweeps[len(sweeps)-1] }
	var across, alone []*sweep.Sweep
	for _, file := range files[1:] {
		first, other := last(files[0]), last(file)
		if !first.SameSides(other) {
			fmt.Fprintf(cmd.ErrOrStderr(), "descent: warning: a sweep between %s and %s is printed alone: the first file's is between %s and %s\n",
				other.Sides[0].Name, other.Sides[1].Name, first.Sides[0].Name, first.Sides[1].Name)
		}
		if !first.SameSides(other) || first.SameMachine(other) {
			alone = append(alone, file...)
			continue
		}
		found, err := sweep.Across(first, other)
		if err != nil {
			return usage(err, cmp.Or(hintOf(err), "'descent report FILE' prints the sweeps of one file"))
		}
		across = append(across, found...)
	}
	all := slices.Concat(files[0], alone)
	if across != nil {
		all = slices.Concat(across, alone)
		fmt.Fprintln(cmd.ErrOrStderr(), "descent: these are sweeps of several machines, the last of each file; 'descent report FILE' prints all sweeps of a file")
	}
	for _, s := range all {
		if err := r.price(s); err != nil {
			return err
		}
	}
	out := cmd.OutOrStdout()
	return sweep.Write(out, r.format, all, sweep.Options{Options: r.options(out, paths), Plain: plain})
}

// A costFlag has the price of an hour of each side.
type costFlag struct{ prices value.Prices }

func (f *costFlag) register(cmd *cobra.Command) {
	cmd.Flags().Var(&f.prices, "cost", "price an hour of each side, as cpu=0.40,gpu=2.90")
	complete(cmd, "cost", "cpu=", "gpu=", "first=", "second=")
}

// perHour returns the prices of the sides of these names, nil if there are none.
func (f *costFlag) perHour(names [2]string) (*[2]float64, error) {
	if f.prices == nil {
		return nil, nil
	}
	sides := map[string]int{"first": 0, "second": 1}
	if names == usualSides {
		sides["cpu"], sides["gpu"] = 0, 1
	} else {
		sides[names[0]], sides[names[1]] = 0, 1
	}
	var out [2]float64
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(f.prices)) {
		i, known := sides[name]
		switch {
		case !known:
			unknown = append(unknown, strconv.Quote(name))
			continue
		case out[i] != 0:
			return nil, usage(fmt.Errorf("--cost %s: a side has two prices", f.prices.String()), "")
		}
		out[i] = f.prices[name]
	}
	switch {
	case unknown != nil:
		hint := fmt.Sprintf("the sides are %s (or first) and %s (or second)", names[0], names[1])
		if len(unknown) == 1 {
			hint = cmp.Or(didYouMean(strings.Trim(unknown[0], `"`), slices.Sorted(maps.Keys(sides))), hint)
		}
		return nil, usage(fmt.Errorf("--cost: there is no side %s", oneOf(unknown)), hint)
	case out[0] == 0 || out[1] == 0:
		example := "cpu=0.40,gpu=2.90"
		if names != usualSides {
			example = "first=0.40,second=2.90"
		}
		return nil, usage(errors.New("--cost has one price, and each side needs one"), "an example is --cost "+example)
	}
	return &out, nil
}

// usualSides are the sides of a sweep without --between.
var usualSides = [2]string{"cpu", "gpu"}

// price adds the answers by money to a sweep, if there are prices.
func (f *costFlag) price(s *sweep.Sweep) error {
	names := usualSides
	if s.Between() {
		names = [2]string{s.Sides[0].Name, s.Sides[1].Name}
	}
	prices, err := f.perHour(names)
	if err != nil || prices == nil {
		return err
	}
	return s.WithCost(sweep.Cost{PerHour: *prices})
}
