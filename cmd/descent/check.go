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

	"descent/bench/machine"
	"descent/bench/typeset"
	"descent/cmd/internal/screen"
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
		Long: `This command keeps one processor busy for --seconds, as a measurement does. Meanwhile it
watches how steady the clock is and what else the machine does: load by other programs,
heat, swapping, the limits of a container. It also reads how the frequency of the
processors and of the GPUs is set. It needs no privileges and changes nothing.

Each line of the table has a grade. The machine has the grade of its worst line:

  good  nothing disturbs a measurement
  fair  differences of some percent may be noise; a difference that
        'descent run' shows with its intervals is still real
  poor  do not trust times taken now

Below the table stands what can be done about each line that is not good. Facts that this
system does not tell are left out.

The exit status is 0 for good and fair; 1 for poor; 2 for a mistake on the command line;
and 130 after Ctrl-C.`,
		Example: `  descent check
  descent check --seconds 30
  descent check --format json
  descent check && descent run`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd) },
	}
	cmd.Flags().Float64Var(&c.seconds, "seconds", 2, "how long to watch the machine, in `seconds`, from 0.5 to 3600")
	registerFormat(cmd, &c.format, textOrJSON...)
	return cmd
}

// The time that a check may take, in seconds. Less would give too few spins, and too little for the
// kernel's counters.
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
	show := screen.NewProgress(cmd.ErrOrStderr())
	watched := time.Duration(c.seconds * float64(time.Second))
	show.Tell(screen.Job{Doing: "watching the machine", Ends: time.Now().Add(watched)})
	seen := watch(ctx, watched)
	show.End()
	if ctx.Err() != nil {
		return errInterrupted
	}
	w := watching{machine.Worst(seen), c.seconds, seen}
	if err := w.write(cmd.OutOrStdout(), c.format); err != nil {
		return err
	}
	return w.verdict()
}

// watch keeps one processor busy for the time d, and returns what it saw. If ctx ends earlier, the
// result is of no use.
func watch(ctx context.Context, d time.Duration) []machine.Assessment {
	own := machine.OwnTime()
	before := machine.Read()
	spins := spin(ctx, d)
	after := machine.Read()
	own = machine.OwnTime() - own
	after.ReadGPU(ctx) // last, because reading makes load itself
	return append([]machine.Assessment{}, machine.Assess(before, after, own, spins)...)
}

// spin keeps one processor busy for the time d, and returns the time of a spin every 10 ms. The
// frequency of an idle processor rises under load, so the first tenth of a second does not count.
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

// meanings say what the grade of a machine means.
var meanings = map[machine.Grade]string{
	machine.Good: "nothing was seen that disturbs a measurement",
	machine.Fair: "differences of some percent may be noise",
	machine.Poor: "times taken now are not to be trusted",
}

// A painter writes a grade.
type painter func(machine.Grade) string

func plain(g machine.Grade) string { return string(g) }

// inColor writes a grade in its colour on a terminal.
func inColor(g machine.Grade) string {
	colors := map[machine.Grade]text.Color{machine.Good: text.FgGreen, machine.Fair: text.FgYellow, machine.Poor: text.FgRed}
	return colors[g].Sprint(g)
}

func (w watching) write(out io.Writer, format string) error {
	if format == "json" {
		return writeJSON(out, w)
	}
	paint := plain
	if screen.Of(out).Color {
		paint = inColor
	}
	_, err := io.WriteString(out, w.text(paint))
	return err
}

// text returns the grade, the table, and the remedies.
func (w watching) text(paint painter) string {
	out := &strings.Builder{}
	fmt.Fprintf(out, "%s: %s\n", paint(w.Grade), meanings[w.Grade])
	if len(w.Assessments) == 0 {
		return out.String()
	}
	t := table.NewWriter()
	t.SuppressTrailingSpaces()
	t.SetStyle(typeset.PlainStyle())
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

// verdict returns an error if the machine is poor. Its hint is the first remedy.
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
