package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"descent/bench/journal"
)

// ofOneSession are the flags of run that say nothing of what is measured, and that may be others when a run is resumed.
// The header does not keep them; what of them is in its plan stands where they are not given.
var ofOneSession = []string{"budget", "timeout", "memory", "resolution", "processes", "out", "append", "resume", "format", "quiet"}

// values are what a flag was given.
func values(f *pflag.Flag) []string {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return list.GetSlice()
	}
	return []string{f.Value.String()}
}

// given returns the flags that say what is measured, with what they were given.
func given(cmd *cobra.Command) map[string][]string {
	out := map[string][]string{}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if !slices.Contains(ofOneSession, f.Name) {
			out[f.Name] = values(f)
		}
	})
	return out
}

// recall opens the results file that --resume names, so that no other run writes to it, and gives the
// flags the values of its last run. A flag on the command line with another value is a mistake. The
// caller closes the file; after an error it is closed.
func (r *runCommand) recall(cmd *cobra.Command) (before *journal.Results, results *journal.Journal, err error) {
	for _, name := range []string{"out", "append"} {
		if cmd.Flags().Changed(name) {
			return nil, nil, usage(fmt.Errorf("--%s and --resume exclude each other: a run is resumed in its own file", name), "")
		}
	}
	if _, err := journal.Read(r.resume); err != nil {
		return nil, nil, usage(fmt.Errorf("--resume: %w", err), "")
	}
	if results, err = journal.Append(r.resume); err != nil {
		return nil, nil, fmt.Errorf("--resume: %w", err)
	}
	defer func() {
		if err != nil {
			results.Close()
		}
	}()
	runs, err := journal.Read(r.resume) // what it holds now that no other run adds to it
	if err != nil {
		return nil, nil, fmt.Errorf("--resume: %w", err)
	}
	before = runs[len(runs)-1]
	if err := r.recallFlags(cmd, before.Header.Flags); err != nil {
		return nil, nil, err
	}
	r.recallPlan(cmd, &before.Header.Plan)
	r.out = r.resume
	return before, results, nil
}

// recallPlan takes from the plan of the run what may be another in this session, where no flag says so.
func (r *runCommand) recallPlan(cmd *cobra.Command, plan *journal.Plan) {
	own := func(flag string) bool { return !cmd.Flags().Changed(flag) }
	if own("processes") {
		r.processes = plan.Processes
	}
	if own("resolution") && plan.Resolution > 0 {
		r.resolution = plan.Resolution
	}
	if own("budget") && plan.Budget > 0 {
		r.budget = plan.Budget
	}
	if own("timeout") && plan.Timeout > 0 {
		r.contenders.timeout = plan.Timeout
	}
	if own("memory") {
		r.contenders.memory = sizeFlag(plan.Memory)
	}
}

func (r *runCommand) recallFlags(cmd *cobra.Command, was map[string][]string) error {
	flags := cmd.Flags()
	now := given(cmd)
	for _, name := range []string{"program", "python"} {
		if len(was[name]) == 0 || len(now[name]) > 0 {
			continue
		}
		var again []string
		for _, value := range was[name] {
			again = append(again, "--"+name+" '"+value+"'")
		}
		return usage(fmt.Errorf("--resume %s: the run has outside programs by --%s, and a results file is not trusted to name commands", r.resume, name),
			"give them again, if they are yours: "+strings.Join(again, " "))
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		before := was[name]
		if before == nil {
			before = []string{flags.Lookup(name).DefValue}
		}
		if !slices.Equal(now[name], before) {
			return usage(fmt.Errorf("--%s %s: the run in %s has %s", name, strings.Join(now[name], ","), r.resume, strings.Join(before, ",")), "leave it out: a run is resumed with its own flags")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(was)) {
		f := flags.Lookup(name)
		if f == nil || slices.Contains(ofOneSession, name) {
			return usage(fmt.Errorf("--resume %s: its run has the flag --%s, which this descent does not know", r.resume, name), "")
		}
		if err := setFlag(flags, f, was[name]); err != nil {
			return usage(fmt.Errorf("--resume %s: --%s %s: %w", r.resume, name, strings.Join(was[name], ","), err), "")
		}
	}
	return nil
}

// setFlag gives f values, as the command line does.
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
