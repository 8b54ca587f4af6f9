package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"descent/bench/journal"
	"descent/cmd/internal/value"
)

// perSession are the flags of run that do not change what is measured. They may differ when a run
// is resumed. The flags in the header do not have them. If one is not given, its value in the plan
// of the last session counts, if it is there.
var perSession = []string{"budget", "timeout", "memory", "resolution", "processes", "out", "append", "resume", "format", "quiet", "sort", "baseline", "details", "fail-above", "cost"}

// values returns the values that a flag was given.
func values(f *pflag.Flag) []string {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return list.GetSlice()
	}
	return []string{f.Value.String()}
}

// given returns the flags that were given and that change what is measured, with their values.
func given(cmd *cobra.Command) map[string][]string {
	out := map[string][]string{}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if !slices.Contains(perSession, f.Name) {
			out[f.Name] = values(f)
		}
	})
	return out
}

// recall reads the last run of the file that reopen has opened, and gives the flags that run's
// values. It refuses a flag that is given now with another value.
func (r *runCommand) recall(cmd *cobra.Command) (*journal.Results, error) {
	runs, err := journal.Read(r.resume)
	if err != nil {
		return nil, fmt.Errorf("--resume: %w", err)
	}
	before := runs[len(runs)-1]
	if before.Header.Sweep != nil {
		return nil, usage(fmt.Errorf("--resume %s: its last run is of a sweep", r.resume), commandLine("descent", "sweep", "--resume", r.resume)+" continues the sweep")
	}
	if err := r.recallFlags(cmd, before.Header.Flags); err != nil {
		return nil, err
	}
	plan := before.LastPlan()
	r.recallPlan(cmd, &plan)
	return before, nil
}

// recallPlan takes the values of flags of one session from the plan, unless the flag is given.
func (r *runCommand) recallPlan(cmd *cobra.Command, plan *journal.Plan) {
	changed := cmd.Flags().Changed
	if !changed("rate") { // so that no other way to sum changes its last digit
		r.problem.rate = plan.Rate
	}
	if !changed("processes") {
		r.processes = plan.Processes
	}
	if !changed("resolution") && plan.Resolution > 0 {
		r.resolution = plan.Resolution
	}
	if !changed("budget") && plan.Budget > 0 {
		r.budget = plan.Budget
	}
	if !changed("timeout") && plan.Timeout > 0 {
		r.contenders.timeout = plan.Timeout
	}
	if !changed("memory") {
		r.contenders.memory = value.Size(plan.Memory)
	}
}

// recallFlags gives the flags the values that they had in the run to resume.
func (f *resultsFlags) recallFlags(cmd *cobra.Command, was map[string][]string) error {
	source := "--resume " + f.resume
	now := given(cmd)
	if err := checkPrograms(source, was, now); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		before := was[name]
		if before == nil {
			before = []string{cmd.Flags().Lookup(name).DefValue}
		}
		if !slices.Equal(now[name], before) {
			return usage(fmt.Errorf("--%s %s: the run in %s has %s", name, strings.Join(now[name], ","), f.resume, strings.Join(before, ",")), "leave it out: a run is resumed with its own flags")
		}
	}
	return setFlags(cmd.Flags(), source, was)
}

// checkPrograms refuses a run with outside programs that are not given again: whoever sends a
// results file does not choose which commands run here. source names the file.
func checkPrograms(source string, was, now map[string][]string) error {
	for _, name := range []string{"program", "python", "against"} {
		if len(was[name]) == 0 || len(now[name]) > 0 {
			continue
		}
		var again []string
		for _, value := range was[name] {
			again = append(again, "--"+name+" "+quoted(value))
		}
		return usage(fmt.Errorf("%s: the run has outside programs by --%s, and a results file is not trusted to name commands", source, name),
			"give them again, if they are yours: "+strings.Join(again, " "))
	}
	return nil
}

// setFlags gives the flags these values, from the header of the file that source names.
func setFlags(flags *pflag.FlagSet, source string, was map[string][]string) error {
	for _, name := range slices.Sorted(maps.Keys(was)) {
		f := flags.Lookup(name)
		if f == nil || slices.Contains(perSession, name) {
			return usage(fmt.Errorf("%s: its run has the flag --%s, which this descent does not know", source, name), "")
		}
		if err := setFlag(flags, f, was[name]); err != nil {
			return usage(fmt.Errorf("%s: --%s %s: %w", source, name, strings.Join(was[name], ","), err), "")
		}
	}
	return nil
}

// setFlag gives f these values, as the command line does.
func setFlag(flags *pflag.FlagSet, f *pflag.Flag, values []string) error {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		f.Changed = true
		return list.Replace(values)
	}
	if len(values) != 1 {
		return fmt.Errorf("%d values", len(values))
	}
	return flags.Set(f.Name, values[0])
}
