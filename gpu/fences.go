//go:build linux && cgo

package gpu

import (
	"fmt"
	"time"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// A fence stands in the stream of commands, behind all that was submitted before.
type fence struct {
	sync    uintptr
	context *Context
}

// insertFence puts a fence behind all that was submitted so far.
func (c *Context) insertFence() fence {
	return fence{gl.FenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0), c}
}

// wait returns when the device has passed the fence, and deletes the fence. The
// error is a Timeout, a ContextLost, or what the calls before it left. It looks for a reset every
// second: a device that was reset may never pass.
func (f fence) wait(timeout time.Duration) error {
	defer f.delete()
	const look = time.Second
	for left := timeout; ; left -= look {
		slice := max(0, min(left, look))
		status := gl.ClientWaitSync(f.sync, gl.SYNC_FLUSH_COMMANDS_BIT, uint64(slice))
		if status == gl.TIMEOUT_EXPIRED && left > look && f.context.resetStatus() == nil {
			continue
		}
		return f.context.outcome(status, timeout)
	}
}

// outcome is the error that a wait's status stands for.
func (c *Context) outcome(status uint32, timeout time.Duration) error {
	// A reset too has every fence passed.
	if err := c.resetStatus(); err != nil {
		return err
	}
	if status == gl.TIMEOUT_EXPIRED {
		return &Error{Kind: Timeout, Provider: c.device.Provider, Detail: fmt.Sprintf("%s did not finish within %v", c.device.Renderer, timeout)}
	}
	if err := checkError("the commands before the fence"); err != nil {
		return err
	}
	if status == gl.WAIT_FAILED {
		return &Error{Kind: ContextLost, Provider: c.device.Provider, Detail: "the driver ended the wait for its device without a reason"}
	}
	return nil
}

func (f fence) delete() { gl.DeleteSync(f.sync) }

// finish waits for all that was submitted so far.
func (c *Context) finish(timeout time.Duration) error { return c.insertFence().wait(timeout) }

// resetStatus is a ContextLost error if the device was reset since the context
// was opened, as far as the driver tells.
func (c *Context) resetStatus() error {
	if c.reset == nil {
		return nil
	}
	return c.resetError(c.reset())
}

// resetError is the error that a reset status stands for.
func (c *Context) resetError(status uint32) error {
	var whose string
	switch status {
	case gl.NO_ERROR:
		return nil
	case gl.GUILTY_CONTEXT_RESET:
		whose = "by work of this program"
	case gl.INNOCENT_CONTEXT_RESET:
		whose = "by another program's work"
	default:
		whose = "for a reason that the driver does not know"
	}
	return &Error{Kind: ContextLost, Provider: c.device.Provider, Detail: c.device.Renderer + " was reset " + whose}
}

// A stopwatch takes the device's time between two points of the stream of
// commands. It uses a pair of time stamps, since llvmpipe answers
// GL_TIME_ELAPSED for compute with 1 ns.
type stopwatch struct {
	stamps [2]uint32
	bits   int
}

func (c *Context) newStopwatch() stopwatch {
	s := stopwatch{bits: c.device.Features.TimestampBits}
	gl.GenQueries(2, &s.stamps[0])
	return s
}

func (s stopwatch) start()  { gl.QueryCounter(s.stamps[0], gl.TIMESTAMP) }
func (s stopwatch) stop()   { gl.QueryCounter(s.stamps[1], gl.TIMESTAMP) }
func (s stopwatch) delete() { gl.DeleteQueries(2, &s.stamps[0]) }

// elapsed is the time from start to stop, and waits until the device has passed
// both; 0 on a device without a clock. The clock may wrap around once in between.
func (s stopwatch) elapsed() time.Duration {
	if s.bits == 0 {
		return 0
	}
	var at [2]uint64
	for i, stamp := range s.stamps {
		gl.GetQueryObjectui64v(stamp, gl.QUERY_RESULT, &at[i])
	}
	return time.Duration((at[1] - at[0]) << (64 - s.bits) >> (64 - s.bits))
}
