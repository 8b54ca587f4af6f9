// Descent times batch gradient descent for linear regression on the processors of
// this machine: plain Go, gonum, vector instructions on all cores, and OpenGL compute shaders, side by side.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"descent/bench"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// The exit statuses.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitWrong       = 3
	exitRegression  = 4
	exitUnclear     = 5
	exitInterrupted = 130
)

// A statusError is an error that knows its exit status.
type statusError struct {
	error
	status int
	hint   string
}

func (e statusError) Unwrap() error { return e.error }

// Hint implements bench.Hinter.
func (e statusError) Hint() string { return e.hint }

// errTold stands for an error that its reader has had in another way.
var errTold = errors.New("told already")

// errInterrupted is the error after a Ctrl-C that leaves nothing to go on with.
var errInterrupted = statusError{errors.New("interrupted"), exitInterrupted, ""}

// usage marks an error of the command line.
func usage(err error, hint string) error {
	if err == nil {
		return nil
	}
	return statusError{err, exitUsage, hint}
}

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

// interruptible returns a context that a Ctrl-C or SIGTERM ends while there are workers
// to be ended and results to be kept. Until then, and from the second on, the signal
// ends this process at once, as it does any other.
func interruptible() (ctx context.Context, stop context.CancelFunc) {
	ctx, stop = signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// explain tells the user what went wrong and what can be done, and returns the exit status.
func explain(stderr io.Writer, cmd *cobra.Command, err error) int {
	status, hint := exitFailure, hintOf(err)
	var known statusError
	if errors.As(err, &known) {
		status = known.status
	}
	if hint == "" && status == exitUsage {
		hint = fmt.Sprintf("'%s --help' lists the flags, with examples", cmd.CommandPath())
	}
	fmt.Fprintln(stderr, "descent: error:", oneLine(err.Error()))
	if hint != "" {
		fmt.Fprintln(stderr, "descent: hint:", oneLine(hint))
	}
	var worker *bench.WorkerError
	if errors.As(err, &worker) && worker.Stderr != "" {
		fmt.Fprintln(stderr, "descent: the worker's last words:")
		fmt.Fprintln(stderr, worker.Stderr)
	}
	return status
}

// hintOf returns what can be done about err, where it knows.
func hintOf(err error) string {
	var hinter bench.Hinter
	if errors.As(err, &hinter) {
		return hinter.Hint()
	}
	return ""
}

// oneLine joins the lines of joined errors.
func oneLine(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), "\n", "; ") }

// version is set by the linker.
var version = "devel"

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "descent",
		Short: "Time gradient descent on this machine's processors, CPU against GPU",
		Long: `Descent times batch gradient descent for linear regression on the processors of this
machine: a plain Go loop, gonum, vector instructions on all cores, and OpenGL compute
shaders, on the same data, in interleaved samples, every answer checked against the exact one.`,
		Example: `  descent run                          the article's problem, on every contender that works here
  descent run --n 1e6 --format json    another size, for a program to read
  descent run --peers auto             beside Python, NumPy, TensorFlow, JAX and others
  descent fit prices.csv               a linear model of your own data
  descent devices                      which GPU paths work here, and why others do not
  descent check                        is this machine quiet enough to measure on
  descent worker-check -- ./mine       does a program of your own keep to the worker protocol`,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,

		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return checkGiven(cmd.Flags()) },

		Args: unknownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err, "") })
	root.AddCommand(newRunCommand(), newFitCommand(), newDevicesCommand(), newCheckCommand(), newGraphCommand(), newReportCommand(), newCompareCommand(), newWorkerCommand(), newWorkerCheckCommand())
	refuseUnknown(root)
	return root
}

// refuseUnknown makes a mistake of a shell or a help topic that does not exist, for
// which cobra's own commands print help and succeed.
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

// checkGiven refuses a flag that is given with nothing in it, as --data "$FILE" is where
// the variable is not set: it would silently mean the default.
func checkGiven(flags *pflag.FlagSet) (err error) {
	flags.Visit(func(f *pflag.Flag) {
		if v := f.Value.String(); v == "" || v == "[]" {
			err = usage(fmt.Errorf("--%s is given without a value", f.Name), "")
		}
	})
	return err
}

func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "'" + cmd.CommandPath() + " --help' lists the commands"
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean '" + cmd.CommandPath() + " " + near[0] + "'?"
	}
	return usage(fmt.Errorf("there is no command %q", args[0]), hint)
}

// exactArgs is cobra.ExactArgs with an error that says what is missing.
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
