package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/mem"
	"github.com/spf13/cobra"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/peers"
	"descent/bench/report"
	"descent/bench/typeset"
	"descent/cmd/internal/builtin"
	"descent/cmd/internal/value"
	"descent/dataset"
)

// sizeFlags choose the problems of a sweep.
type sizeFlags struct {
	n, features value.Counts
	descentFlags
}

// Unless --n says it, a sweep begins at firstSize and ends at mostRows or below.
const (
	firstSize = 64
	mostRows  = 10_000_000
)

func (f *sizeFlags) register(cmd *cobra.Command) {
	f.features = value.Counts{1}
	flags := cmd.Flags()
	flags.Var(&f.n, "n", "sizes, as 1e3,1e4 or doubling 64..1e6 (default what fits)")
	flags.Var(&f.features, "features", "features, as 1,64: each on its own")
	f.descentFlags.register(cmd, standardRate, "step size")
	for _, name := range ownData {
		flags.String(name, "", "of a data file, which no sweep has")
		flags.Lookup(name).Hidden = true
	}
	flags.Lookup("standardize").NoOptDefVal = "true"
}

// ownData are the flags of run about a data file. A sweep knows them, and says why it has none.
var ownData = []string{"data", "target", "ignore", "standardize", "separator", "header"}

// checkOwnData refuses the flags about a data file.
func checkOwnData(cmd *cobra.Command) error {
	for _, name := range ownData {
		if cmd.Flags().Changed(name) {
			return usage(fmt.Errorf("--%s is about a data file, and a sweep generates data of many sizes", name), "'descent run --data FILE' times your own data")
		}
	}
	return nil
}

// check refuses values of which there is no sweep.
func (f *sizeFlags) check() error {
	if err := cmp.Or(atLeastOne("epochs", int(f.epochs)), positive("rate", f.rate)); err != nil {
		return err
	}
	if len(f.n) == 1 {
		return usage(fmt.Errorf("--n %d: one size is no sweep", f.n[0]), fmt.Sprintf("'descent run --n %d' times it; --n 64..%d is a range", f.n[0], max(1000, f.n[0])))
	}
	if f.weights != nil && len(f.features) > 1 {
		return usage(fmt.Errorf("--weights are of one number of features, and --features %s are several", f.features.String()), "leave --weights out")
	}
	for _, features := range f.features {
		if err := f.checkDescent(features); err != nil {
			return err
		}
	}
	return nil
}

// checkDescent refuses data that cannot be generated, and a rate at which the descent diverges. It
// generates few rows: the limit of the rate depends on the features, and on the rows hardly. With
// many features it would take long, and the first run finds out.
func (f *sizeFlags) checkDescent(features int) error {
	const (
		enough = 1024 // rows
		many   = 256  // features
	)
	rows, last := enough, enough
	if f.n != nil {
		last = f.n[len(f.n)-1]
		rows = min(max(rows, f.n[0]), last)
	}
	if err := checkMemory(last, features); err != nil || features > many {
		return err
	}
	p, err := f.problem(min(rows, 1<<20/features), features)
	if err != nil {
		return usage(err, "")
	}
	t, err := dataset.NewTrajectory(p, dataset.Float64)
	if err == nil {
		err = t.CheckRate(f.rate)
	}
	return usage(err, rateHint(err, false))
}

// problem generates the data of a size.
func (f *sizeFlags) problem(n, features int) (*dataset.Problem, error) {
	return dataset.Generate(f.spec(n, features))
}

// sizes returns the sizes to measure for so many contenders within a budget.
func (f *sizeFlags) sizes(contenders int, budget time.Duration) ([]int, error) {
	most := f.features[len(f.features)-1]
	if f.n != nil {
		return f.n, nil
	}
	available := int64(0) // not known
	if memory, err := mem.VirtualMemory(); err == nil {
		available = int64(memory.Available)
	}
	last := largestSize(most, contenders, available, budget/time.Duration(len(f.features)))
	if last < 2*firstSize {
		return nil, usage(fmt.Errorf("--features %d: there is room for %d rows, and a sweep begins at %d", most, last, firstSize), "choose the sizes by --n")
	}
	return value.PowersOfTwo(firstSize, last), nil
}

// largestSize returns the last size that a sweep has unless --n says it: the largest power of two
// at which, of the available memory, at most half is taken by the data of the driver and of all
// contenders at once, and at which the processes of a size read their data in an eighth of the
// budget. It is at most mostRows. Memory of 0 bytes is not known.
func largestSize(features, contenders int, available int64, budget time.Duration) int {
	const (
		copies   = 2     // of the data in a process: the file's, and its own
		readRate = 200e6 // bytes a second that a new process takes in
		share    = 8
	)
	row := 8 * (float64(features) + 1)
	rows := float64(mostRows)
	if available > 0 {
		rows = min(rows, float64(available)/2/(row*copies*float64(contenders+1)))
	}
	processes := float64(contenders * journal.LeastGenerations)
	rows = min(rows, budget.Seconds()/share*readRate/(row*processes))
	last := 1
	for 2*float64(last) <= rows {
		last *= 2
	}
	if rows == mostRows {
		return mostRows
	}
	return last
}

// A sideFlag names the two sides of a sweep by patterns.
type sideFlag struct {
	patterns []string // two, each a list of patterns; none: the processor and all other devices
}

func (f *sideFlag) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVar(&f.patterns, "between", nil, "two `sides`, as simd,numpy (default CPU and GPU)")
	complete(cmd, "between", bench.Names(append(builtin.Contenders(builtin.Options{}), peers.Home{}.Contenders(1)...))...)
}

// take takes the second side from the arguments, if there is one. Then the flag has the first side,
// which may be several patterns.
func (f *sideFlag) take(cmd *cobra.Command, args []string) error {
	flag := cmd.Flags().Lookup("between")
	for i := range f.patterns {
		f.patterns[i] = strings.TrimSpace(f.patterns[i])
	}
	if len(args) == 0 {
		return nil
	}
	switch {
	case !flag.Changed && slices.Contains(report.Sections(), args[0]):
		return usage(fmt.Errorf("argument %q is one too many", args[0]), "'--details="+args[0]+"' prints this section")
	case !flag.Changed:
		return usage(fmt.Errorf("%q is a second side, and there is no first one", args[0]), "'descent sweep --between A B' names both")
	}
	f.patterns = []string{strings.Join(f.patterns, ","), args[0]}
	return nil
}

// check refuses a pattern that matches none of the known contenders in the precisions, and any
// number of sides but two. all are the known contenders in every precision.
func (f *sideFlag) check(all []bench.Contender, precisions []dataset.Precision) error {
	known := bench.OfPrecision(all, precisions)
	for _, side := range f.patterns {
		for _, pattern := range strings.Split(side, ",") {
			_, err := bench.Select(known, []string{pattern})
			if err == nil {
				continue
			}
			if others, _ := bench.Select(all, []string{pattern}); others != nil {
				return usage(fmt.Errorf("--between: %w in the precisions of the sweep", err), fmt.Sprintf("'--precision %v' has it", others[0].Precision))
			}
			return selectError("--between", err)
		}
	}
	if len(f.patterns) != 2 {
		return usage(fmt.Errorf("--between %s names %s, and a sweep is between two", strings.Join(f.patterns, ","), typeset.Plural(len(f.patterns), "side")),
			"one pattern a side is --between simd,numpy; several are --between 'loop,simd' 'jax,tensorflow'")
	}
	return nil
}

// all returns the patterns of both sides.
func (f *sideFlag) all() []string { return strings.Split(strings.Join(f.patterns, ","), ",") }

// names reports whether a pattern of one of the sides matches c.
func (f *sideFlag) names(c bench.Contender) bool {
	return slices.ContainsFunc(f.all(), func(pattern string) bool {
		_, err := bench.Select([]bench.Contender{c}, []string{pattern})
		return err == nil
	})
}

// sides returns the sides among the contenders that were chosen. Another algorithm is on no side.
func (f *sideFlag) sides(chosen []bench.Contender) ([]journal.Side, error) {
	if f.patterns == nil {
		return nil, nil
	}
	var sides []journal.Side
	precisions := [2]map[dataset.Precision]bool{{}, {}}
	for i, name := range f.patterns {
		found, err := bench.Select(chosen, strings.Split(name, ","))
		if err != nil {
			return nil, selectError("--between", err)
		}
		side := journal.Side{Name: name}
		for _, c := range found {
			if !builtin.OtherAlgorithm(c.Backend) {
				side.Contenders = append(side.Contenders, c.Name())
				precisions[i][c.Precision] = true
			}
		}
		if side.Contenders == nil {
			return nil, usage(fmt.Errorf("--between: %s is another algorithm (†), whose times say nothing about a processor", name), "it is measured beside the others without --between")
		}
		sides = append(sides, side)
	}
	for _, name := range sides[0].Contenders {
		if slices.Contains(sides[1].Contenders, name) {
			return nil, usage(fmt.Errorf("--between: %s is on both sides", name), "name contenders that differ, as --between loop,simd")
		}
	}
	for precision := range precisions[0] {
		if precisions[1][precision] {
			return sides, nil
		}
	}
	return nil, usage(fmt.Errorf("--between: %s and %s have no precision in common, and times of two precisions are not compared", f.patterns[0], f.patterns[1]), "")
}
