// Package stats turns times into intervals, ratios and verdicts. Every function is a pure function
// of its numbers: no clock, no file, no machine. The simulations in bench/README.md check
// that the intervals cover 95%.
//
//	series.go    the times of a contender, by process; outliers
//	interval.go  the median and its interval
//	ratio.go     how many times as fast one contender is as another; the noise floor
//	verdict.go   faster, slower, no difference shown, cannot tell
//	drift.go     do times have a trend
//	crossover.go from which size which side wins; crossover_next.go which size to measure next
//	breakeven.go from how many epochs which side wins
package stats

import "slices"

// Median returns the median of xs, and 0 of none. An even number of integers has its middle rounded
// towards 0.
func Median[T ~int | ~int64 | ~float64](xs []T) T {
	if len(xs) == 0 {
		return 0
	}
	sorted := slices.Clone(xs)
	slices.Sort(sorted)
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// moments returns the mean and the variance of xs.
func moments(xs []float64) (mean, variance float64) {
	for _, x := range xs {
		mean += x
	}
	mean /= float64(len(xs))
	for _, x := range xs {
		variance += (x - mean) * (x - mean)
	}
	return mean, variance / float64(len(xs)-1)
}
