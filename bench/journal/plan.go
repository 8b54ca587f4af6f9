package journal

import (
	"fmt"
	"time"

	"descent/bench"
	"descent/bench/stats"
	"descent/dataset"
)

// A Plan is what a run is asked to measure.
type Plan struct {
	Data string `json:"data,omitempty"` // the user's file; empty for generated data
	// Standardized says that the columns of Data have mean 0 and standard deviation 1.
	Standardized bool    `json:"standardized,omitempty"`
	N            int     `json:"n"`
	Features     int     `json:"features"`
	Epochs       int     `json:"epochs"`
	Rate         float64 `json:"rate"`
	Noise        float64 `json:"noise"`
	// The data were generated from Weights.
	Weights bench.Vector `json:"weights,omitempty"`
	Seed    uint64       `json:"seed"` // of the data, and of the order within blocks
	// Processes is the number of fresh processes of a contender. 0 is as many as it takes until the
	// ranking is known to Resolution, and at least LeastGenerations.
	Processes  int           `json:"processes,omitempty"`
	Blocks     int           `json:"blocks"` // samples a process
	Resolution float64       `json:"resolution"`
	NoNull     bool          `json:"no_null,omitempty"` // no contender runs twice
	Budget     time.Duration `json:"budget_ns"`         // for all of the measuring
	Timeout    time.Duration `json:"timeout_ns"`        // for one exchange with a worker
	Memory     int64         `json:"memory_bytes,omitempty"`
	// Threads is the bound on CPU threads that all contenders are told. It is 0 in files that do
	// not hold it.
	Threads int `json:"threads,omitempty"`
}

// The defaults of a plan. A time is known to DefaultResolution if half its interval is 2% or less.
// LongBudget is for runs whose processes start slowly. On a GPU each makes a context, compiles, and
// searches for the fastest variants; some outside programs import a large library.
const (
	DefaultBlocks     = 5
	DefaultResolution = 0.02
	DefaultBudget     = time.Minute
	LongBudget        = 5 * time.Minute
)

// LeastGenerations is the number of generations before a run may end because it knows enough. An
// interval that is narrow by chance must not end it. After only the five that an interval needs, a
// 95% interval would cover less than 93%.
const LeastGenerations = stats.MinProcesses + 1

// MinSamples is the number of samples that a contender gets whatever the budget.
const MinSamples = 3

// DataBytes returns the size of the data in a precision: N·(P+1) values.
func (p *Plan) DataBytes(prec dataset.Precision) int64 {
	return int64(prec.Bytes()) * int64(p.N) * (int64(p.Features) + 1)
}

// Problem names the problem: its data by their label, the sizes, epochs and rate.
func (p *Plan) Problem() string {
	data := p.Source()
	if data == "" {
		data = fmt.Sprintf("generated data of seed %d", p.Seed)
	}
	return data + ", " + p.size()
}

// Source names the user's file, and says whether it is standardised: "prices.csv, standardised". It
// returns "" for generated data.
func (p *Plan) Source() string {
	if p.Data != "" && p.Standardized {
		return p.Data + ", standardised"
	}
	return p.Data
}

// size returns the part of Problem that is not the data's label.
func (p *Plan) size() string {
	return fmt.Sprintf("N = %d, P = %d, %d epochs at rate %v", p.N, p.Features, p.Epochs, p.Rate)
}

// Measurement returns p without what may change when a run is resumed: Processes, Resolution,
// Budget, Timeout and Memory say how long and within what limits to measure. Weights are left out
// too, because they show in the data.
func (p *Plan) Measurement() Plan {
	m := *p
	m.Budget, m.Timeout, m.Memory, m.Resolution, m.Processes, m.Weights = 0, 0, 0, 0, 0, nil
	return m
}

// SameMeasurement reports whether two plans ask for the same samples, so that a run by one can be
// resumed by the other: all that Measurement keeps is equal.
func (p *Plan) SameMeasurement(o *Plan) bool {
	return p.Data == o.Data && p.Standardized == o.Standardized && p.N == o.N && p.Features == o.Features &&
		p.Epochs == o.Epochs && p.Rate == o.Rate && p.Noise == o.Noise && p.Seed == o.Seed && p.Blocks == o.Blocks && p.NoNull == o.NoNull && p.Threads == o.Threads
}
