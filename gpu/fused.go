//go:build linux && cgo

package gpu

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"descent/dataset"
	"descent/gpu/device"
	"descent/shaders"
)

// A fusedDescent is a problem laid out for shaders/fused.comp on the device.
type fusedDescent struct {
	*tiling
	*target
	data     []device.Buffer // a block each
	weights  device.Buffer
	sums     device.Buffer
	arrivals device.Buffer
	compile  func(shaders.Kernel) (device.Program, error) // in context
	program  device.Program
	variant  shaders.FusedVariant
	epoch    [][]span // the pieces of an epoch, of one dispatch or more each
	last     span     // what the uniforms and bindings stand for
	submit   submitter
	phases   Phases
}

// buildFused builds the form "gl-fused". It lays the observations out on the device, no block of
// them larger than t.maxBytes, and searches for the variant of the shader that is fastest there. It
// keeps no reference to the observations.
func buildFused(t *target, obs observations) (descender, error) {
	f, err := newFused(t, obs)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func newFused(t *target, obs observations) (*fusedDescent, error) {
	tiles, err := tile(obs.n, obs.p, t.precision, t.tilingLimits())
	if err != nil {
		return nil, err
	}
	if err := t.device.CheckRoom(int64(tiles.bytes()), fmt.Sprintf("the data in %d buffers, with their sums,", len(tiles.blocks))); err != nil {
		return nil, err
	}
	f := &fusedDescent{tiling: tiles, target: t, compile: t.context.Program}
	err = t.context.Do(func() error {
		err := f.build(obs)
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

func (f *fusedDescent) build(obs observations) error {
	f.submit = f.newSubmitter()
	start := time.Now()
	if err := f.reserve(); err != nil {
		return err
	}
	if f.precision == dataset.Float32 {
		uploadTiles[float32](f, obs)
	} else {
		uploadTiles[float64](f, obs)
	}
	if err := f.context.Finish(); err != nil {
		return err
	}
	f.phases.Upload = time.Since(start)
	return f.choose()
}

// reserve makes the buffers.
func (f *fusedDescent) reserve() error {
	create := func(b *device.Buffer, bytes int) error {
		var err error
		if *b, err = device.NewBuffer(bytes); err != nil {
			return fmt.Errorf("one of %d buffers, %s in all: %w", len(f.blocks)+3, device.FormatBytes(f.bytes()), err)
		}
		return nil
	}
	for _, b := range f.blocks {
		var data device.Buffer
		if err := create(&data, b.tiles*f.tileBytes()); err != nil {
			return err
		}
		f.data = append(f.data, data)
	}
	for _, b := range []struct {
		buffer *device.Buffer
		bytes  int
	}{{&f.weights, f.width() * f.size}, {&f.sums, f.sumBytes()}, {&f.arrivals, (f.clusters + 1) * arrivalBytes}} {
		if err := create(b.buffer, b.bytes); err != nil {
			return err
		}
		b.buffer.Zero()
	}
	return nil
}

// stagingBytes is how much of the data is laid out at a time, on its way to the device.
const stagingBytes = 16 << 20

// uploadTiles fills the blocks with the observations, laid out by all processors.
func uploadTiles[T float32 | float64](f *fusedDescent, obs observations) {
	each := f.rows * f.width()
	staging := make([]T, max(1, min(f.tiles, stagingBytes/f.tileBytes()))*each)
	for i, b := range f.blocks {
		for first := 0; first < b.tiles; first += len(staging) / each {
			count := min(len(staging)/each, b.tiles-first)
			inParallel(count, func(k int) { pack(f.tiling, staging[k*each:][:each], obs, b.first+first+k) })
			device.Upload(f.data[i], first*f.tileBytes(), staging[:count*each])
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
		return device.CheckErrors("set w")
	})
}

func (f *fusedDescent) setWeights(w []float64) {
	if f.precision == dataset.Float32 {
		device.Upload(f.weights, 0, convert[float32](w))
	} else {
		device.Upload(f.weights, 0, w)
	}
}

func (f *fusedDescent) setStep(step float64) {
	f.program.SetReal(shaders.LocationReal, f.precision, step)
}

func (f *fusedDescent) get(w []float64) error {
	return f.context.Do(func() error {
		got := f.getWeights()
		if err := device.CheckErrors("get w"); err != nil {
			return err
		}
		copy(w, got)
		return nil
	})
}

func (f *fusedDescent) getWeights() []float64 {
	device.UpdateBarrier()
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
				device.StorageBarrier()
			}
			for _, s := range f.epoch[piece] {
				f.dispatch(s)
			}
		}
	})
}

// bind shows the shader the buffers that all dispatches share, because others may have used the
// context. It sets all arrivals to 0: a trial, and a descent that was cancelled within an epoch,
// leave clusters half counted.
func (f *fusedDescent) bind() {
	device.UpdateBarrier()
	f.arrivals.Zero()
	f.weights.Bind(shaders.BindingWeights)
	f.sums.Bind(shaders.BindingSums)
	f.arrivals.Bind(shaders.BindingArrivals)
	f.last = span{block: -1}
}

// dispatch runs the shader on a part of a block's segments.
func (f *fusedDescent) dispatch(s span) {
	if s != f.last {
		b := f.blocks[s.block]
		f.data[s.block].Bind(shaders.BindingData)
		for i, v := range []int{min(b.tiles*f.rows, f.n-b.first*f.rows), f.p, b.tiles, b.segments, s.start, s.end,
			b.before, f.segments, f.cluster, b.beforeClusters, f.clusters} {
			f.program.SetUint(device.Location(shaders.LocationUint+i), uint32(v))
		}
		f.last = s
	}
	f.program.Dispatch(shaders.Groups(s.end-s.start, f.variant.Parts()), 1, 1)
}

// DeviceTime returns the time that the last run took on the device's clock, 0 where it has none.
func (f *fusedDescent) DeviceTime() time.Duration { return f.submit.onTime }

// Phases returns the parts of the load.
func (f *fusedDescent) Phases() Phases { return f.phases }

func (f *fusedDescent) note() string { return f.variant.String() }

// work counts a dispatch for each span of an epoch, and the barrier before the first.
func (f *fusedDescent) work() Work {
	w := Work{Barriers: 1}
	for _, piece := range f.epoch {
		w.Dispatches += float64(len(piece))
	}
	return w
}

// Close frees the buffers. The programs stay with the context.
func (f *fusedDescent) Close() error {
	return f.context.Do(func() error {
		f.free()
		return device.CheckErrors("close")
	})
}

func (f *fusedDescent) free() {
	for _, b := range append(f.data, f.weights, f.sums, f.arrivals) {
		b.Delete()
	}
	f.submit.delete()
}
