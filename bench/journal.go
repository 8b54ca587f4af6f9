package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"time"
)

// Schema is the version of the results file that this package writes and reads.
const Schema = 1

// A Record is one line of a results file: exactly one of its fields is set. The first
// line is the header; what follows is in the order in which it became known.
type Record struct {
	Header  *Header  `json:"header,omitempty"`
	Process *Started `json:"process,omitempty"`
	Sample  *Sample  `json:"sample,omitempty"`
	Fault   *Fault   `json:"fault,omitempty"`
	Exit    *Exit    `json:"exit,omitempty"`
	End     *End     `json:"end,omitempty"`
}

// A Header says what was to be measured, and on what.
type Header struct {
	Schema     int         `json:"schema"`
	Time       time.Time   `json:"time"`
	Plan       Plan        `json:"plan"`
	Env        Env         `json:"env"`
	Contenders []Contender `json:"contenders"`
}

// Started is written when a contender's process is ready to descend.
type Started struct {
	Contender string `json:"contender"`
	Process   int    `json:"process"`
	Info      Info   `json:"info"`
	InitNS    int64  `json:"init_ns"`
	LoadNS    int64  `json:"load_ns"`
}

// A Sample is one timed call of descend.
type Sample struct {
	Contender string  `json:"contender"`
	Process   int     `json:"process"`
	Block     int     `json:"block"`
	Warmup    bool    `json:"warmup,omitempty"`
	Epochs    int     `json:"epochs"`
	RunNS     int64   `json:"run_ns"`  // the worker's clock around the call
	WallNS    int64   `json:"wall_ns"` // the driver's clock around the exchange
	DeviceNS  int64   `json:"device_ns,omitempty"`
	W         Vector  `json:"w"`
	MaxError  Number  `json:"max_error"` // greatest difference from the oracle in any entry of w
	Tolerance float64 `json:"tolerance"`
	Wrong     string  `json:"wrong,omitempty"`     // how w is out of tolerance
	Untrusted string  `json:"untrusted,omitempty"` // why the time cannot be right
}

// A Fault ends a contender's part in the run.
type Fault struct {
	Contender   string `json:"contender"`
	Process     int    `json:"process"`
	Unavailable bool   `json:"unavailable,omitempty"`
	Error       string `json:"error"`
	Hint        string `json:"hint,omitempty"`
	Stderr      string `json:"stderr,omitempty"`
}

// Exit is written when a contender's process has ended in order.
type Exit struct {
	Contender string `json:"contender"`
	Process   int    `json:"process"`
	PeakBytes int64  `json:"peak_bytes,omitempty"`
}

// End is the last line of a run that ended in order.
type End struct {
	Reason  string `json:"reason"` // "complete", "budget" or "interrupted"
	TotalNS int64  `json:"total_ns"`
}

// A Number is a float64 whose JSON form has room for NaN and the infinities, as
// Vector's has.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	b, err := Vector{float64(n)}.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return b[1 : len(b)-1], nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *Number) UnmarshalJSON(data []byte) error {
	var v Vector
	if err := v.UnmarshalJSON([]byte("[" + string(data) + "]")); err != nil {
		return err
	}
	*n = Number(v[0])
	return nil
}

// A Journal is a results file being written. Every record is on the disk when Write
// returns, so that a run that is killed loses nothing that it knew.
type Journal struct {
	f       *os.File
	written bool
	err     error // of the first write that failed: no line follows a torn one
}

// CreateJournal makes a new results file. A file that exists is not overwritten.
func CreateJournal(path string) (*Journal, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o644)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("%s exists, and results are not overwritten: remove it or name another file", path)
	}
	if err != nil {
		return nil, err
	}
	return &Journal{f: f}, nil
}

// Write appends r and waits until it is on the disk.
func (j *Journal) Write(r Record) error {
	line, err := encodeLine(r)
	if err != nil {
		return err
	}
	if j.err != nil {
		return j.err
	}
	if _, j.err = j.f.Write(line); j.err == nil {
		j.written, j.err = true, j.f.Sync()
	}
	return j.err
}

// Close closes the file, and removes one that has no record.
func (j *Journal) Close() error {
	if !j.written {
		return errors.Join(j.f.Close(), os.Remove(j.f.Name()))
	}
	return j.f.Close()
}

// ReadJournal reads the results file at path, whole or cut short.
func ReadJournal(path string) (*Results, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return DecodeJournal(f, path)
}

// DecodeJournal reads a results file from r; path is its name in errors. A last line
// that was torn off in the middle is left out: that is what a run that was killed
// leaves. Any other line that is no record is an error.
func DecodeJournal(r io.Reader, path string) (*Results, error) {
	lines := newLines(r)
	lines.Split(wholeLines)
	var results Results
	n := 0
	for lines.Scan() {
		n++
		line, whole := bytes.CutSuffix(lines.Bytes(), []byte("\n"))
		var rec Record
		err := decodeLine(line, &rec)
		if err != nil && !whole && n > 1 {
			break
		}
		if err == nil {
			err = results.add(rec)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
	}
	err := lines.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		err = fmt.Errorf("a line of more than %d bytes is no record", maxLine)
	}
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", path, n+1, err)
	}
	if results.Header == nil {
		return nil, fmt.Errorf("%s: not a results file: it is empty", path)
	}
	return &results, nil
}

// wholeLines is a bufio.SplitFunc for lines with their newline, so that a last line
// that lacks it is known for what it is.
func wholeLines(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i+1], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

// Results is what a results file holds, in the order of the file.
type Results struct {
	Header    *Header
	Processes []Started
	Samples   []Sample
	Faults    []Fault
	Exits     []Exit
	End       *End // nil where the run was cut short
}

func (r *Results) add(rec Record) error {
	if err := rec.check(r); err != nil {
		return err
	}
	switch {
	case rec.Header != nil:
		r.Header = rec.Header
	case rec.Process != nil:
		r.Processes = append(r.Processes, *rec.Process)
	case rec.Sample != nil:
		r.Samples = append(r.Samples, *rec.Sample)
	case rec.Fault != nil:
		r.Faults = append(r.Faults, *rec.Fault)
	case rec.Exit != nil:
		r.Exits = append(r.Exits, *rec.Exit)
	case rec.End != nil:
		r.End = rec.End
	}
	return nil
}

// check reports a record that cannot stand where it does.
func (rec Record) check(r *Results) error {
	name, set := "", 0
	note := func(present bool, contender string) {
		if present {
			set++
			name = contender
		}
	}
	note(rec.Header != nil, "")
	note(rec.End != nil, "")
	if rec.Process != nil {
		note(true, rec.Process.Contender)
	}
	if rec.Sample != nil {
		note(true, rec.Sample.Contender)
	}
	if rec.Fault != nil {
		note(true, rec.Fault.Contender)
	}
	if rec.Exit != nil {
		note(true, rec.Exit.Contender)
	}
	switch {
	case set != 1:
		return fmt.Errorf("a record holds one of header, process, sample, fault, exit and end, not %d of them", set)
	case (rec.Header != nil) != (r.Header == nil):
		return errors.New("a results file has one header, on its first line")
	case rec.Header != nil:
		return rec.Header.check()
	case r.End != nil:
		return errors.New("a record follows the end of the run")
	case rec.End == nil && !slices.Contains(Names(r.Header.Contenders), name):
		return fmt.Errorf("contender %q is not one of the header's: %s", name, strings.Join(Names(r.Header.Contenders), ", "))
	case rec.Process != nil && (rec.Process.InitNS < 0 || rec.Process.LoadNS < 0):
		return fmt.Errorf("a process took %d ns to open and %d ns to load: no time is negative", rec.Process.InitNS, rec.Process.LoadNS)
	case rec.Sample != nil && !r.started(rec.Sample):
		return fmt.Errorf("a sample of %s from process %d, which was never started", name, rec.Sample.Process)
	case rec.Sample != nil:
		return rec.Sample.check(r.Header)
	}
	return nil
}

// started reports whether the process that s is from is known.
func (r *Results) started(s *Sample) bool {
	for _, p := range slices.Backward(r.Processes) {
		if p.Contender == s.Contender && p.Process == s.Process {
			return true
		}
	}
	return false
}

func (h *Header) check() error {
	switch {
	case h.Schema != Schema:
		return fmt.Errorf("schema %d is not %d, the one this version of descent reads", h.Schema, Schema)
	case h.Plan.N < 1 || h.Plan.Features < 1 || h.Plan.Epochs < 1:
		return fmt.Errorf("the plan has n=%d, features=%d, epochs=%d: each is at least 1", h.Plan.N, h.Plan.Features, h.Plan.Epochs)
	case len(h.Contenders) == 0:
		return errors.New("the header names no contender")
	}
	names := Names(h.Contenders)
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("the header names contender %q twice", name)
		}
	}
	return nil
}

func (s *Sample) check(h *Header) error {
	switch {
	case s.Epochs < 1 || s.RunNS < 1:
		return fmt.Errorf("a sample of %d epochs in %d ns is none", s.Epochs, s.RunNS)
	case len(s.W) != h.Plan.Features+1:
		return fmt.Errorf("a sample has %d weights, not features+1 = %d", len(s.W), h.Plan.Features+1)
	case math.IsNaN(float64(s.MaxError)) && s.Wrong == "":
		return errors.New("a sample whose error is NaN is not marked wrong")
	}
	return nil
}
