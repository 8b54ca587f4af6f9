package gpu

import "time"

// Measurements are what a device was seen to do. Times are by the device's clock where
// it has one; a value that could not be measured is 0.
type Measurements struct {
	Dispatch time.Duration `json:"dispatch_ns"` // one more dispatch in a stream of them, with nothing between
	Barrier  time.Duration `json:"barrier_ns"`  // one more storage barrier between two dependent dispatches
	Read     float64       `json:"read_bytes_per_s"`
	Copy     float64       `json:"copy_bytes_per_s"` // bytes read plus bytes written
	Bytes    int64         `json:"bytes"`            // that Read was measured over; Copy takes as much again to write
	// Compile is that of a shader which the driver has never seen, and Recompile that of
	// the same shader again, from the driver's cache where it has one; both with a first dispatch.
	Compile   time.Duration `json:"compile_ns"`
	Recompile time.Duration `json:"recompile_ns"`
}
