package bench

import (
	"errors"
	"fmt"
	"math"
)

// A Probe is what a device was measured to do just before a run. The run's times on the device are
// held against it. What could not be measured is 0.
type Probe struct {
	Device        string  `json:"device"` // as Info has it
	Software      bool    `json:"software,omitempty"`
	DispatchNS    int64   `json:"dispatch_ns"` // one more dispatch in a stream of them
	BarrierNS     int64   `json:"barrier_ns"`  // one more storage barrier between two dispatches
	ReadBytesPerS float64 `json:"read_bytes_per_s"`
	CopyBytesPerS float64 `json:"copy_bytes_per_s"` // bytes read plus bytes written
	Bytes         int64   `json:"bytes"`            // that were read
	CompileNS     int64   `json:"compile_ns"`       // a shader that the driver has never seen
	RecompileNS   int64   `json:"recompile_ns"`     // the same shader again
	// SyncNS is one more exchange within a work group. Groups is how many work groups run at the
	// same time. MeetingNS is one more wait of MeetingGroups groups for one another.
	SyncNS        int64 `json:"sync_ns,omitempty"`
	Groups        int64 `json:"groups,omitempty"`
	MeetingGroups int64 `json:"meeting_groups,omitempty"`
	MeetingNS     int64 `json:"meeting_ns,omitempty"`
	// Reads is how fast the device reads so many bytes again and again, in ascending order of the
	// bytes: its caches, and then its memory.
	Reads []Reading `json:"reads,omitempty"`
	// MulAddsF32 and MulAddsF64 are how many multiply-adds a second it makes.
	MulAddsF32 float64 `json:"mul_adds_f32_per_s,omitempty"`
	MulAddsF64 float64 `json:"mul_adds_f64_per_s,omitempty"`
}

// A Reading is how fast so many bytes are read, again and again.
type Reading struct {
	Bytes     int64   `json:"bytes"`
	BytesPerS float64 `json:"bytes_per_s"`
}

// Check refuses a probe with a value that no measurement gives.
func (p *Probe) Check() error {
	if p.Device == "" {
		return errors.New("the probe names no device")
	}
	for _, v := range []struct {
		name  string
		value float64
	}{
		{"dispatch_ns", float64(p.DispatchNS)}, {"barrier_ns", float64(p.BarrierNS)},
		{"read_bytes_per_s", p.ReadBytesPerS}, {"copy_bytes_per_s", p.CopyBytesPerS}, {"bytes", float64(p.Bytes)},
		{"compile_ns", float64(p.CompileNS)}, {"recompile_ns", float64(p.RecompileNS)}, {"sync_ns", float64(p.SyncNS)},
		{"groups", float64(p.Groups)}, {"meeting_groups", float64(p.MeetingGroups)}, {"meeting_ns", float64(p.MeetingNS)},
		{"mul_adds_f32_per_s", p.MulAddsF32}, {"mul_adds_f64_per_s", p.MulAddsF64},
	} {
		if v.value != 0 && !(v.value >= 1 && v.value <= math.MaxInt64) {
			return fmt.Errorf("the probe of %s has %s %v, which no device has", p.Device, v.name, v.value)
		}
	}
	before := int64(0)
	for _, at := range p.Reads {
		if at.Bytes <= before || !(at.BytesPerS >= 1 && at.BytesPerS <= math.MaxInt64) {
			return fmt.Errorf("the probe of %s has a reading of %v B/s over %d bytes after one over %d", p.Device, at.BytesPerS, at.Bytes, before)
		}
		before = at.Bytes
	}
	return nil
}
