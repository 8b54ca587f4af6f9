// Package bench is the contract between descent and whatever runs the descent, and both ends of the
// wire between them. A Backend fulfils the contract in process; Serve makes a worker of it; a
// Process is a worker as the driver sees it. Whoever measures, records and reports does so in the
// packages below: driver, journal, stats and report.
//
//	backend.go    the contract of a backend, and what it may tell about itself
//	contender.go  a backend at one precision, or an outside program, and how to select some
//	status.go     what can become of a contender
//	protocol.go   the worker protocol: requests and replies, and what makes one invalid
//	vector.go     numbers whose JSON has room for NaN and the infinities
//	clocks.go     how far two clocks may disagree, and parts that exceed their whole
//	worker.go     Serve: the worker's end
//	process.go    the driver's end: a worker from start to end
//	exchange.go   a request, its answer and its timeout, and how a worker fails
//	limits.go     its memory limit, and what it uses
//	tail.go       the last lines of its stderr
//	remote.go     a worker as a Backend
//	problem.go    the data files
//	scratch.go    their folder, which does not outlive the driver
//	probe.go      what a device was measured to do
//	version.go    the version of a module
package bench

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"time"

	"descent/dataset"
)

// A Backend runs batch gradient descent on one problem. Every method blocks until its work, on
// whatever device, is finished: a call that returns early is a wrong time.
type Backend interface {
	// Load copies p into the backend's own memory, layout and precision. It does not keep or change
	// p. A second Load replaces the first.
	Load(p *dataset.Problem) error

	// Descend applies epochs updates
	//
	//	w ← w − rate·(2/N)·Xᵀ(Xw − d)
	//
	// to w in place, where X has a leading column of ones. len(w) == P+1, and w[0] is the
	// intercept. Zero epochs leave w as it is, rounded to the backend's precision. The same call
	// gives the same bits, also from another value of the same backend. A descent cut in pieces
	// gives the bits of the whole. A NaN in w spreads to all of w, or is an error.
	// So is a Descend before Load, or with a w of another length.
	Descend(w []float64, rate float64, epochs int) error

	// Close frees what Load took. The Backend is not used afterwards.
	Close() error
}

// A DeviceTimer is a Backend whose device has a clock of its own.
type DeviceTimer interface {
	// DeviceTime returns the time the last Descend took on the device's clock.
	DeviceTime() time.Duration
}

// A Phaser is a Backend that knows how long the parts of Load and Descend took.
type Phaser interface {
	// Phases returns the times of the last Load and the last Descend.
	Phases() Phases
}

// Phases are the times of parts of what a backend on a device does. A part that a backend does not
// have, or does not time, is 0.
type Phases struct {
	Compile  time.Duration // in Load: making the device's programs
	Search   time.Duration // in Load: choosing among variants of the programs, by trials
	Upload   time.Duration // in Load: converting the data, and copying them to the device
	Download time.Duration // in Descend: copying w back, after the last epoch
}

// A Describer is a Backend that says what it runs on. Threads, Work and Note may become known with
// Load, and a Descend may change Note.
type Describer interface {
	Describe() Info
}

// Info says what a contender runs on, for its row in a report.
type Info struct {
	Version  string `json:"version,omitempty"`  // of the library or driver
	Device   string `json:"device,omitempty"`   // "cpu", or the name of the renderer
	Software bool   `json:"software,omitempty"` // the device is a software renderer
	Threads  int    `json:"threads,omitempty"`
	Sync     string `json:"sync,omitempty"` // how the end of the work is awaited
	// Timed says in a few words what the timed call contains, and Untimed what was done before it.
	Timed   string `json:"timed,omitempty"`
	Untimed string `json:"untimed,omitempty"`
	// Algorithm says in a sentence how the same iterates are computed, if not by a pass over the
	// data in every epoch. Every table marks such a contender.
	Algorithm string `json:"algorithm,omitempty"`
	Note      string `json:"note,omitempty"`
	// Work is what an epoch asks of the device, if the contender knows it after Load.
	Work *Work `json:"work,omitempty"`
}

// Work counts what one epoch asks of a device, besides reading the data and computing. A count may
// be a fraction: a dispatch that makes 1,000 epochs is a thousandth in each.
type Work struct {
	Dispatches float64 `json:"dispatches,omitempty"`
	Barriers   float64 `json:"barriers,omitempty"` // storage barriers between dispatches
	Meetings   float64 `json:"meetings,omitempty"` // waits of all work groups for one another
	Groups     int     `json:"groups,omitempty"`   // work groups that meet
	Syncs      float64 `json:"syncs,omitempty"`    // exchanges within a work group
}

// OnChip reports whether the data may stay in the registers and shared memory of the device: a
// dispatch makes several epochs, so an epoch need not read anything. A nil Work does not say so.
func (w *Work) OnChip() bool { return w != nil && w.Dispatches > 0 && w.Dispatches < 1 }

// Check refuses a count that is no number, negative, or beyond what any device does. A nil Work has
// none.
func (w *Work) Check() error {
	if w == nil {
		return nil
	}
	for _, count := range []struct {
		name  string
		value float64
	}{
		{"dispatches", w.Dispatches}, {"barriers", w.Barriers}, {"meetings", w.Meetings},
		{"groups", float64(w.Groups)}, {"syncs", w.Syncs},
	} {
		if !(count.value >= 0 && count.value <= math.MaxInt32) {
			return fmt.Errorf("work.%s is %v: it cannot be a count for each epoch", count.name, count.value)
		}
	}
	return nil
}

// Place returns the contender's device, which is the processor if it names none.
func (i *Info) Place() string { return cmp.Or(i.Device, "cpu") }

// ErrUnavailable marks an error that means "this contender cannot run here". Its row says why, and
// the run goes on without it. Any other error fails the row.
var ErrUnavailable = errors.New("unavailable")

// A Hinter is an error that says what its reader can do about it.
type Hinter interface {
	Hint() string
}
