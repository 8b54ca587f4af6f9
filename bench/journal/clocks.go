package journal

import (
	"fmt"
	"math"
	"time"

	"descent/bench"
)

// CheckClocks holds the clocks of a sample against each other. contradiction makes the row of the
// sample untrusted at once; lateness does so if every sample of the row has it.
func CheckClocks(s *Sample) (contradiction, lateness error) {
	return checkOrder(s), checkOverhead(s)
}

// checkOrder refuses a device's time that is longer than the worker's, and a worker's time that is
// longer than the driver's.
func checkOrder(s *Sample) error {
	run, wall, device := time.Duration(s.RunNS), time.Duration(s.WallNS), time.Duration(s.DeviceNS)
	switch {
	case run > wall:
		return fmt.Errorf("the worker's clock says %v, the driver's only %v", run, wall)
	case bench.Exceeds(float64(s.DeviceNS), s.RunNS):
		return fmt.Errorf("the device's clock says %v, the worker's only %v", device, run)
	}
	return nil
}

// The time that the driver's clock may show beyond the worker's, for the protocol.
const (
	slackFixed = 10 * time.Millisecond
	slackShare = 0.05
)

// checkOverhead refuses a sample for which the driver waited much longer than the worker says it
// worked. On a busy machine one or two samples look like that. If every sample does, the work was
// not done in the timed region.
func checkOverhead(s *Sample) error {
	run, wall := time.Duration(s.RunNS), time.Duration(s.WallNS)
	if wall-run <= slackFixed+time.Duration(slackShare*float64(wall)) {
		return nil
	}
	return fmt.Errorf("in every sample the driver waited for longer than the worker says it worked: %v for %v in the last", wall, run)
}

// A Ceiling is what the processor was seen to do just before a run. It is of one of two kinds: how
// fast it reads so many bytes, again and again, or how many multiply-adds it makes in a precision.
type Ceiling struct {
	Device  string `json:"device"`            // as bench.Info has it
	Threads int    `json:"threads,omitempty"` // 0 is the best number of them

	Bytes     int64   `json:"bytes,omitempty"` // that were read; 0 for arithmetic
	BytesPerS float64 `json:"bytes_per_s,omitempty"`

	Precision   string  `json:"precision,omitempty"` // of the arithmetic; "" for reading
	MulAddsPerS float64 `json:"mul_adds_per_s,omitempty"`
}

func (c *Ceiling) check() error {
	speed := func(v float64) bool { return v >= 1 && v <= math.MaxInt64 }
	ofOne := c.Device != "" && c.Threads >= 0
	switch {
	case c.Precision == "" && !(ofOne && c.Bytes >= 1 && speed(c.BytesPerS) && c.MulAddsPerS == 0):
		return fmt.Errorf("a ceiling of %v B/s over %d bytes of device %q is none", c.BytesPerS, c.Bytes, c.Device)
	case c.Precision != "" && !(ofOne && speed(c.MulAddsPerS) && c.Bytes == 0 && c.BytesPerS == 0):
		return fmt.Errorf("a ceiling of %v multiply-adds a second in %q of device %q is none", c.MulAddsPerS, c.Precision, c.Device)
	}
	return nil
}

// ceilingSlack is how many times as fast as the ceiling a sample may seem to read: the measurement
// of the ceiling may have been disturbed.
const ceilingSlack = 3

// CheckCeiling refuses a sample whose data, of so many bytes, would have been read once an epoch
// faster than their memory gives them, in bytes a second. Then the work was not done, or not in
// that time. A ceiling of 0 is not known, and refuses nothing.
func CheckCeiling(s *Sample, bytes int64, ceiling float64) error {
	if ceiling == 0 {
		return nil
	}
	rate := float64(bytes) * 1e9 / s.PerEpoch()
	if rate <= ceilingSlack*ceiling {
		return nil
	}
	return fmt.Errorf("%d epochs in %v would have read the data at %.3g GB/s, where their memory gives %.3g GB/s: the work was not done in that time",
		s.Epochs*s.CallCount(), time.Duration(s.RunNS), rate/1e9, ceiling/1e9)
}
