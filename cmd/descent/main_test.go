package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// ownCommands returns the root command and all commands but those of cobra.
func ownCommands() []*cobra.Command {
	root := newRoot()
	own := []*cobra.Command{root}
	for _, cmd := range root.Commands() {
		if cmd.Name() != "help" && cmd.Name() != "completion" {
			own = append(own, cmd)
		}
	}
	return own
}

func TestHelpIsAtMost90ColumnsWide(t *testing.T) {
	for _, cmd := range ownCommands() {
		var out bytes.Buffer
		cmd.SetOut(&out)
		if err := cmd.Help(); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > helpColumns {
				t.Errorf("%s has a line of %d columns: %s", cmd.CommandPath(), n, line)
			}
		}
	}
}

func TestHelpSaysTheDefaultOfEveryFlag(t *testing.T) {
	for _, cmd := range ownCommands() {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			one := pflag.NewFlagSet(f.Name, pflag.ContinueOnError)
			one.AddFlag(f)
			if text := one.FlagUsages(); !strings.Contains(text, "(default ") {
				t.Errorf("%s says no default: %s", cmd.CommandPath(), text)
			}
		})
	}
}
