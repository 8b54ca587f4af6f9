package bench

import "math"

// A Verdict says in a word what a comparison shows.
type Verdict string

// The verdicts of a comparison.
const (
	Faster       Verdict = "faster"
	Slower       Verdict = "slower"
	NoDifference Verdict = "no difference shown" // by an interval as narrow as the resolution asks; none larger than it is seen
	CannotTell   Verdict = "cannot tell"         // the interval is wider, or the difference larger, but within the noise
)

// A Ratio says how many times as fast one contender is as another.
type Ratio struct {
	To    string  `json:"to"` // the contender that it is held against
	Ratio float64 `json:"ratio"`
	// Lo and Hi bound the ratio with 95% confidence; 0 where there are fewer than MinProcesses processes of either.
	Lo      float64 `json:"lo,omitempty"`
	Hi      float64 `json:"hi,omitempty"`
	Verdict Verdict `json:"verdict"`
	// MoreBlocks is about how many more blocks would tell, where Verdict cannot; 0 where that is not known.
	MoreBlocks int `json:"more_blocks,omitempty"`
}

// A Null is what a contender comes to that ran twice, under two names: whatever difference its twins show is noise.
type Null struct {
	Contender string `json:"contender"`
	Ratio     Ratio  `json:"ratio"` // of its speed to its twin's
	// Floor is how far from 1 a ratio must be to be more than noise, as 0.02: as far as that of the twins is. It is 0 where
	// that is from fewer than MinProcesses processes.
	Floor float64 `json:"floor,omitempty"`
}

// judge says what c shows. Nothing within the noise floor, a log, and nothing whose interval reaches 1 is called
// faster or slower.
func (c comparison) judge(floor, resolution float64) Verdict {
	size := math.Abs(c.log)
	switch {
	case !c.known():
		return CannotTell
	case size > c.half && size > floor && c.log > 0:
		return Faster
	case size > c.half && size > floor:
		return Slower
	case c.settled(resolution) && size <= math.Log1p(resolution):
		return NoDifference
	}
	return CannotTell
}

// settled reports whether the interval is as narrow as the resolution asks, as 0.02.
func (c comparison) settled(resolution float64) bool {
	return c.known() && c.half <= math.Log1p(resolution)
}

// beyond reports whether the difference is out of question: larger than the floor, and 99.9% confident. The
// usual 95% would not do for an end to the run: looked at after every generation, the interval of identical contenders
// leaves 1 at some time far more often than in one of twenty runs.
func (c comparison) beyond(floor float64) bool {
	return c.known() && math.Abs(c.log) > max(c.more, floor)
}

// moreBlocks returns about how many blocks, after those that c is from, would bring interval and floor down to the
// difference that is seen, or to the resolution: they shrink with the square root of the number.
func (c comparison) moreBlocks(floor, resolution float64, blocks int) int {
	aim := max(math.Abs(c.log), math.Log1p(resolution))
	if !c.known() {
		return 0
	}
	shrink := max(c.half, floor) / aim
	return int(math.Ceil(float64(blocks) * (shrink*shrink - 1)))
}

// ratio is c as a report has it.
func (c comparison) ratio(to string, floor, resolution float64, blocks int) *Ratio {
	r := &Ratio{To: to, Ratio: math.Exp(c.log), Verdict: c.judge(floor, resolution)}
	if c.known() {
		r.Lo, r.Hi = math.Exp(c.log-c.half), math.Exp(c.log+c.half)
	}
	if r.Verdict == CannotTell {
		r.MoreBlocks = max(0, c.moreBlocks(floor, resolution, blocks))
	}
	return r
}

// floor returns the difference that a comparison of twins shows, in logs.
func (c comparison) floor() float64 {
	if !c.known() {
		return 0
	}
	return math.Abs(c.log)
}
