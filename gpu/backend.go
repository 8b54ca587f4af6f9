package gpu

import (
	"errors"
	"fmt"
	"time"

	"descent/dataset"
	"descent/gpu/device"
)

// Options choose a context, and how a backend uses it.
type Options struct {
	device.Options
	// Cancel ends descents between two submissions, and the searches of a load between two trials,
	// when it is closed. The error is a device.Cancelled. A nil channel never does.
	Cancel <-chan struct{}
	// MaxBlockBytes, if positive, lowers the device's limit on a storage block, so that data that
	// would fit one block are split over several.
	MaxBlockBytes int64
}

// A Backend descends on an OpenGL device, in one of several forms. Each form keeps the data and w
// on the device through all epochs of a descent.
type Backend struct {
	*target
	form     form
	loaded   descender
	weights  int
	download time.Duration
}

// A form is one way to lay data out on a device and to run epochs on them.
type form struct {
	name  string // of its contender
	build func(*target, observations) (descender, error)
}

var (
	graphForm    = form{"gl-graph", buildGraph}
	fusedForm    = form{"gl-fused", buildFused}
	residentForm = form{"gl-resident", buildResident}
	autoForm     = form{"gl", buildAuto}
)

// A descender is a form with a problem loaded.
type descender interface {
	set(w []float64, rate float64) error
	run(epochs int) error
	get(w []float64) error
	DeviceTime() time.Duration // of the last run, on the device's clock
	Phases() Phases            // of the load
	note() string              // how it runs, if there was a choice
	work() Work                // what an epoch asks of the device, in a long descent
	Close() error
}

// Phases are parts of the time of a Backend: Compile, Search and Upload of the last Load, Download
// of the last Descend. Drivers may put a part of compiling off to the first dispatch. That part is
// in Search if variants are tried, and otherwise in the first Descend.
type Phases struct{ Compile, Search, Upload, Download time.Duration }

// Work counts what an epoch of a loaded problem asks of the device, in a long descent. A count may
// be a fraction: a dispatch that takes 1,000 epochs is a thousandth in each.
type Work struct {
	Dispatches float64
	Barriers   float64 // storage barriers before dispatches
	Meetings   float64 // waits of all work groups for one another, within a dispatch
	Groups     int     // work groups that meet
	Syncs      float64 // exchanges within a work group, in a row, besides those of meetings
}

// NewGraph opens a context for a backend that descends as TensorFlow would, by a graph of nodes:
//
//	y = X·w,  e = y − d,  g = (2/N)·Xᵀe,  w ← w − rate·g
//
// Each node is a dispatch of an OpenGL compute shader in every epoch, the transpose of X included,
// and writes its result to a buffer of its own. A general framework without a fusing compiler uses
// a GPU in this way.
func NewGraph(o Options, precision dataset.Precision) (*Backend, error) {
	return open(o, graphForm, precision)
}

// NewFused opens a context for a backend that reads every element of the data once an epoch, in one
// dispatch that ends with the new w: see shaders/fused.comp.
func NewFused(o Options, precision dataset.Precision) (*Backend, error) {
	return open(o, fusedForm, precision)
}

// NewResident opens a context for a backend that takes many epochs in one dispatch, with the data
// in registers and shared memory: see shaders/resident.comp. It runs as the fused form if the data
// do not fit, or if the device's work groups do not run at the same time, and says so in Note.
func NewResident(o Options, precision dataset.Precision) (*Backend, error) {
	return open(o, residentForm, precision)
}

// NewAuto opens a context for a backend that starts from the graph of NewGraph, with the gradient
// by reverse-mode differentiation. It recognises the least-squares step in the graph and runs the
// step in the form that is the fastest for its size on this device. The first load of a size finds
// that form by trials.
func NewAuto(o Options, precision dataset.Precision) (*Backend, error) {
	return open(o, autoForm, precision)
}

// open opens a context for a backend of its own, on a device that computes in the precision.
func open(o Options, f form, precision dataset.Precision) (*Backend, error) {
	c, err := device.Open(o.Options)
	if err != nil {
		return nil, err
	}
	if err := c.Device().ComputesIn(precision); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	t := newTarget(c, precision)
	t.cancel = o.Cancel
	if o.MaxBlockBytes > 0 {
		t.maxBytes = o.MaxBlockBytes
	}
	return &Backend{target: t, form: f}, nil
}

// Device returns what the backend runs on.
func (b *Backend) Device() device.Info { return b.device }

// Load copies p to the device, converted to the backend's precision. A second Load replaces the
// first.
func (b *Backend) Load(p *dataset.Problem) error {
	if err := p.Check(); err != nil {
		return err
	}
	if err := b.unload(); err != nil {
		return err
	}
	loaded, err := b.form.build(b.target, observationsOf(p))
	if err != nil {
		return fmt.Errorf("%d samples of %d features in %v: %w", p.N, p.P, b.precision, err)
	}
	b.loaded, b.weights, b.download = loaded, p.P+1, 0
	return nil
}

// Descend applies epochs updates to w in place, and waits for them. len(w) == P+1. On an
// error w is as it was.
func (b *Backend) Descend(w []float64, rate float64, epochs int) error {
	switch {
	case b.loaded == nil:
		return errors.New(b.form.name + ": nothing is loaded")
	case len(w) != b.weights:
		return fmt.Errorf("%s: %d weights, not P+1 = %d", b.form.name, len(w), b.weights)
	case epochs < 0:
		return fmt.Errorf("%s: %d epochs", b.form.name, epochs)
	}
	if err := b.loaded.set(w, rate); err != nil {
		return err
	}
	if err := b.loaded.run(epochs); err != nil {
		return err
	}
	start := time.Now()
	err := b.loaded.get(w)
	b.download = time.Since(start)
	return err
}

// DeviceTime returns the time that the last Descend took on the device's clock, without the
// copies of w; 0 on a device without a clock.
func (b *Backend) DeviceTime() time.Duration {
	if b.loaded == nil {
		return 0
	}
	return b.loaded.DeviceTime()
}

// Phases returns the parts of the last Load and the last Descend.
func (b *Backend) Phases() Phases {
	if b.loaded == nil {
		return Phases{}
	}
	phases := b.loaded.Phases()
	phases.Download = b.download
	return phases
}

// Note says how the loaded problem is run, if the load has made a choice.
func (b *Backend) Note() string {
	if b.loaded == nil {
		return ""
	}
	return b.loaded.note()
}

// Work says what an epoch asks of the device. It is nil before a load.
func (b *Backend) Work() *Work {
	if b.loaded == nil {
		return nil
	}
	w := b.loaded.work()
	return &w
}

// Close frees the device's memory and closes the context.
func (b *Backend) Close() error { return errors.Join(b.unload(), b.context.Close()) }

func (b *Backend) unload() error {
	if b.loaded == nil {
		return nil
	}
	err := b.loaded.Close()
	b.loaded = nil
	return err
}
