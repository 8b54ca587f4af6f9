//go:build linux && cgo

package gpu

import (
	"crypto/rand"
	"encoding/binary"
	"time"

	"github.com/go-gl/gl/v4.3-core/gl"

	"descent/shaders"
)

// Measure finds out what the device can do, in about a second.
//
// A time is the smallest of many of the same thing, since all that disturbs makes it longer: other work, a clock
// not yet up to speed, memory touched for the first time. A median would depend on how busy the
// device is, which is no property of it.
//
// Dispatch and Barrier are slopes: the time of many dispatches less that of few, divided by how many more
// they are, so that what a submission costs by itself cancels. Each end is the smallest of its times before
// they are subtracted; the smallest of the differences would be too small. A slope is what a stream of
// commands pays, which is the driver's pace where the device is faster.
//
// Sync and Meeting are such slopes too, over rounds within a dispatch. Groups is searched for: so many have all met in
// some rounds, and one more, or as many as are tried, did not.
//
// Read and Copy are the bytes of one pass over its time, start and end included, by the best of several numbers
// of work groups. The buffers are filled with noise and many times larger than caches, where there is room and
// time for it, and the sum of the copy is checked.
//
// A device short of memory is measured on smaller buffers; one without room for any is a Limit or
// OutOfMemory. Nothing stays on the device but five small programs.
func (c *Context) Measure() (Measurements, error) { return c.measure(streamRoom(c.device)) }

// measure is Measure with room bytes for each of the two buffers that Copy takes.
func (c *Context) measure(room int64) (m Measurements, err error) {
	var nonce [4]byte
	rand.Read(nonce[:])
	unseen := shaders.Unseen(binary.NativeEndian.Uint32(nonce[:]))
	err = c.Do(func() error {
		// The passes over memory come first: they take the device out of its idle clocks.
		if err := c.measureStreams(&m, room); err != nil {
			return err
		}
		if m.Compile, err = c.buildAndRun(unseen); err != nil {
			return err
		}
		// Drivers write their cache in the background, and have time for it here.
		if err := c.measureLatency(&m); err != nil {
			return err
		}
		if err := c.measureMeetings(&m); err != nil {
			return err
		}
		m.Recompile, err = c.buildAndRun(unseen)
		return err
	})
	if err != nil {
		return Measurements{}, err
	}
	return m, nil
}

// timed returns how long the device takes for the commands of record: by its own clock, or by
// the wall clock around them where it has none, or one that shows more than passed on the wall. Once the
// context is cancelled it is an error, so that trials end.
func (c *Context) timed(record func()) (time.Duration, error) {
	if err := c.cancelled(); err != nil {
		return 0, err
	}
	watch := c.newStopwatch()
	defer watch.delete()
	begin := time.Now()
	watch.start()
	record()
	watch.stop()
	if err := c.finish(patience); err != nil {
		return 0, err
	}
	wall := time.Since(begin)
	if took := watch.elapsed(); took > 0 && took <= wall {
		return took, nil
	}
	return wall, nil
}

const (
	// fewTicks and manyTicks are the dispatches at the ends of a slope. Many keep the limit of a
	// submission where each takes up to 160 µs.
	fewTicks, manyTicks = 32, 288
	// tickTime is how long, and tickRounds how often at least, streams of ticks are repeated.
	tickTime   = 150 * time.Millisecond
	tickRounds = 3
)

// measureLatency times streams of dispatches of tick, with and without a barrier behind each.
func (c *Context) measureLatency(m *Measurements) error {
	tick, counters, err := c.newTick()
	if err != nil {
		return err
	}
	defer counters.delete()

	var best [2][2]time.Duration // without and with barriers, of few and of many
	begin := time.Now()
	for round := 0; round < tickRounds || time.Since(begin) < tickTime; round++ {
		for i, barriers := range []bool{false, true} {
			for j, n := range []int{fewTicks, manyTicks} {
				took, err := c.timed(func() { tick.stream(n, barriers) })
				if err != nil {
					return err
				}
				if round == 0 || took < best[i][j] {
					best[i][j] = took
				}
			}
		}
	}
	m.Dispatch = slope(best[0])
	m.Barrier = max(0, slope(best[1])-m.Dispatch)
	return nil
}

// newTick returns the program of tick, and its counters, all 0 and bound.
func (c *Context) newTick() (tick program, counters buffer, err error) {
	if tick, err = c.program(shaders.Tick()); err != nil {
		return 0, 0, err
	}
	if counters, err = newBuffer(4 * shaders.LocalSize); err != nil {
		return 0, 0, err
	}
	counters.zero()
	bindStorage(shaders.BindingResult, counters)
	return tick, counters, nil
}

// stream records n dispatches of one work group, with a storage barrier behind each if asked for.
func (p program) stream(n int, barriers bool) {
	for range n {
		p.dispatch(1, 1, 1)
		if barriers {
			barrierStorage()
		}
	}
}

// slope is the time of one dispatch more, from those of few and of many; 0 where noise hides it.
func slope(took [2]time.Duration) time.Duration {
	return max(0, took[1]-took[0]) / (manyTicks - fewTicks)
}

// buildAndRun compiles a kernel of shaders.Unseen as a new program, runs it once, and returns the time of both
// together, since drivers put off a part of the compilation until then. It is by the wall clock: compilers run on the CPU.
func (c *Context) buildAndRun(k shaders.Kernel) (time.Duration, error) {
	tile := shaders.UnseenTile
	for binding, elements := range []int{shaders.BindingA: tile.M * tile.K, shaders.BindingB: tile.K * tile.N, shaders.BindingResult: tile.M * tile.N} {
		b, err := newBuffer(4 * elements)
		if err != nil {
			return 0, err
		}
		defer b.delete()
		b.zero()
		bindStorage(binding, b)
	}
	if err := c.finish(patience); err != nil {
		return 0, err
	}
	begin := time.Now()
	p, err := compileCompute(k.Name, k.Source)
	if err != nil {
		return 0, err
	}
	defer gl.DeleteProgram(uint32(p))
	defer gl.UseProgram(0) // a program in use outlives its deletion
	p.runUnseen()
	err = c.finish(patience)
	return time.Since(begin), err
}

// runUnseen multiplies a tile by a tile.
func (p program) runUnseen() {
	tile := shaders.UnseenTile
	for i, v := range []int{tile.M, tile.N, tile.K, tile.K, 0} {
		p.setUint(location(shaders.LocationUint+i), uint32(v))
	}
	p.dispatch(1, 1, 1)
}
