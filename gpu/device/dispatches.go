//go:build linux && cgo

package device

import (
	"time"

	"descent/bench"
	"descent/shaders"
)

const (
	// fewTicks and manyTicks are the dispatches at the ends of a slope. Many keep the limit of a
	// submission if each takes up to 160 µs.
	fewTicks, manyTicks = 32, 288
	// Streams of ticks are repeated for tickTime, and at least tickRounds times.
	tickTime   = 150 * time.Millisecond
	tickRounds = 3
)

// A tickStream records n dispatches of one work group.
type tickStream func(tick Program, n int)

// independent has nothing between the dispatches.
func independent(tick Program, n int) {
	for range n {
		tick.Dispatch(1, 1, 1)
	}
}

// dependent has a storage barrier behind each dispatch.
func dependent(tick Program, n int) {
	for range n {
		tick.Dispatch(1, 1, 1)
		StorageBarrier()
	}
}

// measureDispatches times streams of dispatches of tick.comp, with and without barriers.
func (c *Context) measureDispatches(p *bench.Probe) error {
	tick, counters, err := c.newTick()
	if err != nil {
		return err
	}
	defer counters.Delete()

	streams := [...]tickStream{independent, dependent}
	var best [len(streams)][2]time.Duration // of few and of many
	begin := time.Now()
	for round := 0; round < tickRounds || time.Since(begin) < tickTime; round++ {
		for i, record := range streams {
			for j, n := range []int{fewTicks, manyTicks} {
				took, err := c.Time(func() { record(tick, n) })
				if err != nil {
					return err
				}
				if round == 0 || took < best[i][j] {
					best[i][j] = took
				}
			}
		}
	}
	dispatch := slope(best[0])
	p.DispatchNS, p.BarrierNS = int64(dispatch), int64(max(0, slope(best[1])-dispatch))
	return nil
}

// newTick returns the program of tick.comp and its counters, all 0 and bound.
func (c *Context) newTick() (tick Program, counters Buffer, err error) {
	if tick, err = c.Program(shaders.Tick()); err != nil {
		return 0, 0, err
	}
	if counters, err = NewBuffer(4 * shaders.LocalSize); err != nil {
		return 0, 0, err
	}
	counters.Zero()
	counters.Bind(shaders.BindingResult)
	return tick, counters, nil
}

// slope is the time of one dispatch more, from the times of few and of many; 0 if noise hides it.
func slope(took [2]time.Duration) time.Duration {
	return max(0, took[1]-took[0]) / (manyTicks - fewTicks)
}
