// Package machine finds out whether this machine is quiet enough to measure on: whether its clock
// is steady, and whether anything else uses its processors. Read takes a Reading of the operating
// system without privileges, and Assess grades the time between two readings. README.md lists what
// is read, the thresholds and the remedies.
//
//	machine.go        grades, Assessment, Assess
//	reading.go        Reading, and the readers of files in /proc and /sys
//	read_linux.go     Read on Linux
//	read_other.go     Read on other systems: the processors' times only
//	load.go           load by others; time that the host of a guest took (steal)
//	frequency.go      governor, turbo, frequency drift
//	spin.go           Spin, which measures the frequency
//	thermal.go        thermal throttling
//	battery.go        battery or mains power
//	swap.go           swapping
//	cgroup.go         CPU quota and memory limit of a container or service
//	siblings.go       two threads a core (SMT)
//	clock.go          the clock source
//	guest.go          virtual machines
//	gpu.go            ReadGPU; GPUs by AMD and Intel
//	nvidia.go         GPUs by NVIDIA, from nvidia-smi
//	owntime_unix.go   CPU time of this process and its children
//	owntime_other.go  CPU time of this process alone
package machine

import (
	"fmt"
	"slices"
	"time"
)

// A Grade says how far a time measured on this machine can be trusted.
type Grade string

const (
	Good Grade = "good" // nothing to be said against it
	Fair Grade = "fair" // differences of some percent may be noise
	Poor Grade = "poor" // times taken now are not to be trusted
)

// grades are in order, the best first.
var grades = []Grade{Good, Fair, Poor}

// worse reports whether g is a worse grade than h.
func (g Grade) worse(h Grade) bool { return slices.Index(grades, g) > slices.Index(grades, h) }

// An Assessment is one fact about the machine, graded, in words for its user.
type Assessment struct {
	What   string `json:"what"`
	Value  string `json:"value"`
	Grade  Grade  `json:"grade"`
	Remedy string `json:"remedy,omitempty"` // what to do about it; empty if Grade is Good
}

// assessed returns a list of one Assessment. If g is Good it leaves out the remedy.
func assessed(what, value string, g Grade, remedy string) []Assessment {
	if g == Good {
		remedy = ""
	}
	return []Assessment{{What: what, Value: value, Grade: g, Remedy: remedy}}
}

// Worst returns the worst grade among the assessments, Good if there are none.
func Worst(all []Assessment) Grade {
	worst := Good
	for _, a := range all {
		if a.Grade.worse(worst) {
			worst = a.Grade
		}
	}
	return worst
}

// WorstOf returns the worse assessment of each fact that a or b has, in the order of a, then b.
func WorstOf(a, b []Assessment) []Assessment {
	out := slices.Clone(a)
	for _, fact := range b {
		i := slices.IndexFunc(out, func(known Assessment) bool { return known.What == fact.What })
		if i < 0 {
			out = append(out, fact)
		} else if fact.Grade.worse(out[i].Grade) {
			out[i] = fact
		}
	}
	return out
}

// An interval holds the arguments of Assess.
type interval struct {
	before, after Reading
	own           time.Duration
	spins         []time.Duration
}

// Assess grades the machine between two readings.
//
// own is the CPU time that the caller and its workers used in between, by OwnTime. Busy time beyond
// own counts as load by others. OwnTime includes a worker once it has ended and its parent has
// waited for it.
//
// spins are results of Spin from the interval, in the order in which they were taken.
//
// A fact has no assessment if the readings do not know it, or if it does not apply to this machine.
func Assess(before, after Reading, own time.Duration, spins []time.Duration) []Assessment {
	i := interval{before, after, own, spins}
	var out []Assessment
	for _, assess := range []func(interval) []Assessment{
		load, steal, drift, governor, throttling, battery, swapping, cpuQuota, memoryLimit, siblings, clockSource, guest, gpus,
	} {
		out = append(out, assess(i)...)
	}
	return out
}

// graded returns Good if value ≤ good, Fair if value ≤ fair, and Poor otherwise, for NaN too.
func graded(value, good, fair float64) Grade {
	switch {
	case value <= good:
		return Good
	case value <= fair:
		return Fair
	}
	return Poor
}

// percent formats a share: 0.123 becomes "12.3%".
func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }
