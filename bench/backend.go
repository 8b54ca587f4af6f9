// Package bench times backends against each other: the contract a backend
// fulfils, the protocol a contender's process speaks, the runner that takes
// interleaved samples, the check of every answer, and the journal that keeps
// every sample.
package bench

import (
	"cmp"
	"errors"
	"time"

	"descent/dataset"
)

// A Backend runs batch gradient descent on one problem. Every method blocks
// until its work, on whatever device, is finished: a call that returns early is
// a wrong time.
type Backend interface {
	// Load copies p into memory of the backend's own, in its own layout and
	// precision. p is not kept or changed. A second Load replaces the first.
	Load(p *dataset.Problem) error

	// Descend applies epochs updates
	//
	//	w ← w − rate·(2/N)·Xᵀ(Xw − d)
	//
	// to w in place, where X has a leading column of ones. len(w) == P+1 and w[0]
	// is the intercept. Zero epochs leave w as it is, rounded to the backend's
	// precision. The same call gives the same bits, from another Backend too; a descent cut
	// in pieces gives those of the whole; and a NaN in w spreads to all of it or is an error.
	Descend(w []float64, rate float64, epochs int) error

	// Close frees what Load took. The Backend is not used afterwards.
	Close() error
}

// A DeviceTimer is a Backend whose device has a clock of its own.
type DeviceTimer interface {
	// DeviceTime returns the time the last Descend took on the device's clock.
	DeviceTime() time.Duration
}

// A Phaser is a Backend that can tell apart what it does in Load and around the epochs
// of Descend.
type Phaser interface {
	// Phases returns those of the last Load and the last Descend.
	Phases() Phases
}

// Phases are parts of what a backend on a device does. A part that a backend does not
// have, or cannot tell apart, is 0.
type Phases struct {
	Compile  time.Duration // in Load: making the device's programs
	Search   time.Duration // in Load: choosing among variants of them, by trials
	Upload   time.Duration // in Load: converting the data and copying them to the device
	Download time.Duration // in Descend: copying w back, after the last epoch
}

// A Describer is a Backend that can say what it runs on. Its Threads and Note may become
// known with Load, and another Note with a Descend.
type Describer interface {
	Describe() Info
}

// Info says what a contender runs on, as its row in a report does.
type Info struct {
	Version  string `json:"version,omitempty"`  // of the library or driver
	Device   string `json:"device,omitempty"`   // "cpu", or the renderer's name
	Software bool   `json:"software,omitempty"` // the device is a software renderer
	Threads  int    `json:"threads,omitempty"`
	Sync     string `json:"sync,omitempty"` // how the end of the work is awaited
	// Timed says what is within the timed call, and Untimed what was done before it, in a few words each.
	Timed   string `json:"timed,omitempty"`
	Untimed string `json:"untimed,omitempty"`
	// Algorithm says in a sentence how the same iterates are computed, if by anything but a pass
	// over the data an epoch. Every table marks such a contender.
	Algorithm string `json:"algorithm,omitempty"`
	Note      string `json:"note,omitempty"`
}

// Place returns the contender's device: the processor, where it names none.
func (i *Info) Place() string { return cmp.Or(i.Device, "cpu") }

// ErrUnavailable marks an error that means "this contender cannot run here":
// its row says why, and the run goes on without it. Any other error fails the row.
var ErrUnavailable = errors.New("unavailable")

// A Hinter is an error that knows what its reader can do about it.
type Hinter interface {
	Hint() string
}
