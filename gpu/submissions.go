//go:build linux && cgo

package gpu

import (
	"fmt"
	"time"

	"github.com/go-gl/gl/v4.3-core/gl"
)

const (
	// submissionLimit is how long the device may be busy with one submission: short enough for
	// every watchdog, long enough to make the wait at its end cheap.
	submissionLimit = 50 * time.Millisecond
	// submissionTime is what is aimed at, so that one that takes longer than the last keeps the limit.
	submissionTime = submissionLimit * 4 / 5
	// patience is how long a submission may take before the device counts as hung.
	patience = 2 * time.Minute
	// inFlight is how many submissions may be under way: one that runs and one that
	// is ready when it ends.
	inFlight = 2
)

// A submitter sends work to the device in submissions that it makes longer, up to submissionTime,
// as it learns how long a unit of work takes. Its methods are for the context's thread.
type submitter struct {
	context *Context
	batch   int // units in a submission
	watch   [inFlight]stopwatch
	onTime  time.Duration // of the device, in the last run
}

func (c *Context) newSubmitter() submitter {
	s := submitter{context: c, batch: 1}
	for i := range s.watch {
		s.watch[i] = c.newStopwatch()
	}
	return s
}

func (s *submitter) delete() {
	for _, w := range s.watch {
		w.delete()
	}
}

// A submission is work that is under way.
type submission struct {
	units int
	start time.Time
	fence fence
}

// run has units of work recorded, count from number first on at a time, and waits for all of them. Between submissions
// it ends with a Cancelled error if the context is cancelled, and with a ContextLost error if the device was reset.
func (s *submitter) run(units int, record func(first, count int)) error {
	s.onTime = 0
	var flying [inFlight]submission
	sent, done, next := 0, 0, 0
	for next < units || done < sent {
		slot := sent % inFlight
		if next < units && sent-done < inFlight && s.context.cancelled() == nil {
			now := submission{units: min(s.batch, units-next), start: time.Now()}
			s.watch[slot].start()
			record(next, now.units)
			next += now.units
			s.watch[slot].stop()
			barrierUpdate()
			now.fence = s.context.insertFence()
			gl.Flush() // the device begins while the next is recorded
			flying[slot] = now
			sent++
			continue
		}
		if done == sent {
			return s.context.cancelled()
		}
		slot = done % inFlight
		done++
		if err := flying[slot].fence.wait(patience); err != nil {
			for ; done < sent; done++ {
				flying[done%inFlight].fence.delete()
			}
			return err
		}
		took := s.watch[slot].elapsed()
		s.onTime += took
		if took == 0 {
			// Without a clock of the device: this holds what was left of the submission before, so
			// it may be twice too long. From the end of that one it may be far too short: where drivers
			// run or queue a dispatch in the call, that end is seen only after this one's.
			took = time.Since(flying[slot].start)
		}
		s.batch = nextBatch(s.batch, flying[slot].units, took)
	}
	return nil
}

// nextBatch is the number of units for a submission after one of units units took so
// long: what fits submissionTime, at most twice what is known to fit.
func nextBatch(batch, units int, took time.Duration) int {
	fits := int(float64(units) * float64(submissionTime) / float64(max(took, 1)))
	return max(1, min(fits, max(batch, 2*units)))
}

// cancelled is a Cancelled error once Options.Cancel is closed.
func (c *Context) cancelled() error {
	select {
	case <-c.cancel:
		return &Error{Kind: Cancelled, Provider: c.device.Provider, Detail: fmt.Sprintf("cancelled: %s has ended what was submitted", c.device.Renderer)}
	default:
		return nil
	}
}
