package report

import (
	"fmt"
	"math"
	"slices"

	"descent/bench/journal"
	"descent/bench/stats"
)

// slowShare is how much longer than at full speed the driver's spin must take, before and after a
// sample, for the sample to be marked.
const slowShare = 0.1

// spins returns the times of the driver's spin in nanoseconds, in ascending order.
func spins(r *journal.Results) []float64 {
	var out []float64
	for _, s := range r.Samples {
		if s.SpinNS[0] > 0 {
			out = append(out, float64(s.SpinNS[0]), float64(s.SpinNS[1]))
		}
	}
	slices.Sort(out)
	return out
}

// fullSpeed returns the time of the driver's spin when the processor is as fast as it gets in this
// run, in nanoseconds: the 10th percentile of spins. It returns infinity if there are none.
func fullSpeed(spins []float64) float64 {
	if len(spins) == 0 {
		return math.Inf(1)
	}
	return spins[len(spins)/10]
}

// slowed reports whether the processor was slow both before and after s: throttled, or shared with
// others.
func slowed(s *journal.Sample, full float64) bool {
	return float64(min(s.SpinNS[0], s.SpinNS[1])) > (1+slowShare)*full
}

// A Null is what the null arm shows: a contender that ran twice, under two names. The difference
// between its twins is noise.
type Null struct {
	Contender string      `json:"contender"`
	Ratio     stats.Ratio `json:"ratio"` // how many times as fast its twin is
	// Floor is the noise floor: how far from 1 a ratio must be to be more than noise, as 0.02. It
	// is 0 if there are fewer than stats.MinProcesses processes.
	Floor float64 `json:"floor,omitempty"`
}

// addNull adds the null arm: twin is the second row of the contender called name.
func (rep *Report) addNull(twin Row, name string) {
	i := slices.IndexFunc(rep.Rows, func(row Row) bool { return row.Contender == name })
	of := &rep.Rows[i]
	if of.Run == nil || twin.Run == nil {
		return
	}
	c := stats.Compare(of.timings, twin.timings)
	if c.Processes() == 0 {
		return
	}
	rep.Null = &Null{
		Contender: name, Floor: math.Expm1(c.Floor()),
		Ratio: *c.Ratio(twin.Contender, 0, rep.Plan.Resolution, min(of.Samples, twin.Samples)),
	}
}

// floor returns the noise floor as a logarithm, 0 if it is not known.
func (rep *Report) floor() float64 {
	if rep.Null == nil {
		return 0
	}
	return math.Log1p(rep.Null.Floor)
}

// addRatios holds each row that has times against the baseline and against the fastest row.
func (rep *Report) addRatios() {
	base, fastest := rep.BaselineRow(), rep.FastestRow()
	for i := range rep.Rows {
		row := &rep.Rows[i]
		against := func(other *Row) *stats.Ratio {
			if other == nil || row.Run == nil || other == row {
				return nil
			}
			c := stats.Compare(other.timings, row.timings)
			if c.Processes() == 0 {
				return nil
			}
			return c.Ratio(other.Contender, rep.floor(), rep.Plan.Resolution, min(other.Samples, row.Samples))
		}
		row.Baseline, row.Fastest = against(base), against(fastest)
	}
}

// Against makes a contender the baseline, in place of the loop. The name of a backend is its
// contender in f64, if there is one. It returns an error if the
// contender has no time in this run.
func (rep *Report) Against(contender string) error {
	row := rep.row(contender)
	for _, precision := range []string{"f64", "f32"} {
		if row == nil {
			row = rep.row(contender + "/" + precision)
		}
	}
	switch {
	case row == nil:
		return fmt.Errorf("the run has no contender %q", contender)
	case row.Run == nil:
		return fmt.Errorf("%s has no time in the run: %s", row.Contender, row.Status)
	case row.Info.Algorithm != "":
		return fmt.Errorf("%s is another algorithm, and ratios to it do not compare processors", row.Contender)
	}
	rep.baseline = row.Contender
	rep.addRatios()
	return nil
}

// BaselineRow returns the row that speeds are held against: the one that Against chose, or else the
// first loop that has times, in f64 if there is one. It returns nil if there is none.
func (rep *Report) BaselineRow() *Row {
	if rep.baseline != "" {
		return rep.row(rep.baseline)
	}
	var first *Row
	for i := range rep.Rows {
		row := &rep.Rows[i]
		if row.Backend != "loop" || row.Run == nil {
			continue
		}
		if row.Precision == "f64" {
			return row
		}
		if first == nil {
			first = row
		}
	}
	return first
}

// FastestRow returns the row with the least time an epoch. Algorithms that do not pass over the
// data every epoch do not count. It returns nil if there is none.
func (rep *Report) FastestRow() *Row {
	var fastest *Row
	for i := range rep.Rows {
		row := &rep.Rows[i]
		if row.Run != nil && row.Info.Algorithm == "" && (fastest == nil || row.PerEpoch() < fastest.PerEpoch()) {
			fastest = row
		}
	}
	return fastest
}
