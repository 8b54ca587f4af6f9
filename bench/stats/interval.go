package stats

import (
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// MinProcesses is the least number of fresh processes for an interval. One process can be slow as a
// whole, because of where its memory lies or which processor it runs on. Its own samples, however
// many, do not show by how much. And five values are the fewest whose range covers the median in
// more than 93 of 100 cases.
const MinProcesses = 5

// AsGood is how many times as long as the best of its side a contender may take to stand for its
// side, if it has more processes than the best. Of contenders that are about equal, none would get
// an interval if now one and now another were the best.
const AsGood = 1.25

const confidence = 0.95

// A Summary holds the centre and the spread of some times, in nanoseconds.
type Summary struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	// Lo and Hi bound the median with 95% confidence, by order statistics. They assume nothing
	// about the distribution except that the values are independent. Both are 0 for fewer than
	// MinProcesses values.
	Lo float64 `json:"lo,omitempty"`
	Hi float64 `json:"hi,omitempty"`
}

// Summarize summarises independent times, in nanoseconds. It returns nil for none.
func Summarize(ns []float64) *Summary {
	if len(ns) == 0 {
		return nil
	}
	out := &Summary{Min: slices.Min(ns), Median: Median(ns)}
	if lo, hi, ok := medianInterval(ns); ok {
		out.Lo, out.Hi = lo, hi
	}
	return out
}

// Scaled returns s with every value multiplied by f.
func (s *Summary) Scaled(f float64) *Summary {
	return &Summary{Min: f * s.Min, Median: f * s.Median, Lo: f * s.Lo, Hi: f * s.Hi}
}

// medianInterval returns an interval that covers, with 95% confidence, the median of the
// distribution of xs. It uses order statistics, and assumes only that the draws are independent:
//
//	P(x₍ₖ₎ ≤ median ≤ x₍ₙ₊₁₋ₖ₎) = 1 − 2·P(Bin(n, ½) < k)
//
// Two neighbouring k have a confidence above and below 95%. The interval is interpolated between
// them after Hettmansperger and Sheather, Statistics & Probability Letters 4 (1986) 75. For five
// values it is their range, with a confidence of 93.75%; for fewer, ok is false.
func medianInterval(xs []float64) (lo, hi float64, ok bool) {
	n := len(xs)
	if n < MinProcesses {
		return 0, 0, false
	}
	sorted := slices.Sorted(slices.Values(xs))
	covers := func(k int) float64 {
		return 1 - 2*distuv.Binomial{N: float64(n), P: 0.5}.CDF(float64(k-1))
	}
	k := 1
	for covers(k+1) >= confidence {
		k++
	}
	outer, inner := covers(k), covers(k+1)
	at := max(0, (outer-confidence)/(outer-inner))
	inward := float64(n-k) * at / (float64(k) + float64(n-2*k)*at)
	lo = (1-inward)*sorted[k-1] + inward*sorted[k]
	hi = (1-inward)*sorted[n-k] + inward*sorted[n-k-1]
	return lo, hi, true
}
