//go:build linux && cgo

package device

import (
	"fmt"
	"time"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// patience is how long the device may take for what was submitted before it counts as hung.
const patience = 2 * time.Minute

// A Fence stands in the stream of commands, behind everything that was recorded before it.
type Fence struct {
	sync    uintptr
	context *Context
}

// Submit puts a fence behind everything that was recorded so far, and has the device begin with it.
func (c *Context) Submit() Fence {
	f := c.insertFence()
	gl.Flush()
	return f
}

func (c *Context) insertFence() Fence {
	return Fence{gl.FenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0), c}
}

// Wait returns when the device has passed the fence, and deletes the fence. The error is a Timeout,
// a ContextLost, or an error that the calls before it left. Wait looks for a reset every second,
// because a device that was reset may never pass the fence.
func (f Fence) Wait() error {
	defer f.Delete()
	const look = time.Second
	for left := patience; ; left -= look {
		slice := max(0, min(left, look))
		status := gl.ClientWaitSync(f.sync, gl.SYNC_FLUSH_COMMANDS_BIT, uint64(slice))
		if status == gl.TIMEOUT_EXPIRED && left > look && f.context.resetStatus() == nil {
			continue
		}
		return f.context.outcome(status)
	}
}

// Delete forgets a fence that nobody will wait for.
func (f Fence) Delete() { gl.DeleteSync(f.sync) }

// Finish waits for everything that was recorded so far.
func (c *Context) Finish() error { return c.insertFence().Wait() }

// outcome is the error for the status of a wait.
func (c *Context) outcome(status uint32) error {
	// After a reset, too, every fence counts as passed.
	if err := c.resetStatus(); err != nil {
		return err
	}
	if status == gl.TIMEOUT_EXPIRED {
		return &Error{Kind: Timeout, Provider: c.device.Provider, Detail: fmt.Sprintf("%s did not finish within %v", c.device.Renderer, patience)}
	}
	if err := CheckErrors("the commands before the fence"); err != nil {
		return err
	}
	if status == gl.WAIT_FAILED {
		return &Error{Kind: ContextLost, Provider: c.device.Provider, Detail: "the driver ended the wait for its device without a reason"}
	}
	return nil
}

// resetStatus is a ContextLost error if the driver reports that the device was reset since the
// context was opened.
func (c *Context) resetStatus() error {
	if c.reset == nil {
		return nil
	}
	return c.resetError(c.reset())
}

// resetError is the error for a reset status.
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
