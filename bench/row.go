package bench

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A Status says what became of a contender.
type Status string

// The statuses of a row.
const (
	OK          Status = "ok"
	Unavailable Status = "unavailable" // cannot run on this machine: not an error
	Wrong       Status = "wrong"       // an answer was out of tolerance
	Failed      Status = "failed"      // the worker died, hung, or broke the protocol
	Untrusted   Status = "untrusted"   // the clocks contradict each other
)

// A Report is what a results file comes to: one row a contender, in the order of
// the file's header.
type Report struct {
	Env  Env  `json:"env"`
	Plan Plan `json:"plan"`
	// Probe is what the device was measured to do just before the run, nil where it was not.
	Probe *Probe `json:"probe,omitempty"`
	Rows  []Row  `json:"rows"`
	// End says how the run ended: "complete", "budget", "interrupted", or
	// "cut short" where the file has no end.
	End string `json:"end"`
}

// A Row is what is known of one contender. Only a row whose status is OK has times;
// they are those of descents of Epochs epochs each.
type Row struct {
	Contender string   `json:"contender"`
	Backend   string   `json:"backend"`
	Precision string   `json:"precision"`
	N         int      `json:"n"`
	Features  int      `json:"features"`
	Epochs    int      `json:"epochs"`
	Samples   int      `json:"samples"`
	Processes int      `json:"processes"`
	Run       *Summary `json:"run_ns,omitempty"`
	Load      *Summary `json:"load_ns,omitempty"`
	Init      *Summary `json:"init_ns,omitempty"`
	Device    *Summary `json:"device_ns,omitempty"`
	// Phases are those of a contender with a device; EpochBytes, BytesPerS and
	// BandwidthShare its use of that device's memory, X and d counted once an epoch. 0 is
	// not known.
	Phases         *RowPhases `json:"phases,omitempty"`
	EpochBytes     float64    `json:"epoch_bytes,omitempty"`
	BytesPerS      float64    `json:"bytes_per_s,omitempty"`
	BandwidthShare float64    `json:"bandwidth_share,omitempty"` // of the probe's reading
	PeakBytes      int64      `json:"peak_bytes,omitempty"`
	W              Vector     `json:"w"`
	Verified       bool       `json:"verified"` // every sample's w was within Tolerance of the oracle
	MaxError       Number     `json:"max_error"`
	Tolerance      float64    `json:"tolerance"`
	Info           Info       `json:"info"`
	Status         Status     `json:"status"`
	Note           string     `json:"note"` // why, where the status is not OK
	Hint           string     `json:"hint,omitempty"`
	Stderr         string     `json:"stderr,omitempty"` // the end of what the worker wrote there
}

const unreached = "the run ended before its first sample"

// Unreached reports whether all that is wrong with a row is that its run ended too early.
func (r *Row) Unreached() bool { return r.Status == Failed && r.Note == unreached }

// PerEpoch returns the median time of one epoch in nanoseconds; 0 without times.
func (r *Row) PerEpoch() float64 {
	if r.Run == nil {
		return 0
	}
	return r.Run.Median / float64(r.Epochs)
}

// Report reduces the results to rows.
func (r *Results) Report() *Report {
	rep := &Report{Env: r.Header.Env, Plan: r.Header.Plan, Probe: r.Header.Probe, End: "cut short"}
	if r.End != nil {
		rep.End = r.End.Reason
	}
	for _, c := range r.Header.Contenders {
		rep.Rows = append(rep.Rows, r.row(c))
	}
	return rep
}

func (r *Results) row(c Contender) Row {
	name := c.Name()
	row := Row{
		Contender: name, Backend: c.Backend, Precision: c.Precision.String(),
		N: r.Header.Plan.N, Features: r.Header.Plan.Features, Status: OK,
	}
	var init, load []float64
	for _, p := range r.Processes {
		if p.Contender == name {
			p.Info.Threads = max(p.Info.Threads, row.Info.Threads) // the most of any process
			row.Info = p.Info
			init, load = append(init, float64(p.InitNS)), append(load, float64(p.LoadNS))
		}
	}
	row.Info.Note = r.remarks(name)
	row.Init, row.Load = Summarize(init), Summarize(load)
	row.addSamples(r.Samples)
	for _, e := range r.Exits {
		if e.Contender == name {
			row.PeakBytes = max(row.PeakBytes, e.PeakBytes)
		}
	}
	for _, f := range r.Faults {
		if f.Contender == name {
			row.addFault(f)
		}
	}
	if row.Samples == 0 && row.Status == OK {
		row.Status, row.Note = Failed, unreached
	}
	if row.Status != OK {
		row.Run, row.Device = nil, nil
		return row
	}
	row.Phases = r.phases(name)
	row.addBandwidth(c.Precision.Bytes(), r.Header.Probe)
	return row
}

// aTime is one in a note, as 5.2 µs.
var aTime = regexp.MustCompile(`[0-9.]+ (ns|µs|ms|s)\b`)

// remarks joins the notes of a contender's processes, which may differ, and those that their descents have
// made others. Of notes that differ in times alone the last stands for all: the first is of a process's first
// descent. One that goes on where another ends stands for both.
func (r *Results) remarks(name string) string {
	var notes []string
	for _, p := range r.Processes {
		if p.Contender == name {
			notes = append(notes, p.Info.Note)
		}
	}
	for _, s := range r.Samples {
		if s.Contender == name {
			notes = append(notes, s.Note)
		}
	}
	var said, kinds []string
	for _, note := range notes {
		kind := aTime.ReplaceAllString(note, "")
		i := slices.IndexFunc(kinds, func(k string) bool { return strings.HasPrefix(k, kind) || strings.HasPrefix(kind, k) })
		switch {
		case i >= 0 && len(kind) >= len(kinds[i]):
			said[i], kinds[i] = note, kind
		case i < 0 && note != "":
			said, kinds = append(said, note), append(kinds, kind)
		}
	}
	return strings.Join(said, "; ")
}

// addSamples takes up this row's samples. One wrong answer makes the row wrong: it has
// no time then, whatever the others were.
func (row *Row) addSamples(samples []Sample) {
	var run, device []float64
	var late error
	prompt := false
	processes := map[int]bool{}
	for _, s := range samples {
		if s.Contender != row.Contender {
			continue
		}
		row.MaxError = Number(max(float64(row.MaxError), float64(s.MaxError))) // max keeps NaN
		row.Tolerance = max(row.Tolerance, s.Tolerance)
		switch {
		case s.Wrong != "":
			row.Status, row.Note, row.W = Wrong, fmt.Sprintf("after %d epochs: %s", s.Epochs, s.Wrong), s.W
		case s.Untrusted != "" && row.Status == OK:
			row.Status, row.Note = Untrusted, s.Untrusted
		}
		if err := checkOverhead(&s); err != nil {
			late = err
		} else {
			prompt = true
		}
		if s.Warmup {
			continue
		}
		run = append(run, float64(s.RunNS))
		if s.DeviceNS > 0 {
			device = append(device, float64(s.DeviceNS))
		}
		processes[s.Process] = true
		row.Epochs = s.Epochs
		if row.Status != Wrong {
			row.W = s.W
		}
	}
	row.Samples, row.Processes = len(run), len(processes)
	row.Verified = len(run) > 0 && row.Status != Wrong
	row.Run, row.Device = Summarize(run), Summarize(device)
	if late != nil && !prompt && row.Status == OK {
		row.Status, row.Note = Untrusted, late.Error()
	}
}

func (row *Row) addFault(f Fault) {
	if row.Status == Wrong {
		return
	}
	row.Status, row.Note, row.Hint, row.Stderr = Failed, f.Error, f.Hint, f.Stderr
	if f.Unavailable {
		row.Status = Unavailable
	}
	row.Note = strings.TrimPrefix(row.Note, row.Contender+": ")
}
