package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"descent/bench"
	"descent/bench/conformance"
	"descent/cmd/internal/screen"
)

// warning is the status of a check that failed if a run can do without its promise.
const warning bench.Status = "warning"

// An outcome is the result of one check of one contender. It may also say that the contender is
// unavailable.
type outcome struct {
	Contender     string       `json:"contender"`
	MaxBlockBytes int64        `json:"max_block_bytes,omitempty"` // of a storage block, if lowered
	Check         string       `json:"check,omitempty"`
	Status        bench.Status `json:"status"`
	TimeNS        int64        `json:"time_ns,omitempty"`
	Note          string       `json:"note,omitempty"`
	Hint          string       `json:"hint,omitempty"`
}

// subject names what was checked.
func (o outcome) subject() string {
	if o.MaxBlockBytes == 0 {
		return o.Contender
	}
	return fmt.Sprintf("%s in %d KiB blocks", o.Contender, o.MaxBlockBytes>>10)
}

// text returns the outcome as a line, and its note and hint as lines below. The subject is padded
// to subject columns, or left out if subject is 0. The promise is padded to promise columns.
func (o outcome) text(subject, promise int) string {
	const most = 10 // lines of a note
	out := &strings.Builder{}
	if subject > 0 {
		fmt.Fprintf(out, "%-*s  ", subject, o.subject())
	}
	status := string(o.Status)
	if o.Status != bench.OK {
		status = strings.ToUpper(status)
	}
	if o.Status == bench.Unavailable {
		out.WriteString("unavailable:\n")
	} else {
		fmt.Fprintf(out, "%-*s  %-7s  %.1f s\n", promise, o.Check, status, float64(o.TimeNS)/1e9)
	}
	notes := strings.FieldsFunc(o.Note, func(r rune) bool { return r == '\n' })
	for _, note := range notes[:min(most, len(notes))] {
		out.WriteString("  " + note + "\n")
	}
	if more := len(notes) - most; more > 0 {
		fmt.Fprintf(out, "  and %d more, which --format json has\n", more)
	}
	if o.Hint != "" {
		out.WriteString("  hint: " + o.Hint + "\n")
	}
	return out.String()
}

// A tally collects the outcomes of checks and prints each as it comes.
type tally struct {
	Checks      []outcome            `json:"checks"`
	Count       map[bench.Status]int `json:"count"`
	Planned     int                  `json:"planned"` // checks of all contenders that are available
	Interrupted bool                 `json:"interrupted"`

	out      io.Writer
	writing  error // the first error of out
	show     *screen.Progress
	started  time.Time
	subjects int // width of their column; 0 leaves it out
	promises int // width of their column
}

// newTally returns a tally of checks with these promises. Its clock starts now.
func newTally(out, stderr io.Writer, promises []string) *tally {
	t := &tally{Count: map[bench.Status]int{}, out: out, show: screen.NewProgress(stderr), started: time.Now()}
	for _, p := range promises {
		t.promises = max(t.promises, len(p))
	}
	return t
}

// attempt runs one check and returns its status. The outcome does not count if ctx ended meanwhile.
func (t *tally) attempt(ctx context.Context, o outcome, check func() error) bench.Status {
	t.show.Tell(t.progress(o))
	begin := time.Now()
	err := check()
	o.TimeNS = time.Since(begin).Nanoseconds()
	t.show.End()
	o.Status = statusOf(err)
	if ctx.Err() == nil {
		t.add(o, err)
	}
	return o.Status
}

// statusOf returns the status of a check that returned err.
func statusOf(err error) bench.Status {
	var mild conformance.Mild
	switch {
	case err == nil:
		return bench.OK
	case errors.As(err, &mild):
		return warning
	case errors.Is(err, conformance.ErrWrong):
		return bench.Wrong
	}
	return bench.Failed
}

// progress says how far the checks are when the turn of next comes.
func (t *tally) progress(next outcome) screen.Job {
	done := t.done()
	job := screen.Job{
		Doing: strings.TrimSpace(next.subject() + " " + next.Check), Start: time.Now(),
		Done: float64(done) / float64(t.Planned),
	}
	if done > 0 {
		left := time.Since(t.started) / time.Duration(done) * time.Duration(t.Planned-done)
		job.Ends = time.Now().Add(left)
	}
	return job
}

// done returns how many checks were made.
func (t *tally) done() int {
	return t.Count[bench.OK] + t.Count[warning] + t.broken()
}

// broken returns how many promises that a run needs are broken.
func (t *tally) broken() int { return t.Count[bench.Wrong] + t.Count[bench.Failed] }

// add keeps and prints an outcome. cause says why the check failed, nil if it did not. The cause's
// hint replaces the check's hint.
func (t *tally) add(o outcome, cause error) {
	if cause == nil {
		o.Hint = ""
	} else {
		o.Note = cause.Error() + lastWords(cause)
		o.Hint = cmp.Or(hintOf(cause), o.Hint)
	}
	t.Checks = append(t.Checks, o)
	t.Count[o.Status]++
	t.printf("%s", o.text(t.subjects, t.promises))
}

// lastWords returns the last line that a worker wrote to stderr, if the worker ended or hung.
func lastWords(err error) string {
	var worker *bench.WorkerError
	if !errors.As(err, &worker) || worker.Answered || worker.Stderr == "" {
		return ""
	}
	return "\nits last words: " + lastLine(worker.Stderr)
}

func lastLine(s string) string { return s[strings.LastIndexByte(s, '\n')+1:] }

func (t *tally) printf(format string, args ...any) {
	if t.writing == nil {
		_, t.writing = fmt.Fprintf(t.out, format, args...)
	}
}
