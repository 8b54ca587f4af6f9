// Package machine tells whether this machine is quiet enough to measure on: whether its clock is steady, and whether
// anything else uses its processors. It reads what the operating system tells without privileges at two moments,
// and grades what it was like in between. README.md has the thresholds.
package machine

import (
	"fmt"
	"slices"
	"time"
)

// A Grade says how far times that are taken on a machine like this can be trusted: Good before Fair before Poor.
type Grade string

const (
	Good Grade = "good" // nothing to be said against it
	Fair Grade = "fair" // differences of some percent may be noise
	Poor Grade = "poor" // times taken now are not to be trusted
)

// grades has the better before the worse.
var grades = []Grade{Good, Fair, Poor}

// worse reports whether g is a worse grade than h.
func (g Grade) worse(h Grade) bool { return slices.Index(grades, g) > slices.Index(grades, h) }

// A Assessment is one thing that is known about the machine, in words for its user.
type Assessment struct {
	What   string `json:"what"`
	Value  string `json:"value"`
	Grade  Grade  `json:"grade"`
	Remedy string `json:"remedy,omitempty"` // what can be done about it; empty where it is Good
}

// found returns a finding, whose remedy is only told where one is needed.
func assessed(what, value string, g Grade, remedy string) []Assessment {
	if g == Good {
		remedy = ""
	}
	return []Assessment{{What: what, Value: value, Grade: g, Remedy: remedy}}
}

// Worst returns the worst grade of some findings, and Good for none.
func Worst(fs []Assessment) Grade {
	worst := Good
	for _, f := range fs {
		if f.Grade.worse(worst) {
			worst = f.Grade
		}
	}
	return worst
}

// An interval is what there is to judge by.
type interval struct {
	before, after Reading
	own           time.Duration
	spins         []time.Duration
}

// Assess grades the machine as it was between two readings. own is the CPU time that the caller and its workers used
// in between, as by OwnTime: what is busy beyond it counts as load by others. Workers count in OwnTime once they have
// ended and were waited for. spins are times of Spin taken over the interval, in their order. What neither reading
// knows, or is no matter on this machine, has no finding.
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

// graded is Good up to and with good, Fair up to and with fair, and Poor above and for NaN.
func graded(value, good, fair float64) Grade {
	switch {
	case value <= good:
		return Good
	case value <= fair:
		return Fair
	}
	return Poor
}

// percent writes a share: 0.123 is 12.3%.
func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }
