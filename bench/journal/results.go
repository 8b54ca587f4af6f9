package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"time"

	"descent/bench"
	"descent/bench/internal/jsonl"
	"descent/bench/internal/proc"
	"descent/bench/machine"
)

// Read reads the runs in the results file at path, whole or cut short. There is at least one. The
// last one may still be in progress.
func Read(path string) ([]*Results, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	runs, err := Decode(f, path)
	if err == nil {
		last := runs[len(runs)-1]
		last.InProgress = last.End == nil && proc.Lock(f)
	}
	return runs, err
}

// Decode reads the runs of a results file from r. There is at least one; path is the file's name in
// errors. A last line that was torn off in the middle is left out, because a run that was killed
// leaves one. Any other line that is no record is an error.
func Decode(r io.Reader, path string) ([]*Results, error) {
	runs, _, err := decodeRuns(r, path)
	if err == nil && len(runs) == 0 {
		err = fmt.Errorf("%s: not a results file: it is empty", path)
	}
	return runs, err
}

// decodeRuns is Decode, but takes a file without runs too. size is the size of the whole records,
// in bytes: a torn line begins there.
func decodeRuns(r io.Reader, path string) (runs []*Results, size int64, err error) {
	lines := jsonl.NewScanner(r)
	lines.Split(wholeLines)
	n := 0
	for lines.Scan() {
		n++
		line, whole := bytes.CutSuffix(lines.Bytes(), []byte("\n"))
		var rec Record
		err := jsonl.Decode(line, &rec)
		if err != nil && !whole && n > 1 {
			break
		}
		if err == nil && (rec.Header != nil || len(runs) == 0) {
			runs = append(runs, new(Results))
		}
		if err == nil {
			printable(reflect.ValueOf(&rec))
			err = runs[len(runs)-1].add(rec)
		}
		if err != nil {
			return nil, 0, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		size += int64(len(lines.Bytes()))
	}
	err = lines.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		err = fmt.Errorf("a line of more than %d bytes is no record", jsonl.MaxLine)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("%s:%d: %w", path, n+1, err)
	}
	return runs, size, nil
}

// wholeLines is a bufio.SplitFunc for lines with their newline. So a last line without one is seen.
func wholeLines(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i+1], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

// Results holds the records of one run, in the order of the file.
type Results struct {
	Header    *Header
	Resumes   []Resumed
	Twin      *bench.Contender // nil until it is known
	Processes []Started
	Warm      []Warmed
	Samples   []Sample
	Faults    []Fault
	Exits     []Exit
	End       *End   // nil where the run was cut short
	Swept     *Swept // nil unless the run is the last of its sweep
	// InProgress says that another process still writes to the file. Only Read finds it out.
	InProgress bool

	ended []*End // of the sessions before the last

	blocks       int // so far
	blocksBefore int // before the last session
}

func (r *Results) add(rec Record) error {
	if err := rec.check(r); err != nil {
		return err
	}
	switch {
	case rec.Header != nil:
		r.Header = rec.Header
	case rec.Resume != nil:
		if r.End != nil {
			r.ended = append(r.ended, r.End)
		}
		r.Resumes, r.End, r.Swept, r.blocksBefore = append(r.Resumes, *rec.Resume), nil, nil, r.blocks
	case rec.Twin != nil:
		r.Twin = rec.Twin
	case rec.Process != nil:
		r.Processes = append(r.Processes, *rec.Process)
	case rec.Warm != nil:
		r.Warm = append(r.Warm, *rec.Warm)
	case rec.Sample != nil:
		r.Samples = append(r.Samples, *rec.Sample)
		if !rec.Sample.Warmup {
			r.blocks = max(r.blocks, rec.Sample.Block+1)
		}
	case rec.Fault != nil:
		r.Faults = append(r.Faults, *rec.Fault)
	case rec.Exit != nil:
		r.Exits = append(r.Exits, *rec.Exit)
	case rec.End != nil:
		r.End = rec.End
	case rec.Swept != nil:
		r.Swept = rec.Swept
	}
	return nil
}

// LastPlan returns the plan of the session that ended the run. It is the header's if the run was
// never resumed, or if the file does not say how.
func (r *Results) LastPlan() Plan {
	plan := r.Header.Plan
	for _, session := range r.Resumes {
		if session.Budget > 0 {
			plan.Processes, plan.Resolution, plan.Budget = session.Processes, session.Resolution, session.Budget
		}
	}
	return plan
}

// all returns the contenders of the header, and then the twin, if there is one.
func (r *Results) all() []bench.Contender {
	if r.Twin == nil {
		return r.Header.Contenders
	}
	return append(slices.Clip(r.Header.Contenders), *r.Twin)
}

func (r *Results) names() []string { return bench.Names(r.all()) }

// Machine returns the state of the machine over the run. A run that was resumed has the worst state
// of its sessions. watched reports whether all sessions ended in order: of a session that was cut
// short, only the state before it is known.
func (r *Results) Machine() (state []machine.Assessment, watched bool) {
	ended := r.ended
	if r.End != nil {
		ended = append(slices.Clip(ended), r.End)
	}
	for _, end := range ended {
		state = machine.WorstOf(state, end.Machine)
	}
	if watched = len(ended) == 1+len(r.Resumes); watched {
		return state, true
	}
	state = machine.WorstOf(state, r.Header.Machine)
	for _, resumed := range r.Resumes {
		state = machine.WorstOf(state, resumed.Machine)
	}
	return state, false
}

// Began returns when the last session of the run began.
func (r *Results) Began() time.Time {
	if n := len(r.Resumes); n > 0 {
		return r.Resumes[n-1].Time
	}
	return r.Header.Time
}

// BlockNS returns how long a block took in the session that ended the run, the start of its
// processes included. It returns 0 if that is not known.
func (r *Results) BlockNS() int64 {
	if r.End == nil || r.blocks <= r.blocksBefore {
		return 0
	}
	return r.End.TotalNS / int64(r.blocks-r.blocksBefore)
}
