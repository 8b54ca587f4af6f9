package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"descent/bench/typeset"
)

// helpColumns is how wide a help text may be.
const helpColumns = 80

// manyFlags is the number of flags from which on a command's help has them in groups.
const manyFlags = 10

// flagGroups are the headings of the flags in a help text, and the flags below each, in their
// order. A flag in no group stands before them.
var flagGroups = []struct{ heading, names string }{
	{"Problem", "n features epochs rate tolerance noise weights seed data target ignore standardize separator header"},
	{"Contenders", "solver contender contenders between program peers python precision threads timeout memory gl-provider allow-software"},
	{"Measuring", "processes blocks resolution budget null-arm baseline against fail-above"},
	{"Output", "out append resume quiet format details cost sort wide list help"},
}

// setHelp gives a command and those below it our help texts. A template of our own for cobra would
// link text/template, which makes the program a third larger.
func setHelp(root *cobra.Command) {
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { io.WriteString(cmd.OutOrStdout(), help(cmd)) })
}

// help returns the help text of a command.
func help(cmd *cobra.Command) string {
	out := &strings.Builder{}
	out.WriteString(filled(cmp.Or(cmd.Long, cmd.Short)) + "\n")
	line := cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		line = cmd.CommandPath() + " COMMAND [flags]"
	}
	fmt.Fprintf(out, "\nUsage: %s\n", line)
	if cmd.Example != "" {
		fmt.Fprintf(out, "\nExamples:\n%s\n", cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		out.WriteString("\nCommands:\n")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				fmt.Fprintf(out, "  %-*s  %s\n", c.NamePadding(), c.Name(), c.Short)
			}
		}
		fmt.Fprintf(out, "\n'%s COMMAND --help' describes a command.\n", cmd.CommandPath())
	}
	out.WriteString(flagsHelp(cmd.LocalFlags()))
	return out.String()
}

// flagsHelp returns the lines about the flags, under their headings.
func flagsHelp(flags *pflag.FlagSet) string {
	out := &strings.Builder{}
	column, left := 0, []*pflag.Flag(nil)
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			column, left = max(column, len(flagAndValue(f))+2), append(left, f)
		}
	})
	section := func(heading string, flags []*pflag.Flag) {
		if len(flags) == 0 {
			return
		}
		fmt.Fprintf(out, "\n%s:\n", heading)
		for _, f := range flags {
			out.WriteString(typeset.Wrap(fmt.Sprintf("%-*s", column, flagAndValue(f)), flagMeaning(f), helpColumns) + "\n")
		}
	}
	if len(left) < manyFlags {
		section("Flags", left)
		return out.String()
	}
	grouped := make([][]*pflag.Flag, len(flagGroups))
	for i, group := range flagGroups {
		for _, name := range strings.Fields(group.names) {
			if at := slices.IndexFunc(left, func(f *pflag.Flag) bool { return f.Name == name }); at >= 0 {
				grouped[i], left = append(grouped[i], left[at]), slices.Delete(left, at, at+1)
			}
		}
	}
	section("Flags", left)
	for i, group := range flagGroups {
		section(group.heading, grouped[i])
	}
	return out.String()
}

// flagAndValue returns the start of a flag's line.
func flagAndValue(f *pflag.Flag) string {
	value, _ := pflag.UnquoteUsage(f)
	return strings.TrimRight("  --"+f.Name+" "+value, " ")
}

// flagMeaning returns what a flag means, and its default if the usage does not have it already.
func flagMeaning(f *pflag.Flag) string {
	_, said := pflag.UnquoteUsage(f)
	if slices.Contains([]string{"", "0", "0s", "[]", "false"}, f.DefValue) || strings.Contains(said, "(default ") {
		return said
	}
	return said + " (default " + f.DefValue + ")"
}

// filled wraps the paragraphs of a text at helpColumns. A paragraph with an indented line stays as
// it is.
func filled(text string) string {
	paragraphs := strings.Split(strings.TrimSpace(text), "\n\n")
	for i, p := range paragraphs {
		if !strings.HasPrefix(p, " ") && !strings.HasPrefix(p, "\t") && !strings.Contains(p, "\n ") && !strings.Contains(p, "\n\t") {
			paragraphs[i] = typeset.Wrap("", strings.Join(strings.Fields(p), " "), helpColumns)
		}
	}
	return strings.Join(paragraphs, "\n\n")
}
