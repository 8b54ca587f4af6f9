package bench

import (
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
)

// A Summary is the centre and spread of some times, in nanoseconds.
type Summary struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	// Lo and Hi bound the median with 95% confidence by order statistics, which
	// assumes nothing of the distribution but that the samples are independent. They
	// are 0 where there are fewer than the six samples that such an interval needs.
	Lo float64 `json:"lo,omitempty"`
	Hi float64 `json:"hi,omitempty"`
}

// Summarize returns the Summary of some times, nil where there are none.
func Summarize(ns []float64) *Summary {
	if len(ns) == 0 {
		return nil
	}
	sample := benchmath.NewSample(slices.Clone(ns), &benchmath.DefaultThresholds)
	s := benchmath.AssumeNothing.Summary(sample, 0.95)
	out := &Summary{Min: sample.Values[0], Median: s.Center}
	if !math.IsInf(s.Lo, 0) && !math.IsInf(s.Hi, 0) {
		out.Lo, out.Hi = s.Lo, s.Hi
	}
	return out
}
