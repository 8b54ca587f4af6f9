//go:build linux && cgo

package gpu

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"descent/dataset"
	"descent/shaders"
)

// A fusedDescent is a problem laid out for shaders/fused.comp on the device.
type fusedDescent struct {
	*tiling
	context   *Context
	precision dataset.Precision
	data      []buffer // a block each
	weights   buffer
	sums      buffer
	arrivals  buffer
	program   program
	variant   shaders.FusedVariant
	epoch     [][]span // the pieces of an epoch, of one dispatch or more each
	last      span     // what the uniforms and bindings stand for
	submit    submitter
	phases    Phases
}

// buildFused lays the samples out on the device, no block of them larger than maxBytes, and picks the variant of the
// shader that is fastest there. It keeps no reference to them.
func buildFused(c *Context, s samples, precision dataset.Precision, maxBytes int64) (descender, error) {
	device := c.Device()
	t, err := tile(s.n, s.p, precision, device.crowd(), device.Limits.MaxStorageBlockBytes, maxBytes)
	if err != nil {
		return nil, err
	}
	if err := device.hasRoom(int64(t.bytes()), fmt.Sprintf("the data in %d buffers, with their sums,", len(t.blocks))); err != nil {
		return nil, err
	}
	f := &fusedDescent{tiling: t, context: c, precision: precision}
	err = c.Do(func() error {
		err := f.build(s)
		if err != nil {
			f.free()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (f *fusedDescent) build(s samples) error {
	f.submit = f.context.newSubmitter()
	start := time.Now()
	if err := f.reserve(); err != nil {
		return err
	}
	if f.precision == dataset.Float32 {
		uploadTiles[float32](f, s)
	} else {
		uploadTiles[float64](f, s)
	}
	if err := f.context.finish(patience); err != nil {
		return err
	}
	f.phases.Upload = time.Since(start)
	return f.pick()
}

// reserve makes the buffers.
func (f *fusedDescent) reserve() error {
	make := func(b *buffer, bytes int) error {
		var err error
		if *b, err = newBuffer(bytes); err != nil {
			return fmt.Errorf("one of %d buffers, %s in all: %w", len(f.blocks)+3, formatBytes(f.bytes()), err)
		}
		return nil
	}
	for _, b := range f.blocks {
		var data buffer
		if err := make(&data, b.tiles*f.tileBytes()); err != nil {
			return err
		}
		f.data = append(f.data, data)
	}
	for _, b := range []struct {
		buffer *buffer
		bytes  int
	}{{&f.weights, f.width() * f.size}, {&f.sums, f.sumBytes()}, {&f.arrivals, (f.clusters + 1) * arrivalBytes}} {
		if err := make(b.buffer, b.bytes); err != nil {
			return err
		}
		b.buffer.zero()
	}
	return nil
}

// stagingBytes is how much of the data is laid out at a time, on its way to the device.
const stagingBytes = 16 << 20

// uploadTiles fills the blocks with the samples, laid out by all processors.
func uploadTiles[T float32 | float64](f *fusedDescent, s samples) {
	each := f.rows * f.width()
	staging := make([]T, max(1, min(f.tiles, stagingBytes/f.tileBytes()))*each)
	for i, b := range f.blocks {
		for first := 0; first < b.tiles; first += len(staging) / each {
			count := min(len(staging)/each, b.tiles-first)
			inParallel(count, func(k int) { pack(f.tiling, staging[k*each:][:each], s, b.first+first+k) })
			upload(f.data[i], first*f.tileBytes(), staging[:count*each])
		}
	}
}

// inParallel calls do for 0 to count−1, on all processors.
func inParallel(count int, do func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(count, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}

func (f *fusedDescent) set(w []float64, rate float64) error {
	return f.context.Do(func() error {
		f.setStep(rate * 2 / float64(f.n))
		f.setWeights(w)
		return checkError("set w")
	})
}

func (f *fusedDescent) setWeights(w []float64) {
	if f.precision == dataset.Float32 {
		upload(f.weights, 0, convert[float32](w))
	} else {
		upload(f.weights, 0, w)
	}
}

func (f *fusedDescent) setStep(step float64) {
	f.program.setReal(shaders.LocationReal, f.precision, step)
}

func (f *fusedDescent) get(w []float64) error {
	return f.context.Do(func() error {
		got := f.getWeights()
		if err := checkError("get w"); err != nil {
			return err
		}
		copy(w, got)
		return nil
	})
}

func (f *fusedDescent) getWeights() []float64 {
	barrierUpdate()
	if f.precision == dataset.Float32 {
		return fetch[float32](f.weights, f.width())
	}
	return fetch[float64](f.weights, f.width())
}

func convert[To, From float32 | float64](v []From) []To {
	out := make([]To, len(v))
	for i, x := range v {
		out[i] = To(x)
	}
	return out
}

func (f *fusedDescent) run(epochs int) error {
	return f.context.Do(func() error { return f.descend(epochs) })
}

// descend runs epochs.
func (f *fusedDescent) descend(epochs int) error {
	f.bind()
	return f.submit.run(epochs*len(f.epoch), func(first, count int) {
		for i := first; i < first+count; i++ {
			piece := i % len(f.epoch)
			if piece == 0 {
				barrierStorage()
			}
			for _, s := range f.epoch[piece] {
				f.dispatch(s)
			}
		}
	})
}

// bind shows the shader the buffers that all dispatches share, since others may have used the context. No
// segment has arrived yet: a trial, and a descent that was cancelled in the midst of an epoch, leave clusters half counted.
func (f *fusedDescent) bind() {
	barrierUpdate()
	f.arrivals.zero()
	bindStorage(shaders.BindingWeights, f.weights)
	bindStorage(shaders.BindingSums, f.sums)
	bindStorage(shaders.BindingArrivals, f.arrivals)
	f.last = span{block: -1}
}

// dispatch runs the shader on a part of a block's segments.
func (f *fusedDescent) dispatch(s span) {
	if s != f.last {
		b := f.blocks[s.block]
		bindStorage(shaders.BindingData, f.data[s.block])
		for i, v := range []int{min(b.tiles*f.rows, f.n-b.first*f.rows), f.p, b.tiles, b.segments, s.start, s.end,
			b.before, f.segments, f.cluster, b.beforeClusters, f.clusters} {
			f.program.setUint(location(shaders.LocationUint+i), uint32(v))
		}
		f.last = s
	}
	f.program.dispatch(shaders.Groups(s.end-s.start, f.variant.Parts()), 1, 1)
}

// DeviceTime returns the time that the last run took on the device's clock, 0 where it has none.
func (f *fusedDescent) DeviceTime() time.Duration { return f.submit.onTime }

// Phases returns the parts of the load.
func (f *fusedDescent) Phases() Phases { return f.phases }

func (f *fusedDescent) note() string { return f.variant.String() }

// Close frees the buffers. The programs stay with the context.
func (f *fusedDescent) Close() error {
	return f.context.Do(func() error {
		f.free()
		return checkError("close")
	})
}

func (f *fusedDescent) free() {
	for _, b := range append(f.data, f.weights, f.sums, f.arrivals) {
		b.delete()
	}
	f.submit.delete()
}
