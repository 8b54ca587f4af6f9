package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/bench/conformance"
	"descent/bench/peers"
	"descent/bench/typeset"
	"descent/cmd/internal/builtin"
	"descent/cmd/internal/value"
	"descent/dataset"
)

const workerCheckHelp = `This command starts COMMAND as a worker, many times, and checks what a run needs from it:

  - it speaks the worker protocol (bench/PROTOCOL.md)
  - it answers rightly at every edge size
  - it takes the time of all its work, not of a part
  - it says in words what it cannot do
  - it ends when it is told to

COMMAND is started without a shell.

Each promise has one line. If the program does not keep it, the lines below say what was
seen, and what to change in the program:

  ok       the promise is kept
  WARNING  it is not kept, but a run can do without
  FAILED   it is broken: the program cannot be used in a run
  WRONG    it is broken by an answer that differs from exact arithmetic

If no promise is broken, the last line is the command that runs the program beside the
built-in contenders.

The exit status is 0 if no promise is broken; 1 if one is, or if COMMAND is not a worker;
2 for a mistake on the command line; 3 if an answer was wrong; and 130 after Ctrl-C.`

// A workerCheckCommand is one call of descent worker-check.
type workerCheckCommand struct {
	precision string
	prec      *dataset.Precision // that precision names; nil: the program says it
	features  value.Count
	timeout   time.Duration
	format    string
}

func newWorkerCheckCommand() *cobra.Command {
	var c workerCheckCommand
	cmd := &cobra.Command{
		Use:   "worker-check [flags] -- COMMAND [ARGUMENT]...",
		Short: "Test an outside program against the worker protocol",
		Long:  workerCheckHelp,
		Example: `  descent worker-check -- python3 mine.py
  descent worker-check --features 1 -- ./mine --fast   it takes one feature
  descent worker-check --precision f32 --format json -- ./mine f32
  descent worker-check -- descent worker simd/f64      it keeps all promises`,
		Args: func(cmd *cobra.Command, args []string) error { return c.check(cmd, args) },
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd, args) },
	}
	flags := cmd.Flags()
	flags.SetInterspersed(false) // flags after COMMAND are its own, even without --
	flags.StringVar(&c.precision, "precision", "", "`precision` of it: f32 or f64 (default what it says)")
	flags.Var(&c.features, "features", "most features that the program takes (default any)")
	flags.DurationVar(&c.timeout, "timeout", time.Minute, "longest wait for one answer")
	registerFormat(cmd, &c.format, textOrJSON...)
	complete(cmd, "precision", precisionNames...)
	return cmd
}

// check refuses a mistake on the command line before anything is started.
func (c *workerCheckCommand) check(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0 || args[0] == "":
		return usage(errors.New("the command of the program is missing"), "name it after --, as in 'descent worker-check -- python3 mine.py'")
	case cmd.Flags().Changed("features") && c.features < 1:
		return atLeastOne("features", int(c.features))
	}
	if err := positive("timeout", c.timeout); err != nil {
		return err
	}
	if c.precision != "" {
		prec, err := dataset.ParsePrecision(c.precision)
		if err != nil {
			return usage(fmt.Errorf("--precision: %w", err), didYouMean(c.precision, precisionNames))
		}
		c.prec = &prec
	}
	return checkTextOrJSON(c.format)
}

func (c *workerCheckCommand) run(cmd *cobra.Command, command []string) (err error) {
	ctx, stop := interruptible()
	defer stop()
	scratch, err := bench.NewScratch()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, scratch.Close()) }()
	worker, err := conformance.Meet(ctx, command, conformance.Terms{
		Precision: c.prec, MaxFeatures: int(c.features), Limits: bench.Limits{Timeout: c.timeout}, Dir: scratch.Path,
	})
	if ctx.Err() != nil {
		return errInterrupted
	}
	if err != nil {
		return noWorker(err)
	}
	t := newWorkerTest(worker, textTo(cmd.OutOrStdout(), c.format), cmd.ErrOrStderr())
	t.run(ctx, worker)
	if c.format == "json" {
		t.writing = writeJSON(cmd.OutOrStdout(), t)
	}
	return errors.Join(t.verdict(), t.writing)
}

// noWorker adds a hint to an error of hello, unless the error has one or the program sent it.
func noWorker(err error) error {
	var told *bench.WorkerError
	if hintOf(err) != "" || errors.As(err, &told) && told.Answered {
		return err
	}
	return statusError{err, exitFailure, `a worker answers the line {"op":"hello"} on its stdin with a line like {"protocol":1,"precision":"f64"} on its stdout: bench/PROTOCOL.md has the protocol`}
}

// A workerTest is the result of all checks of an outside program.
type workerTest struct {
	Program   string            `json:"program"`
	Command   []string          `json:"command"`
	Precision dataset.Precision `json:"precision"`
	bench.Info
	*tally
}

func newWorkerTest(w *conformance.Worker, out, stderr io.Writer) *workerTest {
	promises := []string{saysHello}
	for _, c := range conformance.WorkerChecks() {
		promises = append(promises, c.Promise)
	}
	return &workerTest{w.Contender.Backend, w.Contender.Command, w.Contender.Precision, w.Hello.Info, newTally(out, stderr, promises)}
}

// saysHello is a promise that every program has kept by the time of its first check.
const saysHello = "hello is answered in protocol 1"

// run makes the checks until ctx ends. It stops at a broken promise that makes the others
// pointless.
func (t *workerTest) run(ctx context.Context, w *conformance.Worker) {
	checks := conformance.WorkerChecks()
	t.Planned = 1 + len(checks)
	t.printf("%s\n", t.title())
	t.add(outcome{Check: saysHello, Status: bench.OK, TimeNS: time.Since(t.started).Nanoseconds()}, nil)
	for _, check := range checks {
		if ctx.Err() != nil {
			break
		}
		status := t.attempt(ctx, outcome{Check: check.Promise, Hint: check.Remedy}, func() error { return check.Run(w) })
		if check.Gate && status != bench.OK && status != warning {
			break
		}
	}
	t.Interrupted = ctx.Err() != nil && t.done() < t.Planned
	t.printf("%s", t.sum())
}

// title says what is tested.
func (t *workerTest) title() string {
	what := strings.TrimSpace(t.Program + " " + t.Version)
	if t.Device != "" {
		what += " on " + t.Device
	}
	return fmt.Sprintf("%s, in %s: %s\n", strings.Map(printable, what), t.Precision, strings.Join(t.Command, " "))
}

// printable drops characters that would control a terminal.
func printable(r rune) rune {
	if unicode.IsControl(r) {
		return -1
	}
	return r
}

// sum returns the last lines.
func (t *workerTest) sum() string {
	parts := []string{
		typeset.Plural(t.Count[bench.OK], "promise") + " kept",
		fmt.Sprintf("%d broken", t.broken()),
		typeset.Plural(t.Count[warning], "warning"),
	}
	if missed := t.Planned - t.done(); missed > 0 {
		why := "they depend on the broken one"
		if t.Interrupted {
			why = "interrupted"
		}
		parts = append(parts, fmt.Sprintf("%d not tried: %s", missed, why))
	}
	out := fmt.Sprintf("\n%s, in %.1f s\n", strings.Join(parts, ", "), time.Since(t.started).Seconds())
	if t.done() == t.Planned && t.broken() == 0 {
		out += "run it: " + t.invocation() + "\n"
	}
	return out
}

// invocation returns the command that runs the program beside the built-in contenders. The name
// that it gives the program is not one of theirs.
func (t *workerTest) invocation() string {
	name := t.Program
	taken := builtin.Is(name)
	if taken || slices.Contains(peers.Names(), name) || bench.CheckName(name) != nil {
		name = "mine"
	}
	run := func(command string) string {
		return "descent run --program " + quoted(fmt.Sprintf("%s/%s=%s", name, t.Precision, command))
	}
	command := strings.Join(t.Command, " ")
	if !slices.Equal(strings.Fields(command), t.Command) { // --program splits at every blank
		return run("SCRIPT") + ", SCRIPT being a file that ends in 'exec COMMAND': without exec, the program itself is not measured"
	}
	return run(command)
}

// verdict returns an error if a promise is broken, or if the user stopped the checks.
func (t *workerTest) verdict() error {
	const hint = "the lines below each FAILED or WRONG above say what to change in the program"
	switch {
	case t.Interrupted:
		return errInterrupted
	case t.Count[bench.Wrong] > 0:
		return statusError{fmt.Errorf("%s, %s", t.damage(), byWrongAnswers(t.Count[bench.Wrong], t.broken())), exitWrong, hint}
	case t.broken() > 0:
		return statusError{errors.New(t.damage()), exitFailure, hint}
	}
	return nil
}

// damage says how many promises are broken, of those that were checked.
func (t *workerTest) damage() string {
	verb := "are"
	if t.broken() == 1 {
		verb = "is"
	}
	return fmt.Sprintf("%d of %s %s broken", t.broken(), typeset.Plural(t.done(), "promise"), verb)
}

func byWrongAnswers(wrong, broken int) string {
	if broken == 1 {
		return "by a wrong answer"
	}
	return fmt.Sprintf("%d by a wrong answer", wrong)
}
