package stats

import (
	"maps"
	"math"
	"slices"
)

// A Series holds the times of one contender by process: nanoseconds an epoch, one value a sample.
type Series map[int][]float64

// Add adds the time of a sample from a process.
func (s Series) Add(process int, perEpoch float64) { s[process] = append(s[process], perEpoch) }

// Medians returns the processes in ascending order, and the median of each.
func (s Series) Medians() (processes []int, medians []float64) {
	processes = slices.Sorted(maps.Keys(s))
	for _, process := range processes {
		medians = append(medians, Median(s[process]))
	}
	return processes, medians
}

// All returns the times of all processes. The times of one process stay in their order.
func (s Series) All() []float64 {
	var out []float64
	for _, process := range slices.Sorted(maps.Keys(s)) {
		out = append(out, s[process]...)
	}
	return out
}

// Len returns the number of samples of all processes.
func (s Series) Len() int {
	n := 0
	for _, times := range s {
		n += len(times)
	}
	return n
}

// Summary summarises the medians of the processes, each multiplied by scale. The samples of one
// process have more in common than the samples of two, so they do not count as independent. Min is
// the least of all samples. It returns nil if there are no samples.
func (s Series) Summary(scale float64) *Summary {
	_, medians := s.Medians()
	for i := range medians {
		medians[i] *= scale
	}
	out := Summarize(medians)
	if out != nil {
		out.Min = scale * slices.Min(s.All())
	}
	return out
}

// Timeit returns the article's figure, min(times)/number, multiplied by scale: the least mean of
// any process.
func (s Series) Timeit(scale float64) float64 {
	least := math.Inf(1)
	for _, times := range s {
		mean := 0.0
		for _, t := range times {
			mean += t / float64(len(times))
		}
		least = min(least, mean)
	}
	return scale * least
}

// An Outlier is a sample far from the other samples of its process. It counts like every other
// sample, because a median is not moved by it.
type Outlier struct {
	Process int     `json:"process"`
	Sample  int     `json:"sample"` // number within its process, from 0
	Times   float64 `json:"times"`  // its time over the median of its process
}

// farOut is the distance beyond the quartiles, in interquartile ranges, at which a sample is
// marked: Tukey, Exploratory Data Analysis (1977), 44.
const farOut = 3

// Outliers returns the samples that lie far out in the distribution of ln(time / median of its
// process). Fewer than eight samples have none, because they have no quartiles to speak of.
func (s Series) Outliers() []Outlier {
	const fewest = 8
	processes, medians := s.Medians()
	var logs []float64
	for i, process := range processes {
		for _, t := range s[process] {
			logs = append(logs, math.Log(t/medians[i]))
		}
	}
	if len(logs) < fewest {
		return nil
	}
	sorted := slices.Sorted(slices.Values(logs))
	low, high := sorted[len(sorted)/4], sorted[len(sorted)-1-len(sorted)/4]
	reach := farOut * (high - low)
	var out []Outlier
	for i, process := range processes {
		for k, t := range s[process] {
			if log := math.Log(t / medians[i]); log < low-reach || log > high+reach {
				out = append(out, Outlier{process, k, t / medians[i]})
			}
		}
	}
	return out
}
