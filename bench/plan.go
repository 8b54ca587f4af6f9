package bench

import (
	"descent/bench/stats"
	"time"
)

// A Plan is what a run is asked to measure.
type Plan struct {
	Data     string  `json:"data,omitempty"` // the user's file; empty for generated data
	N        int     `json:"n"`
	Features int     `json:"features"`
	Epochs   int     `json:"epochs"`
	Rate     float64 `json:"rate"`
	Noise    float64 `json:"noise"`
	Weights  Vector  `json:"weights,omitempty"` // that the data were generated from
	Seed     uint64  `json:"seed"`              // of the data and of the order within blocks
	// Processes is how many fresh processes a contender gets; 0 for as many, six at least, as it takes until the ranking is
	// known to Resolution.
	Processes  int           `json:"processes,omitempty"`
	Blocks     int           `json:"blocks"` // samples a process
	Resolution float64       `json:"resolution"`
	NoNull     bool          `json:"no_null,omitempty"` // no contender runs twice
	Budget     time.Duration `json:"budget_ns"`         // for all of the measuring
	Timeout    time.Duration `json:"timeout_ns"`        // for one exchange with a worker
	Memory     int64         `json:"memory_bytes,omitempty"`
	// Threads is the bound that all contenders are told for the threads they use on the CPU; 0 where the run's file does not
	// tell it.
	Threads int `json:"threads,omitempty"`
}

// The defaults of a plan. A time is known to DefaultResolution where half its interval is 2%. A run has
// LongBudget with a device to measure on, where each process makes a context, compiles, and searches for the fastest variants, and
// with outside programs that import a large library.
const (
	DefaultBlocks     = 5
	DefaultResolution = 0.02
	DefaultBudget     = time.Minute
	LongBudget        = 5 * time.Minute
)

// leastGenerations is how many there are before a run may end because it knows enough. An interval that is narrow by chance
// must not end it: after the five that an interval needs, one of 95% would cover less than 93%.
const leastGenerations = stats.MinProcesses + 1

// minSamples is how many samples a contender gets whatever the budget.
const minSamples = 3

// processes is how many processes a contender's share of the budget is to last for.
func (p *Plan) processes() int {
	if p.Processes > 0 {
		return p.Processes
	}
	return leastGenerations
}

// Progress is what a run in progress looks like from outside. It is told between
// samples, never within one.
type Progress struct {
	Doing string        // what comes next: "loop/f64"
	Done  float64       // share of the work, 0 to 1
	Left  time.Duration // estimate
}
