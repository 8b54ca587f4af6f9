package bench

import (
	"errors"
	"fmt"
	"os"
	"time"

	"descent/bench/machine"
)

// Schema is the version of the results file that this package writes and reads.
const Schema = 2

// A Record is one line of a results file: exactly one of its fields is set. A run begins
// with its header; what follows is in the order in which it became known. A file holds one
// run or several, one after the other.
type Record struct {
	Header  *Header    `json:"header,omitempty"`
	Resume  *Resumed   `json:"resume,omitempty"`
	Process *Started   `json:"process,omitempty"`
	Warm    *Warmed    `json:"warm,omitempty"`
	Twin    *Contender `json:"twin,omitempty"` // the null arm, when it is known whose
	Sample  *Sample    `json:"sample,omitempty"`
	Fault   *Fault     `json:"fault,omitempty"`
	Exit    *Exit      `json:"exit,omitempty"`
	End     *End       `json:"end,omitempty"`
}

// A Header says what was to be measured, and on what.
type Header struct {
	Schema     int                  `json:"schema"`
	Version    string               `json:"version,omitempty"` // of descent
	Time       time.Time            `json:"time"`
	Plan       Plan                 `json:"plan"`
	Flags      map[string][]string  `json:"flags,omitempty"` // that the run was started with
	DataSum    string               `json:"data_sum,omitempty"`
	Env        Env                  `json:"env"`
	Machine    []machine.Assessment `json:"machine,omitempty"` // its state before the run
	Probe      *Probe               `json:"probe,omitempty"`
	Ceilings   []Ceiling            `json:"ceilings,omitempty"`
	Contenders []Contender          `json:"contenders"`
}

// Resumed is written when a run goes on that had ended, or was cut short.
type Resumed struct {
	Time    time.Time            `json:"time"`
	Machine []machine.Assessment `json:"machine,omitempty"`
}

// Started is written when a contender's process is ready to descend.
type Started struct {
	Contender string `json:"contender"`
	Process   int    `json:"process"`
	Info      Info   `json:"info"`
	InitNS    int64  `json:"init_ns"`
	LoadNS    int64  `json:"load_ns"`
	LoadPhases
}

// Warmed is written when a process's warm-up has ended, and says what a sample of it is.
type Warmed struct {
	Contender  string `json:"contender"`
	Process    int    `json:"process"`
	Samples    int    `json:"samples"`           // that the test for drift saw
	Settled    bool   `json:"settled,omitempty"` // the last of them showed no drift
	Epochs     int    `json:"epochs"`            // a call
	Calls      int    `json:"calls"`             // a sample
	OverheadNS int64  `json:"overhead_ns"`       // of an exchange by the driver's clock, beyond the worker's time; a median
}

// A Sample is one timed call of descend, or several.
type Sample struct {
	Contender  string   `json:"contender"`
	Process    int      `json:"process"`
	Block      int      `json:"block"`
	Warmup     bool     `json:"warmup,omitempty"`
	Epochs     int      `json:"epochs"`           // a call
	Calls      int      `json:"calls,omitempty"`  // 0 is 1
	RunNS      int64    `json:"run_ns"`           // the worker's clock around all calls
	WallNS     int64    `json:"wall_ns"`          // the driver's clock around the exchange
	CPUNS      int64    `json:"cpu_ns,omitempty"` // processor time of all the worker's threads in it; 0 is not known
	DeviceNS   int64    `json:"device_ns,omitempty"`
	DownloadNS int64    `json:"download_ns,omitempty"` // the part of RunNS that copied w back
	SpinNS     [2]int64 `json:"spin_ns,omitzero"`      // what a fixed computation of the driver's took, before and after
	Awake      []string `json:"awake,omitempty"`       // other contenders whose threads did not go to sleep
	W          Vector   `json:"w"`
	MaxError   Number   `json:"max_error"` // greatest difference from the oracle in any entry of w
	Tolerance  float64  `json:"tolerance"`
	Wrong      string   `json:"wrong,omitempty"`     // how w is out of tolerance
	Untrusted  string   `json:"untrusted,omitempty"` // why the time cannot be right
	Note       string   `json:"note,omitempty"`      // of the worker, where this descent has made it another
}

// calls is how many calls the sample is of.
func (s *Sample) calls() int { return max(1, s.Calls) }

// perCall is the time of one call in nanoseconds, and perEpoch that of one epoch.
func (s *Sample) perCall() float64  { return float64(s.RunNS) / float64(s.calls()) }
func (s *Sample) perEpoch() float64 { return s.perCall() / float64(s.Epochs) }

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

// Why a run ended.
const (
	Resolved    = "resolved"    // the ranking is known to the resolution
	Complete    = "complete"    // as many processes as were asked for
	OutOfBudget = "budget"      // used up
	Interrupted = "interrupted" // by its user
	CutShort    = "cut short"   // there is no End
)

// End is the last line of a run that ended in order.
type End struct {
	Reason  string               `json:"reason"`
	TotalNS int64                `json:"total_ns"`
	Machine []machine.Assessment `json:"machine,omitempty"` // its state over the run
	// What the driver itself used in the measuring: processor time, and memory at its end.
	DriverNS    int64 `json:"driver_cpu_ns,omitempty"`
	DriverBytes int64 `json:"driver_bytes,omitempty"`
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
	written bool  // there is a record in the file
	err     error // of the first write that failed: no line follows a torn one
}

// CreateJournal makes a new results file. A file that exists is not overwritten.
func CreateJournal(path string) (*Journal, error) {
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

// claim refuses a file that another run is writing to: the records of one would be taken
// for the other's.
func claim(f *os.File) error {
	if lock(f) {
		return errors.Join(fmt.Errorf("%s: another run is writing to it: wait for its end or name another file", f.Name()), f.Close())
	}
	return nil
}

// AppendJournal opens the results file at path for another run after those that it holds,
// without a line that was torn off at its end; it makes a new file where there is none. A
// file that is no results file is left as it is, with an error.
func AppendJournal(path string) (*Journal, error) {
	j, err := CreateJournal(path)
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
	if err := mend(f, path); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Journal{f: f, written: true}, nil
}

// mend cuts a torn line off the end of a results file and ends a whole one that lacks
// its newline.
func mend(f *os.File, path string) error {
	_, size, err := decodeRuns(f, path)
	if err != nil || size == 0 {
		return err
	}
	if err := f.Truncate(size); err != nil {
		return err
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, size-1); err != nil || last[0] == '\n' {
		return err
	}
	_, err = f.Write([]byte("\n"))
	return err
}

// Write appends r and waits until it is on the disk; for the samples of a warm-up, which tell nothing alone, not before
// the next record that is none.
func (j *Journal) Write(r Record) error {
	line, err := encodeLine(r)
	if err != nil {
		return err
	}
	if j.err != nil {
		return j.err
	}
	if err := j.append(line, r.Sample == nil || !r.Sample.Warmup); err != nil {
		j.err = unwritten{err, j.f.Name()}
	}
	return j.err
}

// append writes a line whole or not at all, as far as the disk lets it.
func (j *Journal) append(line []byte, sync bool) error {
	info, err := j.f.Stat()
	if err != nil {
		return err
	}
	if _, err := j.f.Write(line); err != nil {
		return errors.Join(err, j.f.Truncate(info.Size()))
	}
	j.written = true
	if !sync {
		return nil
	}
	return j.f.Sync()
}

// unwritten is the error of a record that could not be written.
type unwritten struct {
	error
	path string
}

func (e unwritten) Unwrap() error { return e.error }

// Hint implements Hinter.
func (e unwritten) Hint() string {
	return "what was measured before is in it; make room, and go on with 'descent run --resume " + e.path + "'"
}

// Close closes the file, and removes one that has no record.
func (j *Journal) Close() error {
	if !j.written {
		return errors.Join(j.f.Close(), os.Remove(j.f.Name()))
	}
	return j.f.Close()
}
