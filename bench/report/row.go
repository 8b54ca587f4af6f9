package report

import (
	"fmt"
	"iter"
	"maps"
	"regexp"
	"strings"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/stats"
	"descent/bench/typeset"
)

// A Row is what is known of one contender. Only a row whose status is OK has times. They are the
// times of descents of Epochs epochs each.
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
	// Baseline and Fastest say how many times as fast the row is as the baseline and as the fastest
	// row. Each is nil for that row itself.
	Baseline *stats.Ratio `json:"vs_baseline,omitempty"`
	Fastest  *stats.Ratio `json:"vs_fastest,omitempty"`
	// Busy is how many processors the contender kept busy during its samples, waiting in a loop
	// included; 0 if that is not known. It is the median, over the samples of at least 10 ms, of
	// the processor time of its process over the driver's time of the exchange. A thread that still
	// runs at the answer may lack its last tick (1, 4 or 10 ms), so Busy may be too low by that
	// share of a sample. Processes that the worker starts do not count.
	Busy float64 `json:"busy,omitempty"`
	// What may be wrong with the samples, all of which count.
	Outliers []stats.Outlier `json:"outliers,omitempty"`
	// Slowed is the number of samples taken while the processor was slow.
	Slowed int `json:"slowed,omitempty"`
	// Disturbed is the number of samples taken while other contenders were awake.
	Disturbed int `json:"disturbed,omitempty"`
	// Unsettled is the number of the Processes whose warm-up ended before the times were steady.
	Unsettled int `json:"unsettled,omitempty"`
	// OverheadShare is the median share of a sample's exchange that was not the worker's time: the
	// protocol, and waits for a processor. DeviceShare is the median share of the worker's time
	// that the device's clock shows; 0 is not known.
	OverheadShare float64 `json:"overhead_share,omitempty"`
	DeviceShare   float64 `json:"device_share,omitempty"`
	// Phases is nil for a contender that tells none. EpochBytes and BytesPerS say how fast a device
	// other than the processor took up X and d, if it read them once an epoch. 0 is not known.
	Phases     *RowPhases `json:"phases,omitempty"`
	EpochBytes float64    `json:"epoch_bytes,omitempty"`
	BytesPerS  float64    `json:"bytes_per_s,omitempty"`
	// Bounds are the least times of an epoch by each resource that was measured, the largest first.
	// BoundBy is the resource that bounds it, "" if none is shown to.
	Bounds    []Bound      `json:"bounds,omitempty"`
	BoundBy   string       `json:"bound_by,omitempty"`
	PeakBytes int64        `json:"peak_bytes,omitempty"`
	W         bench.Vector `json:"w"`
	// Verified says that every sample's w was within Tolerance of the oracle.
	Verified  bool         `json:"verified"`
	MaxError  bench.Number `json:"max_error"`
	Tolerance float64      `json:"tolerance"`
	Info      bench.Info   `json:"info"`
	Status    bench.Status `json:"status"`
	Note      string       `json:"note"` // why, if the status is not OK
	Hint      string       `json:"hint,omitempty"`
	Stderr    string       `json:"stderr,omitempty"` // the end of the worker's stderr

	timings stats.Series
}

const unreached = "the run ended before its first sample"

// Unreached reports whether the row has no times only because its run ended too early.
func (row *Row) Unreached() bool { return row.Status == bench.Failed && row.Note == unreached }

// PerEpoch returns the median time of one epoch in nanoseconds, and 0 without times.
func (row *Row) PerEpoch() float64 {
	if row.Run == nil {
		return 0
	}
	return row.Run.Median / float64(row.Epochs)
}

// Times returns the time of a descent in every sample, in nanoseconds, process by process. It
// returns none if the row has no times, or was not made from the records of a run.
func (row *Row) Times() []float64 {
	times := row.timings.All()
	for i := range times {
		times[i] *= float64(row.Epochs)
	}
	return times
}

// newRow reduces what a run holds of one contender. fullSpeed is as fullSpeed returns it.
func newRow(r *journal.Results, c bench.Contender, fullSpeed float64) Row {
	name := c.Name()
	row := Row{
		Contender: name, Backend: c.Backend, Precision: c.Precision.String(),
		N: r.Header.Plan.N, Features: r.Header.Plan.Features, Status: bench.OK,
		timings: stats.Series{},
	}
	var opening, load []float64
	for _, p := range r.Processes {
		if p.Contender == name {
			p.Info.Threads = max(p.Info.Threads, row.Info.Threads) // the most of any process
			row.Info = p.Info
			opening, load = append(opening, float64(p.InitNS)), append(load, float64(p.LoadNS))
		}
	}
	row.Info.Note = joinNotes(r, name)
	row.Init, row.Load = stats.Summarize(opening), stats.Summarize(load)
	row.addSamples(r.Samples, fullSpeed)
	row.addBusy(r.Samples, r.Header.Env.Threads)
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
	if row.Samples == 0 && row.Status == bench.OK {
		row.Status, row.Note = bench.Failed, unreached
	}
	if row.Status != bench.OK {
		row.Run, row.Device, row.Timeit, row.Outliers, row.timings = nil, nil, 0, nil, nil
		return row
	}
	row.addShares(r.Samples)
	row.Phases = phases(r, name)
	bytes := r.Header.Plan.DataBytes(c.Precision)
	row.addBandwidth(bytes)
	row.addBounds(r.Header, bytes)
	return row
}

// aTime matches a time in a note, as 5.2 µs. aNumber matches any number, and aPlural the ending of
// a word that depends on a number.
var (
	aTime   = regexp.MustCompile(`[0-9.]+ (ns|µs|ms|s)\b`)
	aNumber = regexp.MustCompile(`[0-9][0-9.,]*`)
	aPlural = regexp.MustCompile(`s\b`)
)

// A remark is what some processes of a contender note.
type remark struct {
	note, kind string
	processes  map[int]bool
	others     map[int]bool // processes with other numbers in their note
}

// ofKind returns the remark whose kind begins with kind, or with which kind begins; nil if there is
// none.
func ofKind(kind string, remarks []remark) *remark {
	for i := range remarks {
		if k := remarks[i].kind; strings.HasPrefix(k, kind) || strings.HasPrefix(kind, k) {
			return &remarks[i]
		}
	}
	return nil
}

// remarksOf returns the different notes of a contender's processes and descents. If notes differ
// only in times, the last one stands for all, because the first is about a process's first descent.
// If one note begins with another, the longer one stands for both.
func remarksOf(r *journal.Results, name string) []remark {
	var out []remark
	add := func(contender string, process int, note string) {
		if contender != name || note == "" {
			return
		}
		kind := aTime.ReplaceAllString(note, "#")
		said := ofKind(kind, out)
		if said == nil {
			out = append(out, remark{note, kind, map[int]bool{process: true}, map[int]bool{}})
			return
		}
		said.processes[process] = true
		if len(kind) >= len(said.kind) {
			said.note, said.kind = note, kind
		}
	}
	for _, p := range r.Processes {
		add(p.Contender, p.Process, p.Info.Note)
	}
	for _, s := range r.Samples {
		add(s.Contender, s.Process, s.Note)
	}
	return out
}

// joinNotes joins the different notes of a contender. If notes differ only in numbers, the note of
// most processes stands for all.
func joinNotes(r *journal.Results, name string) string {
	var most []remark
	for _, r := range remarksOf(r, name) {
		r.kind = aPlural.ReplaceAllString(aNumber.ReplaceAllString(r.kind, "#"), "")
		same := ofKind(r.kind, most)
		switch {
		case same == nil:
			most = append(most, r)
		case len(r.processes) >= len(same.processes):
			maps.Copy(r.others, same.others)
			maps.Copy(r.others, same.processes)
			*same = r
		default:
			maps.Copy(same.others, r.processes)
		}
	}
	var out []string
	for _, r := range most {
		maps.DeleteFunc(r.others, func(process int, _ bool) bool { return r.processes[process] })
		if n := len(r.others); n > 0 {
			r.note += fmt.Sprintf("; other numbers in %d of %d processes", n, n+len(r.processes))
		}
		out = append(out, r.note)
	}
	return strings.Join(out, "; ")
}

// addSamples adds this row's samples. One wrong answer makes the row wrong: it has no time then,
// whatever the other answers were.
func (row *Row) addSamples(samples []journal.Sample, fullSpeed float64) {
	device := stats.Series{}
	var late error
	prompt := false
	for i := range samples {
		s := &samples[i]
		if s.Contender != row.Contender {
			continue
		}
		// max keeps NaN
		row.MaxError = bench.Number(max(float64(row.MaxError), float64(s.MaxError)))
		row.Tolerance = max(row.Tolerance, s.Tolerance)
		switch {
		case s.Wrong != "":
			row.Status, row.Note, row.W = bench.Wrong, fmt.Sprintf("after %s: %s", typeset.Plural(s.Epochs, "epoch"), s.Wrong), s.W
		case s.Untrusted != "" && row.Status == bench.OK:
			row.Status, row.Note = bench.Untrusted, s.Untrusted
		}
		if s.Warmup {
			continue // a sample of an epoch or two is too short to tell whether its answer was late
		}
		if _, lateness := journal.CheckClocks(s); lateness != nil {
			late = lateness
		} else {
			prompt = true
		}
		row.timings.Add(s.Process, s.PerEpoch())
		if s.DeviceNS > 0 {
			device.Add(s.Process, float64(s.DeviceNS)/float64(s.CallCount())/float64(s.Epochs))
		}
		row.Epochs, row.Calls = s.Epochs, s.CallCount()
		if slowed(s, fullSpeed) {
			row.Slowed++
		}
		if len(s.Awake) > 0 {
			row.Disturbed++
		}
		if row.Status != bench.Wrong {
			row.W = s.W
		}
	}
	row.Samples, row.Processes = row.timings.Len(), len(row.timings)
	row.Verified = row.Samples > 0 && row.Status != bench.Wrong
	epochs := float64(row.Epochs)
	row.Run, row.Device, row.Outliers = row.timings.Summary(epochs), device.Summary(epochs), row.timings.Outliers()
	if row.Samples > 0 {
		row.Timeit = row.timings.Timeit(epochs)
	}
	if late != nil && !prompt && row.Samples >= journal.MinSamples && row.Status == bench.OK {
		row.Status, row.Note = bench.Untrusted, late.Error()
	}
}

// addBusy adds how many of the machine's processors this row's samples kept busy. A tick of the
// scheduler too many cannot make them more than there are; 0 processors are not known.
func (row *Row) addBusy(samples []journal.Sample, processors int) {
	var all []float64
	for s := range row.counted(samples) {
		if s.Busy() > 0 {
			all = append(all, s.Busy())
		}
	}
	row.Busy = stats.Median(all)
	if processors > 0 {
		row.Busy = min(row.Busy, float64(processors))
	}
}

// counted returns this row's samples that are not of a warm-up.
func (row *Row) counted(samples []journal.Sample) iter.Seq[*journal.Sample] {
	return func(yield func(*journal.Sample) bool) {
		for i := range samples {
			if s := &samples[i]; s.Contender == row.Contender && !s.Warmup && !yield(s) {
				return
			}
		}
	}
}

// addWarm counts the processes that were not steady. A process that has no sample does not count.
func (row *Row) addWarm(warm []journal.Warmed) {
	settled := map[int]bool{}
	for _, w := range warm {
		if w.Contender == row.Contender && len(row.timings[w.Process]) > 0 {
			settled[w.Process] = w.Settled
		}
	}
	for _, is := range settled {
		if !is {
			row.Unsettled++
		}
	}
}

// addShares adds the shares of this row's samples. The two clocks of a share may disagree a little,
// but no share is more than all.
func (row *Row) addShares(samples []journal.Sample) {
	var overheads, device []float64
	for s := range row.counted(samples) {
		overheads = append(overheads, max(0, 1-float64(s.RunNS)/float64(s.WallNS)))
		if s.DeviceNS > 0 {
			device = append(device, min(1, float64(s.DeviceNS)/float64(s.RunNS)))
		}
	}
	row.OverheadShare, row.DeviceShare = stats.Median(overheads), stats.Median(device)
}

// addFault makes the row Failed or Unavailable, unless an answer was wrong.
func (row *Row) addFault(f journal.Fault) {
	if row.Status == bench.Wrong {
		return
	}
	row.Status, row.Note, row.Hint, row.Stderr = bench.Failed, f.Error, f.Hint, f.Stderr
	if f.Unavailable {
		row.Status = bench.Unavailable
	}
	row.Note = strings.TrimPrefix(row.Note, row.Contender+": ")
}

// addBandwidth adds how fast a device other than the processor took up so many bytes of data: over
// the time of an epoch, by the device's clock if it has one, and otherwise by the worker's. An
// algorithm that makes no pass over the data an epoch has no such figure.
func (row *Row) addBandwidth(bytes int64) {
	if row.Phases == nil || row.Run == nil || row.Info.Algorithm != "" || row.Info.Place() == "cpu" {
		return
	}
	epoch := row.PerEpoch()
	if row.Device != nil {
		epoch = row.Device.Median / float64(row.Epochs)
	}
	row.EpochBytes = float64(bytes)
	row.BytesPerS = 1e9 * row.EpochBytes / epoch
}
