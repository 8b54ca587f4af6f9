// Package journal is the results file of a run: the plan, the machine, and a record of every
// sample, written as soon as it is known and read back later. It also has the rules by which the
// clocks of a sample are held against each other.
//
//	plan.go     what a run is asked to measure, and when two plans ask for the same
//	env.go      the machine
//	record.go   the lines of the file
//	sample.go   the line of a sample
//	sweep.go    which part of a sweep a run is, and how a sweep ended
//	clocks.go   the rules of the clocks and of the ceilings
//	journal.go  writing: new files, appending, a lock, torn lines
//	results.go  reading: the runs of a file
//	check.go    which record may stand where
package journal

import (
	"errors"
	"fmt"
	"os"

	"descent/bench/internal/jsonl"
	"descent/bench/internal/proc"
)

// A Journal is a results file that is being written. Every record is in the file when Write
// returns, so a run that is killed loses nothing that it knew. Samples are on the disk then.
type Journal struct {
	f       *os.File
	written bool  // there is a record in the file
	err     error // of the first write that failed: no line follows a torn one
	last    *Results
}

// Create makes a new results file. It does not overwrite a file that exists.
func Create(path string) (*Journal, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o644)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("%s: %w, and results are not overwritten: remove it or name another file", path, os.ErrExist)
	}
	if err != nil {
		return nil, err
	}
	if err := claim(f); err != nil {
		return nil, err
	}
	return &Journal{f: f}, nil
}

// claim locks f. It refuses a file that another run is writing to, because the records of one run
// would be taken for the other's.
func claim(f *os.File) error {
	if proc.Lock(f) {
		return errors.Join(fmt.Errorf("%s: another run is writing to it: wait for its end or name another file", f.Name()), f.Close())
	}
	return nil
}

// Append opens the results file at path for another run, and cuts off a torn line at its end. It
// makes a new file if there is none. It leaves a file that is no results file as it is, and returns
// an error.
func Append(path string) (*Journal, error) {
	j, err := Create(path)
	if !errors.Is(err, os.ErrExist) {
		return j, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil, err
	}
	if err := claim(f); err != nil {
		return nil, err
	}
	last, err := mend(f, path)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Journal{f: f, written: true, last: last}, nil
}

// Last returns the last run of the file, as Read would return it. It is nil if there is none. The
// next Write changes it.
func (j *Journal) Last() *Results { return j.last }

// mend cuts a torn line off the end of a results file, and ends a whole line that lacks its
// newline. It returns the last run of the file, nil if there is none.
func mend(f *os.File, path string) (*Results, error) {
	runs, size, err := decodeRuns(f, path)
	if err != nil || size == 0 {
		return nil, err
	}
	run := runs[len(runs)-1]
	if err := f.Truncate(size); err != nil {
		return nil, err
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, size-1); err != nil || last[0] == '\n' {
		return run, err
	}
	_, err = f.Write([]byte("\n"))
	return run, err
}

// Write appends r and waits until it is on the disk. It does not wait for records that tell nothing
// without a sample: the start of a process, its warm-up and its end. The next other record takes
// them along.
func (j *Journal) Write(r Record) error {
	line, err := jsonl.Encode(r)
	if err != nil {
		return err
	}
	if j.err != nil {
		return j.err
	}
	if err = j.writeLine(line); err == nil && !r.waits() {
		err = j.f.Sync()
	}
	if err != nil {
		j.err = unwritten{err, j.last != nil && j.last.Header.Sweep != nil}
		return j.err
	}
	return j.remember(r)
}

// waits reports whether the disk may have r later, with another record.
func (r *Record) waits() bool {
	return r.Process != nil || r.Warm != nil || r.Exit != nil || r.Sample != nil && r.Sample.Warmup
}

// remember adds a record that was written to the last run.
func (j *Journal) remember(r Record) error {
	if r.Header != nil {
		j.last = new(Results)
	}
	if j.last == nil {
		return nil
	}
	return j.last.add(r)
}

// writeLine writes a line whole or not at all, as far as the disk allows.
func (j *Journal) writeLine(line []byte) error {
	info, err := j.f.Stat()
	if err != nil {
		return err
	}
	if _, err := j.f.Write(line); err != nil {
		return errors.Join(err, j.f.Truncate(info.Size()))
	}
	j.written = true
	return nil
}

// unwritten is the error of a record that could not be written.
type unwritten struct {
	error
	ofSweep bool // the last run is of a sweep
}

func (e unwritten) Unwrap() error { return e.error }

// Hint implements bench.Hinter.
func (e unwritten) Hint() string {
	command := "run"
	if e.ofSweep {
		command = "sweep"
	}
	return "what was measured before is in it; make room, and go on with 'descent " + command + " --resume FILE'"
}

// Close closes the file, and removes it if it has no record. A second Close does nothing.
func (j *Journal) Close() error {
	err := j.f.Close()
	switch {
	case errors.Is(err, os.ErrClosed):
		return nil
	case !j.written:
		return errors.Join(err, os.Remove(j.f.Name()))
	}
	return err
}
