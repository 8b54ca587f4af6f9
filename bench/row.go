package bench

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"descent/bench/machine"
	"descent/bench/stats"
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
	// Machine is its state over the run, before it where the run was cut short; Grade is the worst of its grades.
	Machine []machine.Assessment `json:"machine,omitempty"`
	Grade   machine.Grade        `json:"grade,omitempty"`
	// Probe is what the device was measured to do just before the run, nil where it was not.
	Probe *Probe `json:"probe,omitempty"`
	Rows  []Row  `json:"rows"`
	// Null is the null arm, nil where there was none.
	Null *Null `json:"null,omitempty"`
	// End says how the run ended: "resolved", "complete", "budget", "interrupted", or
	// "cut short" where the file has no end.
	End string `json:"end"`
	// TotalNS is how long the measuring took in the session that ended it, and BlockNS how long a block did: what all
	// contenders took, over the number of blocks. DriverNS and DriverBytes are what the driver itself used.
	TotalNS     int64 `json:"total_ns,omitempty"`
	BlockNS     int64 `json:"block_ns,omitempty"`
	DriverNS    int64 `json:"driver_cpu_ns,omitempty"`
	DriverBytes int64 `json:"driver_bytes,omitempty"`
}

// A Row is what is known of one contender. Only a row whose status is OK has times;
// they are those of descents of Epochs epochs each.
type Row struct {
	Contender string         `json:"contender"`
	Backend   string         `json:"backend"`
	Precision string         `json:"precision"`
	N         int            `json:"n"`
	Features  int            `json:"features"`
	Epochs    int            `json:"epochs"`
	Calls     int            `json:"calls"` // descents a sample
	Samples   int            `json:"samples"`
	Processes int            `json:"processes"`
	Run       *stats.Summary `json:"run_ns,omitempty"` // of one descent
	Load      *stats.Summary `json:"load_ns,omitempty"`
	Init      *stats.Summary `json:"init_ns,omitempty"`
	Device    *stats.Summary `json:"device_ns,omitempty"` // of one descent
	// Timeit is the article's figure for a descent: the least mean of any process's samples.
	Timeit float64 `json:"timeit_ns,omitempty"`
	// Baseline and Fastest say how many times as fast the row is as the baseline's and as the fastest; nil for these
	// themselves.
	Baseline *stats.Ratio `json:"vs_baseline,omitempty"`
	Fastest  *stats.Ratio `json:"vs_fastest,omitempty"`
	// Busy is how many processors the contender kept busy during its samples, waiting in a loop included: the median over the
	// samples of 10 ms and more of the processor time of its process over the driver's time around the exchange; 0 where
	// that is not known. Of each thread that still runs when the answer is there, up to a tick of the scheduler (1, 4 or
	// 10 ms) is not counted yet, mostly far less: by that share of a sample Busy may be too low. Processes that the worker
	// starts are not in it.
	Busy float64 `json:"busy,omitempty"`
	// What may be wrong with the samples, all of which are counted: those far from their process's others; how many were
	// taken while the processor was slow, and while other contenders were awake; of how many processes the warm-up ended
	// before their times were steady; and which share of a sample the protocol took.
	Outliers      []stats.Outlier `json:"outliers,omitempty"`
	Slowed        int             `json:"slowed,omitempty"`
	Disturbed     int             `json:"disturbed,omitempty"`
	Unsettled     int             `json:"unsettled,omitempty"`
	OverheadShare float64         `json:"overhead_share,omitempty"`
	// Phases are those of a contender that tells any; EpochBytes, BytesPerS and
	// BandwidthShare the use of its device's memory, if it is not the processor, X and d counted once an epoch. 0 is
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

	timings stats.Series
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

// Times returns the time of a descent in every sample, in nanoseconds, process by process; none where the row has no
// times, or was not read from a results file.
func (r *Row) Times() []float64 {
	times := r.timings.All()
	for i := range times {
		times[i] *= float64(r.Epochs)
	}
	return times
}

// Report reduces the results to rows.
func (r *Results) Report() *Report {
	h := r.Header
	rep := &Report{Env: h.Env, Plan: h.Plan, Machine: h.Machine, Probe: h.Probe, End: CutShort}
	if n := len(r.Resumes); n > 0 {
		rep.Machine = r.Resumes[n-1].Machine
	}
	if r.End != nil {
		rep.End, rep.TotalNS, rep.Machine = r.End.Reason, r.End.TotalNS, r.End.Machine
		rep.DriverNS, rep.DriverBytes = r.End.DriverNS, r.End.DriverBytes
	}
	if rep.Machine != nil {
		rep.Grade = machine.Worst(rep.Machine)
	}
	full := r.fullSpeed()
	for _, c := range h.Contenders {
		rep.Rows = append(rep.Rows, r.row(c, full))
	}
	if r.Twin != nil {
		rep.addNull(r.row(*r.Twin, full), r.Twin.twinOf())
	}
	rep.addRatios()
	rep.BlockNS = r.blockNS()
	return rep
}

func (r *Results) row(c Contender, fullSpeed float64) Row {
	name := c.Name()
	row := Row{
		Contender: name, Backend: c.Backend, Precision: c.Precision.String(),
		N: r.Header.Plan.N, Features: r.Header.Plan.Features, Status: OK,
		timings: stats.Series{},
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
	row.Init, row.Load = stats.Summarize(init), stats.Summarize(load)
	row.addSamples(r.Samples, fullSpeed)
	row.addBusy(r.Samples)
	row.addWarm(r.Warm)
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
		row.Run, row.Device, row.Timeit, row.Outliers, row.timings = nil, nil, 0, nil, nil
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
func (row *Row) addSamples(samples []Sample, fullSpeed float64) {
	device := stats.Series{}
	var late error
	prompt := false
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
		if s.Warmup {
			continue // one of an epoch or two is too short to tell whether its answer was late
		}
		if err := checkOverhead(&s); err != nil {
			late = err
		} else {
			prompt = true
		}
		row.timings.Add(s.Process, s.perEpoch())
		if s.DeviceNS > 0 {
			device.Add(s.Process, float64(s.DeviceNS)/float64(s.calls())/float64(s.Epochs))
		}
		row.Epochs, row.Calls = s.Epochs, s.calls()
		if s.slowed(fullSpeed) {
			row.Slowed++
		}
		if len(s.Awake) > 0 {
			row.Disturbed++
		}
		if row.Status != Wrong {
			row.W = s.W
		}
	}
	row.Samples, row.Processes = len(row.timings.All()), len(row.timings)
	row.Verified = row.Samples > 0 && row.Status != Wrong
	epochs := float64(row.Epochs)
	row.Run, row.Device, row.Outliers = row.timings.Summary(epochs), device.Summary(epochs), row.timings.Outliers()
	if row.Samples > 0 {
		row.Timeit = row.timings.Timeit(epochs)
	}
	if late != nil && !prompt && row.Samples >= minSamples && row.Status == OK {
		row.Status, row.Note = Untrusted, late.Error()
	}
}

// addWarm takes up what is known of this row's warm-ups.
func (row *Row) addWarm(warm []Warmed) {
	var overheads []float64
	for _, w := range warm {
		if w.Contender != row.Contender {
			continue
		}
		overheads = append(overheads, float64(w.OverheadNS))
		if !w.Settled {
			row.Unsettled++
		}
	}
	if row.Run != nil && len(overheads) > 0 {
		row.OverheadShare = stats.Median(overheads) / (row.Run.Median * float64(row.Calls))
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
