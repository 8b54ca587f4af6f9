//go:build linux && cgo

package device

import (
	"time"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// A Stopwatch takes the device's time between two points of the stream of commands. It uses a pair
// of time stamps, because llvmpipe answers GL_TIME_ELAPSED for compute with 1 ns. Its methods run
// on the context's thread, inside Context.Do.
type Stopwatch struct {
	stamps [2]uint32
	bits   int
}

// NewStopwatch returns a stopwatch, which the caller deletes.
func (c *Context) NewStopwatch() Stopwatch {
	s := Stopwatch{bits: c.device.Features.TimestampBits}
	gl.GenQueries(2, &s.stamps[0])
	return s
}

// Start puts the first time stamp behind the commands recorded so far.
func (s Stopwatch) Start() { gl.QueryCounter(s.stamps[0], gl.TIMESTAMP) }

// Stop puts the second time stamp behind the commands recorded so far.
func (s Stopwatch) Stop() { gl.QueryCounter(s.stamps[1], gl.TIMESTAMP) }

// Delete frees the time stamps.
func (s Stopwatch) Delete() { gl.DeleteQueries(2, &s.stamps[0]) }

// Elapsed is the time from Start to Stop. It waits until the device has passed both. It is 0 on a
// device without a clock. The clock may wrap around once in between.
func (s Stopwatch) Elapsed() time.Duration {
	if s.bits == 0 {
		return 0
	}
	var at [2]uint64
	for i, stamp := range s.stamps {
		gl.GetQueryObjectui64v(stamp, gl.QUERY_RESULT, &at[i])
	}
	return time.Duration((at[1] - at[0]) << (64 - s.bits) >> (64 - s.bits))
}

// Time returns how long the device takes for the commands that record records, and waits for them.
// It goes by the device's clock, or by the wall clock if the device has none or shows more time
// than passed on the wall.
func (c *Context) Time(record func()) (time.Duration, error) {
	watch := c.NewStopwatch()
	defer watch.Delete()
	begin := time.Now()
	watch.Start()
	record()
	watch.Stop()
	if err := c.Finish(); err != nil {
		return 0, err
	}
	wall := time.Since(begin)
	if took := watch.Elapsed(); took > 0 && took <= wall {
		return took, nil
	}
	return wall, nil
}
