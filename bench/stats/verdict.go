package stats

import "math"

// A Verdict says in a word what a comparison shows.
type Verdict string

// The verdicts of a comparison.
const (
	Faster Verdict = "faster"
	Slower Verdict = "slower"
	// NoDifference: the interval is as narrow as the resolution asks, and the difference is
	// smaller.
	NoDifference Verdict = "no difference shown"
	// CannotTell: the interval is wider, or the difference is larger but within the noise.
	CannotTell Verdict = "cannot tell"
	// NotJudged: something else than the contenders differed, such as the load of the machine.
	NotJudged Verdict = "not judged"
)

// A Ratio says how many times as fast one contender is as another, as a report shows it.
type Ratio struct {
	To    string  `json:"to"` // the other contender
	Ratio float64 `json:"ratio"`
	// Lo and Hi bound the ratio with 95% confidence. Both are 0 if one of the two has fewer than
	// MinProcesses processes.
	Lo      float64 `json:"lo,omitempty"`
	Hi      float64 `json:"hi,omitempty"`
	Verdict Verdict `json:"verdict"`
	// MoreBlocks is about the number of further blocks that would tell, if Verdict is CannotTell.
	// It is 0 if that is not known.
	MoreBlocks int `json:"more_blocks,omitempty"`
}

// Ratio returns c as a report shows it, against the contender to. floor is the noise floor, a
// logarithm; resolution is the difference that is looked for, as 0.02; blocks is the number of
// blocks that c was computed from.
func (c LogRatio) Ratio(to string, floor, resolution float64, blocks int) *Ratio {
	r := &Ratio{To: to, Ratio: math.Exp(c.log), Verdict: c.verdict(floor, resolution)}
	if c.known() {
		r.Lo, r.Hi = math.Exp(c.log-c.half), math.Exp(c.log+c.half)
	}
	if r.Verdict == CannotTell {
		r.MoreBlocks = max(0, c.moreBlocks(floor, resolution, blocks))
	}
	return r
}

// verdict says what c shows. A difference within the noise floor, or with an interval that reaches
// 1, is never called faster or slower.
func (c LogRatio) verdict(floor, resolution float64) Verdict {
	size := math.Abs(c.log)
	switch {
	case !c.known():
		return CannotTell
	case size > c.half && size > floor && c.log > 0:
		return Faster
	case size > c.half && size > floor:
		return Slower
	case c.Settled(resolution) && size <= math.Log1p(resolution):
		return NoDifference
	}
	return CannotTell
}

// moreBlocks returns about the number of blocks, after the first blocks, that would narrow interval
// and floor to the difference that is seen, or to the resolution. Both shrink with the square root
// of the number of blocks.
func (c LogRatio) moreBlocks(floor, resolution float64, blocks int) int {
	aim := max(math.Abs(c.log), math.Log1p(resolution))
	if !c.known() {
		return 0
	}
	shrink := max(c.half, floor) / aim
	return int(math.Ceil(float64(blocks) * (shrink*shrink - 1)))
}

// Regression reports whether the other contender is slower by more than limit, as 0.05, over the
// whole interval and beyond the noise floor, a logarithm. If it is not, unclear reports whether it
// may be. If limit is 0, verdict decides.
func (c LogRatio) Regression(floor, limit float64, verdict Verdict) (regressed, unclear bool) {
	if limit == 0 || !c.known() {
		return verdict == Slower, verdict == CannotTell
	}
	most := -math.Log1p(limit)
	regressed = c.log+c.half < most && -c.log > floor
	return regressed, !regressed && c.log-c.half < most
}
