package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"descent/bench/driver"
	"descent/bench/machine"
	"descent/bench/report"
)

// A checkCommand is one call of descent check.
type checkCommand struct {
	seconds float64
	format  string
}

func newCheckCommand() *cobra.Command {
	var c checkCommand
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Is this machine quiet enough to measure on?",
		Long: `Check keeps one processor busy for --seconds, as a measurement does, and sees how steady its
clock is and what else the machine does meanwhile: load by other programs, heat, swapping, the
limits of a container. It reads how the frequency is chosen, on processors and GPUs, too. It
needs no privileges and changes nothing.

Each finding has a grade, and the machine that of its worst:

  good  nothing was seen that disturbs
  fair  differences of some percent may be noise; what 'descent run' tells apart by its
        intervals is still different
  poor  times taken now are not to be trusted

Below the table stands what can be done about each finding that is not good. What this
system does not tell is left out.

The exit status is 0 for good and fair, 1 for poor, 2 for a mistake on the command line,
and 130 after Ctrl-C.`,
		Example: `  descent check
  descent check --seconds 30
  descent check --format json
  descent check && descent run`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd) },
	}
	cmd.Flags().Float64Var(&c.seconds, "seconds", 2, "how long the machine is watched")
	registerFormat(cmd, &c.format, textOrJSON...)
	return cmd
}

// The time that a check may take, in seconds. Less would be too little for the kernel's counters, and too few spins.
const (
	shortestCheck = 0.5
	longestCheck  = 3600
)

func (c *checkCommand) run(cmd *cobra.Command) error {
	if !(c.seconds >= shortestCheck && c.seconds <= longestCheck) {
		return usage(fmt.Errorf("--seconds %v: it must be from %v to %v", c.seconds, shortestCheck, longestCheck), "")
	}
	if err := checkTextOrJSON(c.format); err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()
	show := newProgress(cmd.ErrOrStderr(), false)
	watched := time.Duration(c.seconds * float64(time.Second))
	show.tell(driver.Progress{Doing: "watching the machine", Left: watched}) // once: drawing is load
	fs := watch(ctx, watched)
	show.end()
	if ctx.Err() != nil {
		return errInterrupted
	}
	w := watching{machine.Worst(fs), c.seconds, fs}
	out := cmd.OutOrStdout()
	if err := w.write(out, c.format, colored(out)); err != nil {
		return err
	}
	return w.verdict()
}

// watch keeps one processor busy for a while and returns what was found. The findings are of no use
// where ctx ended before.
func watch(ctx context.Context, d time.Duration) []machine.Assessment {
	own := machine.OwnTime()
	before := machine.Read()
	spins := spin(ctx, d)
	after := machine.Read()
	own = machine.OwnTime() - own
	after.ReadGPU(ctx) // last: it makes load itself
	return append([]machine.Assessment{}, machine.Assess(before, after, own, spins)...)
}

// spin keeps one processor busy and returns a time of it every 10 ms. Without load the frequency would be that of
// an idle processor, and so the first tenth of a second, in which it rises, does not count.
func spin(ctx context.Context, d time.Duration) []time.Duration {
	const every = 10 * time.Millisecond
	begin := time.Now()
	next := min(d/4, 100*time.Millisecond)
	var out []time.Duration
	for ctx.Err() == nil {
		s, passed := machine.Spin(), time.Since(begin)
		if passed >= d {
			break
		}
		if passed >= next {
			out = append(out, s)
			next = passed + every
		}
	}
	return out
}

// A watching is what descent check prints.
type watching struct {
	Grade       machine.Grade        `json:"grade"`
	Seconds     float64              `json:"seconds"`
	Assessments []machine.Assessment `json:"findings"`
}

// meanings are what the grades of a machine come to.
var meanings = map[machine.Grade]string{
	machine.Good: "nothing was seen that disturbs a measurement",
	machine.Fair: "differences of some percent may be noise",
	machine.Poor: "times taken now are not to be trusted",
}

// gradeColors are those of a terminal.
var gradeColors = map[machine.Grade]text.Color{machine.Good: text.FgGreen, machine.Fair: text.FgYellow, machine.Poor: text.FgRed}

func (w watching) write(out io.Writer, format string, color bool) error {
	if format == "json" {
		return writeJSON(out, w)
	}
	_, err := io.WriteString(out, w.text(color))
	return err
}

// text is the grade, the table, and the remedies.
func (w watching) text(color bool) string {
	paint := func(g machine.Grade) string {
		if color {
			return gradeColors[g].Sprint(g)
		}
		return string(g)
	}
	out := &strings.Builder{}
	fmt.Fprintf(out, "%s: %s\n", paint(w.Grade), meanings[w.Grade])
	if len(w.Assessments) == 0 {
		return out.String()
	}
	t := table.NewWriter()
	t.SuppressTrailingSpaces()
	t.SetStyle(report.PlainStyle())
	t.AppendHeader(table.Row{"finding", "value", "grade"})
	remedies := ""
	for _, f := range w.Assessments {
		t.AppendRow(table.Row{f.What, f.Value, paint(f.Grade)})
		if f.Remedy != "" {
			remedies += "  " + f.What + ": " + f.Remedy + "\n"
		}
	}
	fmt.Fprintf(out, "\n%s\n", t.Render())
	if remedies != "" {
		fmt.Fprintf(out, "\nwhat can be done\n%s", remedies)
	}
	return out.String()
}

// verdict is the error that a poor machine is, with the first remedy.
func (w watching) verdict() error {
	if w.Grade != machine.Poor {
		return nil
	}
	var names []string
	hint := ""
	for _, f := range w.Assessments {
		if f.Grade != machine.Poor {
			continue
		}
		names = append(names, fmt.Sprintf("%s (%s)", f.What, f.Value))
		if hint == "" {
			hint = f.What + ": " + f.Remedy
		}
	}
	return statusError{fmt.Errorf("this machine is not quiet enough to measure on: %s", strings.Join(names, ", ")), exitFailure, hint}
}
