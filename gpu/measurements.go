package gpu

import "time"

// Measurements are what a device was seen to do. Times are by the device's clock where
// it has one; a value that could not be measured is 0.
type Measurements struct {
	Dispatch time.Duration `json:"dispatch_ns"` // one more dispatch in a stream of them, with nothing between
	Barrier  time.Duration `json:"barrier_ns"`  // one more storage barrier between two dependent dispatches
	// Sync is one more exchange through shared memory within a work group of 256 invocations, with its two barriers.
	Sync time.Duration `json:"sync_ns"`
	// Groups is how many work groups of 256 were seen to run at the same time, and Meeting one more wait of
	// MeetingGroups of them for one another.
	Groups        int           `json:"groups"`
	MeetingGroups int           `json:"meeting_groups"`
	Meeting       time.Duration `json:"meeting_ns"`
	Read          float64       `json:"read_bytes_per_s"`
	Copy          float64       `json:"copy_bytes_per_s"` // bytes read plus bytes written
	Bytes         int64         `json:"bytes"`            // that Read was measured over; Copy takes as much again to write
	// Compile is that of a shader which the driver has never seen, and Recompile that of
	// the same shader again, from the driver's cache where it has one; both with a first dispatch.
	Compile   time.Duration `json:"compile_ns"`
	Recompile time.Duration `json:"recompile_ns"`
}
