package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helps calls f with the help text of every command, those of the shells' completions too.
func helps(t *testing.T, f func(cmd *cobra.Command, help string)) {
	t.Helper()
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		args := append(strings.Fields(cmd.CommandPath())[1:], "--help")
		var stdout, stderr bytes.Buffer
		if status := run(args, strings.NewReader(""), &stdout, &stderr); status != exitOK || stderr.Len() > 0 {
			t.Errorf("%v: exit status %d, stderr %q", args, status, &stderr)
		}
		f(cmd, stdout.String())
		for _, below := range cmd.Commands() {
			walk(below)
		}
	}
	walk(newRoot())
}

func TestHelpFits80Columns(t *testing.T) {
	helps(t, func(cmd *cobra.Command, help string) {
		for line := range strings.Lines(help) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
				t.Errorf("%s --help: %d columns: %s", cmd.CommandPath(), n, line)
			}
		}
	})
}

func TestHelpOfRunAndSweepIsUnder60Lines(t *testing.T) {
	helps(t, func(cmd *cobra.Command, help string) {
		if n := strings.Count(help, "\n"); slices.Contains([]string{"run", "sweep"}, cmd.Name()) && n >= 60 {
			t.Errorf("%s: %d lines", cmd.Name(), n)
		}
	})
}

// A switch is off, and a flag that adds something adds nothing, unless help says another default.
func TestHelpSaysTheDefaultOfEveryFlag(t *testing.T) {
	adds := []string{"ignore", "memory", "data", "program", "resume", "cost"}
	helps(t, func(cmd *cobra.Command, _ string) {
		if parent := cmd.Parent(); parent != nil && parent.Name() == "completion" {
			return
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if said := flagMeaning(f); !strings.Contains(said, "(default ") && f.DefValue != "false" && !f.Hidden && !slices.Contains(adds, f.Name) {
				t.Errorf("%s --%s says no default: %s", cmd.CommandPath(), f.Name, said)
			}
		})
	})
}

// Every flag of a command with many flags has one heading, so that none stands alone before them,
// and every name below a heading is a flag.
func TestEachFlagIsInOneGroup(t *testing.T) {
	groups := map[string]int{}
	for _, group := range flagGroups {
		for _, name := range strings.Fields(group.names) {
			groups[name]++
		}
	}
	known := map[string]bool{"help": true}
	helps(t, func(cmd *cobra.Command, help string) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			known[f.Name] = true
			if !slices.Contains([]string{"run", "sweep", "fit"}, cmd.Name()) || f.Hidden {
				return
			}
			if groups[f.Name] != 1 {
				t.Errorf("--%s of %s is in %d groups of flagGroups, not in one", f.Name, cmd.Name(), groups[f.Name])
			}
			if n := strings.Count(help, "\n  --"+f.Name+" "); n != 1 {
				t.Errorf("%s --help has --%s %d times", cmd.Name(), f.Name, n)
			}
		})
	})
	for name := range groups {
		if !known[name] {
			t.Errorf("--%s is in a group, and no command has it", name)
		}
	}
}
