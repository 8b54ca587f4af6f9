// Package report turns the records of runs into rows, and renders the rows, one file a format. It
// is a pure function of its records: no clock, no machine. So a results file can be rendered at any
// later time, on any machine.
//
//	report.go      a run as a report: one row a contender
//	row.go         samples become a row
//	phases.go      what the work on a device is made of
//	bounds.go      what bounds a row's epoch, and ceilings.go what was measured here
//	ratios.go      rows held against each other: the null arm, the baseline, the fastest
//	compare.go     two runs held against each other
//	formats.go     the formats by name
//	short.go       the short report: its cautions, context and notes
//	verdict.go     its first sentence
//	bars.go        its table
//	details.go     the detailed report, and its sections
//	times.go, trust.go, samples.go, fairness.go, device.go, notes.go   their sections
//	sizes.go       times of several runs by size
//	text.go        how text and Markdown are laid out
//	markdown.go    the short report in Markdown
//	csv.go, json.go, gobench.go   the other formats
//	comparison.go  a comparison in every format
package report

import (
	"time"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/machine"
	"descent/bench/stats"
)

// A Report is a run as one row a contender, in the order of the file's header.
type Report struct {
	Version string       `json:"version,omitempty"` // of descent
	Time    time.Time    `json:"time"`              // when the run began
	Env     journal.Env  `json:"env"`
	Plan    journal.Plan `json:"plan"`
	// Sweep says which part of a sweep the run is; nil for a run of its own.
	Sweep *journal.Sweep `json:"sweep,omitempty"`
	// Machine is its state over the run, as Results.Machine returns it. Grade is the worst of its
	// grades.
	Machine []machine.Assessment `json:"machine,omitempty"`
	Grade   machine.Grade        `json:"grade,omitempty"`
	// Probe is what the device was measured to do just before the run; nil if it was not measured.
	Probe *bench.Probe `json:"probe,omitempty"`
	// Ceilings are what the processor was measured to do.
	Ceilings []journal.Ceiling `json:"ceilings,omitempty"`
	Rows     []Row             `json:"rows"`
	// Null is the null arm; nil if there was none.
	Null *Null `json:"null,omitempty"`
	// End says how the run ended, as journal.End has it. If the file has no end, it is
	// journal.CutShort or journal.InProgress.
	End string `json:"end"`
	// TotalNS is how long the measuring took, in the session that ended the run. BlockNS is how
	// long a block took, of all contenders together. DriverNS and DriverBytes are what the driver
	// used.
	TotalNS     int64 `json:"total_ns,omitempty"`
	BlockNS     int64 `json:"block_ns,omitempty"`
	DriverNS    int64 `json:"driver_cpu_ns,omitempty"`
	DriverBytes int64 `json:"driver_bytes,omitempty"`

	baseline string // the contender that Against chose; "" is the loop
	header   *journal.Header
	watched  bool    // the state of the machine is known over all of the run
	spin     float64 // the median time of the driver's spin in nanoseconds; 0 is not known
}

// New reduces the records of a run to a report.
func New(r *journal.Results) *Report {
	h := r.Header
	rep := &Report{
		Version: h.Version, Time: h.Time, Env: h.Env, Plan: r.LastPlan(), Sweep: h.Sweep, Probe: h.Probe, Ceilings: h.Ceilings,
		End: journal.CutShort, header: h,
	}
	rep.Plan.Data = journal.Printable(rep.Plan.Data)
	rep.Machine, rep.watched = r.Machine()
	if r.End != nil {
		rep.End, rep.TotalNS = r.End.Reason, r.End.TotalNS
		rep.DriverNS, rep.DriverBytes = r.End.DriverNS, r.End.DriverBytes
	}
	if rep.Machine != nil {
		rep.Grade = machine.Worst(rep.Machine)
	}
	if r.InProgress {
		rep.End = journal.InProgress
	}
	spins := spins(r)
	full := fullSpeed(spins)
	rep.spin = stats.Median(spins)
	for _, c := range h.Contenders {
		rep.Rows = append(rep.Rows, newRow(r, c, full))
	}
	if r.Twin != nil {
		rep.addNull(newRow(r, *r.Twin, full), r.Twin.TwinOf())
	}
	rep.addRatios()
	rep.BlockNS = r.BlockNS()
	return rep
}
