package journal

import (
	"time"

	"descent/bench"
)

// A Sample is one timed call of descend, or several calls in a row.
type Sample struct {
	Contender string `json:"contender"`
	Process   int    `json:"process"`
	Block     int    `json:"block"`
	Warmup    bool   `json:"warmup,omitempty"`
	Epochs    int    `json:"epochs"`          // a call
	Calls     int    `json:"calls,omitempty"` // 0 is 1
	RunNS     int64  `json:"run_ns"`          // the worker's clock around all calls
	WallNS    int64  `json:"wall_ns"`         // the driver's clock around the exchange
	// CPUNS is the processor time of all the worker's threads in the exchange; 0 is not known.
	CPUNS      int64 `json:"cpu_ns,omitempty"`
	DeviceNS   int64 `json:"device_ns,omitempty"`
	DownloadNS int64 `json:"download_ns,omitempty"` // the part of RunNS that copied w back
	// SpinNS is the time of a fixed computation of the driver's, before the sample and after it.
	SpinNS [2]int64 `json:"spin_ns,omitzero"`
	// Awake names the other contenders whose threads did not sleep.
	Awake []string     `json:"awake,omitempty"`
	W     bench.Vector `json:"w"`
	// MaxError is the greatest difference from the oracle in any entry of w.
	MaxError  bench.Number `json:"max_error"`
	Tolerance float64      `json:"tolerance"`
	Wrong     string       `json:"wrong,omitempty"`     // how w is out of tolerance
	Untrusted string       `json:"untrusted,omitempty"` // why the time cannot be right
	Note      string       `json:"note,omitempty"`      // the worker's, if this descent changed it
}

// CallCount returns the number of calls, which is 1 if Calls is 0.
func (s *Sample) CallCount() int { return max(1, s.Calls) }

// PerCall returns the time of one call in nanoseconds.
func (s *Sample) PerCall() float64 { return float64(s.RunNS) / float64(s.CallCount()) }

// PerEpoch returns the time of one epoch in nanoseconds.
func (s *Sample) PerEpoch() float64 { return s.PerCall() / float64(s.Epochs) }

// busyLeast is the shortest sample that tells how many processors it kept busy. A shorter one lies
// between two ticks of the scheduler, and may have been counted whole or not at all.
const busyLeast = 10 * time.Millisecond

// Busy returns how many processors the sample kept busy, 0 if that is not known. Both of its times
// are the driver's readings around the one exchange. So a worker cannot look idler or busier than
// it was, whatever it says about its own time.
func (s *Sample) Busy() float64 {
	if s.CPUNS == 0 || s.WallNS < busyLeast.Nanoseconds() {
		return 0
	}
	return float64(s.CPUNS) / float64(s.WallNS)
}
