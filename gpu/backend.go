package gpu

import (
	"errors"
	"fmt"
	"math"
	"time"

	"descent/dataset"
	"descent/gpu/graph"
)

// An executor runs the steps of a plan in a context, as graph.Executor does in Go.
type executor interface {
	Set(variable string, values []float64) error
	Get(name string, dst []float64) error
	Run(steps int) error
	DeviceTime() time.Duration
	Close() error
}

// A GraphBackend descends as TensorFlow would: by a graph of nodes,
//
//	y = X·w,  e = y − d,  g = (2/N)·Xᵀe,  w ← w − rate·g
//
// each of which is a dispatch of an OpenGL compute shader in every epoch, the
// transpose of X included, and writes its result to a buffer of its own. It is how
// a general framework without a fusing compiler uses a GPU.
type GraphBackend struct {
	context   *Context
	precision dataset.Precision
	maxBytes  int64 // of a buffer, at most; lowered by tests
	execute   func(*graph.Plan) (executor, error)
	executor  executor
	weights   int
}

// NewGraph opens a context for a backend of its own.
func NewGraph(o Options, precision dataset.Precision) (*GraphBackend, error) {
	c, err := Open(o)
	if err != nil {
		return nil, err
	}
	return newGraph(c, precision), nil
}

// newGraph makes a backend that owns c.
func newGraph(c *Context, precision dataset.Precision) *GraphBackend {
	b := &GraphBackend{context: c, precision: precision, maxBytes: math.MaxInt64}
	b.execute = func(plan *graph.Plan) (executor, error) {
		return newExecutor(c, plan, precision, b.maxBytes)
	}
	return b
}

// Device returns what the backend runs on.
func (b *GraphBackend) Device() Device { return b.context.Device() }

// Load copies p to the device, converted to the backend's precision and with the column of
// ones in front of X. A second Load replaces the first.
func (b *GraphBackend) Load(p *dataset.Problem) error {
	if err := p.Check(); err != nil {
		return err
	}
	if err := b.unload(); err != nil {
		return err
	}
	plan, err := graph.NewLeastSquares(p.N, p.P, graph.Values(p.X, p.P), graph.Values(p.D, 1)).ByHand()
	if err != nil {
		return err
	}
	x, err := b.execute(plan)
	if err != nil {
		return fmt.Errorf("%d samples of %d features in %v: %w", p.N, p.P, b.precision, err)
	}
	b.executor, b.weights = x, p.P+1
	return nil
}

// Descend applies epochs updates to w in place, and waits for them. len(w) == P+1. On an
// error w is as it was.
func (b *GraphBackend) Descend(w []float64, rate float64, epochs int) error {
	switch {
	case b.executor == nil:
		return errors.New("gl-graph: nothing is loaded")
	case len(w) != b.weights:
		return fmt.Errorf("gl-graph: %d weights, not P+1 = %d", len(w), b.weights)
	}
	if err := b.executor.Set("w", w); err != nil {
		return err
	}
	if err := b.executor.Set("rate", []float64{rate}); err != nil {
		return err
	}
	if err := b.executor.Run(epochs); err != nil {
		return err
	}
	return b.executor.Get("w", w)
}

// DeviceTime returns the time that the last Descend took on the device's clock, without the
// copies of w; 0 on a device without a clock.
func (b *GraphBackend) DeviceTime() time.Duration {
	if b.executor == nil {
		return 0
	}
	return b.executor.DeviceTime()
}

// Close frees the device's memory and closes the context.
func (b *GraphBackend) Close() error { return errors.Join(b.unload(), b.context.Close()) }

func (b *GraphBackend) unload() error {
	if b.executor == nil {
		return nil
	}
	err := b.executor.Close()
	b.executor = nil
	return err
}
