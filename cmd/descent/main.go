// Descent is the command line: it times batch gradient descent for linear regression on the
// processors of this machine. Plain Go, gonum, vector instructions, OpenGL shaders and outside
// programs run on the same data, and every answer is checked. This package reads the flags, starts
// the work of bench, cpu, gpu and dataset, and prints what they return.
//
//	main.go         the program, the root command, and mistakes in the names of commands
//	errors.go       errors, hints and exit statuses
//	help.go         help texts, with the flags in groups
//	run.go          descent run: time all contenders on one problem
//	measuring.go    flags of run and sweep: how to measure, and where the samples go
//	sweep.go        descent sweep: many sizes, and from which one the GPU wins
//	sweepflags.go   sweep's sizes and sides
//	sweepreport.go  the report of sweeps, for sweep and report; the price of each side
//	resume.go       --resume: continue the last run or sweep of a results file
//	gate.go         run --baseline, --against: did a contender become slower
//	report.go       descent report: print a results file
//	compare.go      descent compare: what changed between two results files
//	fit.go          descent fit: a linear model of a data file
//	descent.go      the descent of fit, and how far it is
//	model.go        the fitted model, as text and as JSON
//	devices.go      descent devices: instruction sets, paths to a GPU, outside programs
//	selftest.go     devices --selftest: are the answers of the OpenGL contenders right
//	graph.go        descent graph: the training step as a graph
//	check.go        descent check: is this machine quiet enough
//	workercheck.go  descent worker-check: test an outside program
//	outcome.go      the results of checks, for selftest.go and workercheck.go
//	worker.go       descent worker (hidden): the process of one contender, and what it is told
//	peers.go        the flags of outside programs, and which of them work here
//	flags.go        flags that several commands have
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"descent/cmd/internal/nearest"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is the whole program; main adds only the process around it.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteC()
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errTold):
		return exitFailure
	}
	return explain(stderr, cmd, err)
}

// interruptible returns a context that ends at the first Ctrl-C or SIGTERM, so that workers can be
// ended and results kept. Before the call, and from the second signal on, a signal ends this
// process at once.
func interruptible() (ctx context.Context, stop context.CancelFunc) {
	ctx, stop = signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// within returns what work returns, or errInterrupted as soon as ctx ends. Then work may still run,
// and nothing that it writes may be read.
func within(ctx context.Context, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errInterrupted
	}
}

// version is set by the linker.
var version = "devel"

const rootHelp = `Descent times batch gradient descent for linear regression on the processors of this
machine. It runs plain Go, gonum, vector instructions on all cores, and OpenGL compute
shaders. They all get the same data and take turns, so that a slow moment of the machine
meets all alike. Every answer is checked against the exact one.`

const rootExamples = `  descent run                          the article's problem, all contenders
  descent run --n 1e6 --format json    another size, printed for a program
  descent run --peers auto             beside Python, NumPy, JAX and others
  descent sweep                        from which size the GPU wins
  descent fit prices.csv               a linear model of your own data
  descent devices                      which paths to a GPU work here
  descent check                        is this machine quiet enough
  descent worker-check -- ./mine       is your own program a good contender`

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "descent",
		Short:         "Time gradient descent on the processors of this machine, CPU against GPU",
		Long:          rootHelp,
		Example:       rootExamples,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,

		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return checkGiven(cmd.Flags()) },

		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(err, nearestFlag(cmd, err)) })
	root.AddCommand(newRunCommand(), newSweepCommand(), newFitCommand(), newDevicesCommand(), newCheckCommand(), newGraphCommand(), newReportCommand(), newCompareCommand(), newWorkerCommand(), newWorkerCheckCommand())
	refuseUnknown(root)
	setHelp(root)
	return root
}

// refuseUnknown refuses the name of a shell or of a help topic that does not exist. The commands of
// cobra print help and succeed.
func refuseUnknown(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "completion":
			cmd.Args, cmd.RunE = unknownCommand, root.RunE
		case "help":
			cmd.Args = func(_ *cobra.Command, args []string) error {
				near, rest, err := root.Find(args)
				if err != nil {
					return usage(err, "")
				}
				return unknownCommand(near, rest)
			}
		}
	}
}

// checkGiven refuses a flag with an empty value, such as --data "$FILE" if the variable is not set.
// An empty value would silently mean the default.
func checkGiven(flags *pflag.FlagSet) (err error) {
	flags.Visit(func(f *pflag.Flag) {
		if v := f.Value.String(); v == "" || v == "[]" {
			err = usage(fmt.Errorf("--%s is given without a value", f.Name), "")
		}
	})
	return err
}

// nearestFlag returns the hint for a flag that a command does not have, "" if err is another error.
func nearestFlag(cmd *cobra.Command, err error) string {
	unknown, is := errors.AsType[*pflag.NotExistError](err)
	if !is {
		return ""
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	// -peers is taken for short flags, which descent does not have.
	return didYouMean("--"+cmp.Or(unknown.GetSpecifiedShortnames(), unknown.GetSpecifiedName()), names)
}

func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	hint := "'" + cmd.CommandPath() + " --help' lists the commands"
	if near := nearest.Names(args[0], names); near != nil {
		hint = "did you mean '" + cmd.CommandPath() + " " + near[0] + "'?"
	}
	return usage(fmt.Errorf("there is no command %q", args[0]), hint)
}

// exactArgs is cobra.ExactArgs, with an error that says which argument is missing.
func exactArgs(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		for i, name := range names {
			if i >= len(args) || args[i] == "" {
				return usage(fmt.Errorf("%s is missing", name), "")
			}
		}
		if len(args) > len(names) {
			return usage(fmt.Errorf("argument %q is one too many", args[len(names)]), "")
		}
		return nil
	}
}
