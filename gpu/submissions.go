//go:build linux && cgo

package gpu

import (
	"time"

	"descent/gpu/device"
)

const (
	// submissionLimit is how long the device may be busy with one submission: short enough for
	// every watchdog, and long enough to make the wait at its end cheap.
	submissionLimit = 50 * time.Millisecond
	// submissionTime is the aim, so that a submission that takes longer than the last one keeps the
	// limit.
	submissionTime = submissionLimit * 4 / 5
	// inFlight is how many submissions may be under way: one that runs, and one that is ready when
	// it ends.
	inFlight = 2
)

// A submitter sends work to the device in submissions. It makes them longer, up to submissionTime,
// as it learns how long a unit of work takes. Its methods are for the context's thread.
type submitter struct {
	*target
	batch  int // units in a submission
	watch  [inFlight]device.Stopwatch
	onTime time.Duration // of the device, in the last run
}

func (t *target) newSubmitter() submitter {
	s := submitter{target: t, batch: 1}
	for i := range s.watch {
		s.watch[i] = t.context.NewStopwatch()
	}
	return s
}

func (s *submitter) delete() {
	for _, w := range s.watch {
		w.Delete()
	}
}

// A submission is work that is under way.
type submission struct {
	units int
	start time.Time
	fence device.Fence
}

// run has units of work recorded, count from number first on at a time, and waits for all of them.
// Between submissions it ends with a device.Cancelled error if Options.Cancel is closed, and with a
// device.ContextLost error if the device was reset.
func (s *submitter) run(units int, record func(first, count int)) error {
	s.onTime = 0
	var flying [inFlight]submission
	sent, done, next := 0, 0, 0
	for next < units || done < sent {
		slot := sent % inFlight
		if next < units && sent-done < inFlight && s.cancelled() == nil {
			now := submission{units: min(s.batch, units-next), start: time.Now()}
			s.watch[slot].Start()
			record(next, now.units)
			next += now.units
			s.watch[slot].Stop()
			device.UpdateBarrier()
			now.fence = s.context.Submit() // the device works while the next is recorded
			flying[slot] = now
			sent++
			continue
		}
		if done == sent {
			return s.cancelled()
		}
		slot = done % inFlight
		done++
		if err := flying[slot].fence.Wait(); err != nil {
			for ; done < sent; done++ {
				flying[done%inFlight].fence.Delete()
			}
			return err
		}
		took := s.watch[slot].Elapsed()
		s.onTime += took
		if took == 0 {
			// The device has no clock. This time includes the rest of the submission before, so it
			// may be twice too long. Time from the end of that submission may be far too short: if
			// drivers run or queue a dispatch in the call, that end is seen only after this
			// submission's end.
			took = time.Since(flying[slot].start)
		}
		s.batch = nextBatch(s.batch, flying[slot].units, took)
	}
	return nil
}

// nextBatch is the number of units for a submission, after a submission of some units took so long.
// It is what fits submissionTime, but at most twice what is known to fit.
func nextBatch(batch, units int, took time.Duration) int {
	fits := int(float64(units) * float64(submissionTime) / float64(max(took, 1)))
	return max(1, min(fits, max(batch, 2*units)))
}

// timed returns how long the device takes for the commands of record. Once Options.Cancel is closed
// it is an error, so that trials end.
func (t *target) timed(record func()) (time.Duration, error) {
	if err := t.cancelled(); err != nil {
		return 0, err
	}
	return t.context.Time(record)
}
