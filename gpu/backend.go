package gpu

import (
	"errors"
	"fmt"
	"math"
	"time"

	"descent/dataset"
	"descent/gpu/graph"
)

// A Backend descends on an OpenGL device, in one of several forms. Each keeps the data and w
// on the device through all epochs of a descent.
type Backend struct {
	form      string // its name, for errors
	context   *Context
	precision dataset.Precision
	maxBytes  int64 // of a storage block, at most
	build     func(p *dataset.Problem) (descender, error)
	loaded    descender
	weights   int
	download  time.Duration
}

// A descender is a form with a problem loaded.
type descender interface {
	set(w []float64, rate float64) error
	run(epochs int) error
	get(w []float64) error
	DeviceTime() time.Duration // of the last run, on the device's clock
	Phases() Phases            // of the load
	note() string              // how it runs, where there was a choice
	Close() error
}

// Phases are parts of what a Backend does: Compile, Search and Upload of the last Load,
// Download of the last Descend. Drivers may put a part of compiling off to the first dispatch,
// which is in Search where variants are tried, and otherwise in the first Descend.
type Phases struct{ Compile, Search, Upload, Download time.Duration }

// A form makes backends that own their contexts.
type form func(*Context, dataset.Precision) *Backend

var (
	newGraph    = formOf("gl-graph", graphOf)
	newFused    = formOf("gl-fused", buildFused)
	newResident = formOf("gl-resident", buildResident)
	newAuto     = formOf("gl", buildAuto)
)

// formOf returns the form whose descenders are built by build, with no storage block larger than its last argument.
func formOf(name string, build func(*Context, samples, dataset.Precision, int64) (descender, error)) form {
	return func(c *Context, precision dataset.Precision) *Backend {
		b := &Backend{form: name, context: c, precision: precision, maxBytes: math.MaxInt64}
		b.build = func(p *dataset.Problem) (descender, error) { return build(c, samplesOf(p), precision, b.maxBytes) }
		return b
	}
}

// open opens a context for a backend of its own, on a device that computes in the precision.
func open(o Options, make form, precision dataset.Precision) (*Backend, error) {
	c, err := Open(o)
	if err != nil {
		return nil, err
	}
	if err := c.device.computesIn(precision); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	b := make(c, precision)
	if o.MaxBlockBytes > 0 {
		b.maxBytes = o.MaxBlockBytes
	}
	return b, nil
}

// NewGraph opens a context for a backend that descends as TensorFlow would: by a graph of nodes,
//
//	y = X·w,  e = y − d,  g = (2/N)·Xᵀe,  w ← w − rate·g
//
// each of which is a dispatch of an OpenGL compute shader in every epoch, the
// transpose of X included, and writes its result to a buffer of its own. It is how
// a general framework without a fusing compiler uses a GPU.
func NewGraph(o Options, precision dataset.Precision) (*Backend, error) {
	return open(o, newGraph, precision)
}

// NewFused opens a context for a backend that reads every element of the data once an epoch, in one
// dispatch that ends with the new w: see shaders/fused.comp.
func NewFused(o Options, precision dataset.Precision) (*Backend, error) {
	return open(o, newFused, precision)
}

// NewResident opens a context for a backend that takes many epochs in one dispatch, with the data in registers and shared
// memory: see shaders/resident.comp. Data that do not fit, and devices whose work groups do not
// run at the same time, it leaves to the fused form, and says so in Note.
func NewResident(o Options, precision dataset.Precision) (*Backend, error) {
	return open(o, newResident, precision)
}

// Device returns what the backend runs on.
func (b *Backend) Device() Device { return b.context.Device() }

// Load copies p to the device, converted to the backend's precision. A second Load replaces the first.
func (b *Backend) Load(p *dataset.Problem) error {
	if err := p.Check(); err != nil {
		return err
	}
	if err := b.unload(); err != nil {
		return err
	}
	loaded, err := b.build(p)
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
		return errors.New(b.form + ": nothing is loaded")
	case len(w) != b.weights:
		return fmt.Errorf("%s: %d weights, not P+1 = %d", b.form, len(w), b.weights)
	case epochs < 0:
		return fmt.Errorf("%s: %d epochs", b.form, epochs)
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

// Note says how the loaded problem is run, where the load has made a choice.
func (b *Backend) Note() string {
	if b.loaded == nil {
		return ""
	}
	return b.loaded.note()
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

// An executor runs the steps of a plan in a context, as graph.Executor does in Go.
type executor interface {
	Set(variable string, values []float64) error
	Get(name string, dst []float64) error
	Run(steps int) error
	DeviceTime() time.Duration
	Phases() Phases
	Close() error
}

// A graphDescent is the training step as a plan on an executor.
type graphDescent struct{ executor }

// buildGraph has an executor made for the step of gl-graph.
func buildGraph(s samples, execute func(*graph.Plan) (executor, error)) (descender, error) {
	plan, err := s.graph().ByHand()
	if err != nil {
		return nil, err
	}
	x, err := execute(plan)
	if err != nil {
		return nil, err
	}
	return graphDescent{x}, nil
}

func (g graphDescent) set(w []float64, rate float64) error {
	return errors.Join(g.Set("w", w), g.Set("rate", []float64{rate}))
}

func (g graphDescent) run(epochs int) error  { return g.Run(epochs) }
func (g graphDescent) get(w []float64) error { return g.Get("w", w) }
func (g graphDescent) note() string          { return "" }
