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
)

// warning is the status of a check that found what a run can do with.
const warning bench.Status = "warning"

// A finding is the outcome of one check of one contender, or that it is unavailable.
type finding struct {
	Contender     string       `json:"contender"`
	MaxBlockBytes int64        `json:"max_block_bytes,omitempty"` // the lowered limit on a storage block
	Check         string       `json:"check,omitempty"`
	Status        bench.Status `json:"status"`
	TimeNS        int64        `json:"time_ns,omitempty"`
	Note          string       `json:"note,omitempty"`
	Hint          string       `json:"hint,omitempty"`
}

// subject names what was checked.
func (f finding) subject() string {
	if f.MaxBlockBytes == 0 {
		return f.Contender
	}
	return fmt.Sprintf("%s in %d KiB blocks", f.Contender, f.MaxBlockBytes>>10)
}

// text is a finding's line, with what was checked in a column so wide, none if that is 0, and the promise in another,
// and below it what there is to say.
func (f finding) text(subject, promise int) string {
	const most = 10 // lines of the cases of one check
	out := &strings.Builder{}
	if subject > 0 {
		fmt.Fprintf(out, "%-*s  ", subject, f.subject())
	}
	status := string(f.Status)
	if f.Status != bench.OK {
		status = strings.ToUpper(status)
	}
	if f.Status == bench.Unavailable {
		out.WriteString("unavailable:\n")
	} else {
		fmt.Fprintf(out, "%-*s  %-7s  %.1f s\n", promise, f.Check, status, float64(f.TimeNS)/1e9)
	}
	notes := strings.FieldsFunc(f.Note, func(r rune) bool { return r == '\n' })
	for _, note := range notes[:min(most, len(notes))] {
		out.WriteString("  " + note + "\n")
	}
	if more := len(notes) - most; more > 0 {
		fmt.Fprintf(out, "  and %d more, which --format json has\n", more)
	}
	if f.Hint != "" {
		out.WriteString("  hint: " + f.Hint + "\n")
	}
	return out.String()
}

// A tally is what checks found, told line by line as it comes.
type tally struct {
	Checks      []finding            `json:"checks"`
	Count       map[bench.Status]int `json:"count"`
	Planned     int                  `json:"planned"` // checks, without those of contenders that are unavailable
	Interrupted bool                 `json:"interrupted"`

	out      io.Writer // nil for none
	writing  error     // the first of out
	stderr   io.Writer // for progress, on a terminal
	started  time.Time
	subjects int // width of their column, 0 for none
	promises int // likewise
}

// newTally returns one of checks with those promises, which begins now.
func newTally(out, stderr io.Writer, promises []string) *tally {
	t := &tally{Count: map[bench.Status]int{}, out: out, stderr: stderr, started: time.Now()}
	for _, p := range promises {
		t.promises = max(t.promises, len(p))
	}
	return t
}

// attempt runs one check, whose outcome counts unless ctx ended in it, and returns the status that the check came to.
func (t *tally) attempt(ctx context.Context, f finding, check func() error) bench.Status {
	show := newProgress(t.stderr, false)
	show.tell(t.progress(f))
	begin := time.Now()
	err := check()
	f.TimeNS = time.Since(begin).Nanoseconds()
	show.end()
	f.Status = statusOf(err)
	if ctx.Err() == nil {
		t.add(f, err)
	}
	return f.Status
}

// statusOf is what the outcome of a check comes to.
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

func (t *tally) progress(next finding) bench.Progress {
	done := t.done()
	p := bench.Progress{Doing: strings.TrimSpace(next.subject() + " " + next.Check), Done: float64(done) / float64(t.Planned)}
	if done > 0 {
		p.Left = time.Since(t.started) / time.Duration(done) * time.Duration(t.Planned-done)
	}
	return p
}

// done is how many checks were made.
func (t *tally) done() int {
	return t.Count[bench.OK] + t.Count[warning] + t.broken()
}

// broken is how many checks found what no run can do with.
func (t *tally) broken() int { return t.Count[bench.Wrong] + t.Count[bench.Failed] }

// add keeps a finding, with its cause if it is not OK, and prints it. A hint that the cause has
// comes before that of the check.
func (t *tally) add(f finding, cause error) {
	if cause == nil {
		f.Hint = ""
	} else {
		f.Note = cause.Error() + lastWords(cause)
		f.Hint = cmp.Or(hintOf(cause), f.Hint)
	}
	t.Checks = append(t.Checks, f)
	t.Count[f.Status]++
	t.printf("%s", f.text(t.subjects, t.promises))
}

// lastWords is a line with the last one that a worker wrote to stderr, if it ended or hung.
func lastWords(err error) string {
	var worker *bench.WorkerError
	if !errors.As(err, &worker) || worker.Told || worker.Stderr == "" {
		return ""
	}
	return "\nits last words: " + lastLine(worker.Stderr)
}

func lastLine(s string) string { return s[strings.LastIndexByte(s, '\n')+1:] }

func (t *tally) printf(format string, args ...any) {
	if t.out != nil && t.writing == nil {
		_, t.writing = fmt.Fprintf(t.out, format, args...)
	}
}
