package bench

import (
	"descent/bench/stats"
	"math"
	"slices"
)

// slowShare is by how much longer than at full speed the driver's spin takes before and after a sample that is marked.
const slowShare = 0.1

// fullSpeed returns what the driver's spin takes when the processor is as fast as it was in this run: the 10th percentile.
func (r *Results) fullSpeed() float64 {
	var spins []int64
	for _, s := range r.Samples {
		if s.SpinNS[0] > 0 {
			spins = append(spins, s.SpinNS[0], s.SpinNS[1])
		}
	}
	if len(spins) == 0 {
		return math.Inf(1)
	}
	slices.Sort(spins)
	return float64(spins[len(spins)/10])
}

// slowed reports whether the processor was slower than it can be before and after s: throttled, or shared with others.
func (s *Sample) slowed(full float64) bool {
	return float64(min(s.SpinNS[0], s.SpinNS[1])) > (1+slowShare)*full
}

// blockNS returns how long a block took: the time of the session that ended the run, with what its processes took to
// start, over the blocks it added.
func (r *Results) blockNS() int64 {
	if r.End == nil || r.blocks <= r.blocksBefore {
		return 0
	}
	return r.End.TotalNS / int64(r.blocks-r.blocksBefore)
}

// A Null is what the null arm shows: a contender that ran twice, under two names. The difference
// between its twins is noise.
type Null struct {
	Contender string      `json:"contender"`
	Ratio     stats.Ratio `json:"ratio"` // how many times as fast its twin is
	// Floor is the noise floor: how far from 1 a ratio must be to be more than noise, as 0.02. It is 0
	// if there are fewer than stats.MinProcesses processes.
	Floor float64 `json:"floor,omitempty"`
}

// addNull takes up the null arm: twin is its row, of the contender's of that name.
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

// floor is the noise floor in logs; 0 where it is not known.
func (rep *Report) floor() float64 {
	if rep.Null == nil {
		return 0
	}
	return math.Log1p(rep.Null.Floor)
}

// addRatios holds each row that has times against the baseline's and the fastest.
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

// BaselineRow returns the row that speeds are held against, the first loop that has times, in f64 if there is one; nil
// where there is none.
func (rep *Report) BaselineRow() *Row {
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

// FastestRow returns the row with the least time an epoch, of those that pass over the data every epoch; nil where there
// is none.
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
