package bench

import (
	"math"
	"slices"
)

// A Summary is the centre and spread of some times, in nanoseconds.
type Summary struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	// Lo and Hi bound the median with 95% confidence by order statistics, which
	// assumes nothing of the distribution but that the values are independent. They
	// are 0 where there are fewer than MinProcesses of them.
	Lo float64 `json:"lo,omitempty"`
	Hi float64 `json:"hi,omitempty"`
}

// Summarize returns the Summary of some independent times, nil where there are none.
func Summarize(ns []float64) *Summary {
	if len(ns) == 0 {
		return nil
	}
	out := &Summary{Min: slices.Min(ns), Median: median(ns)}
	if lo, hi, ok := medianInterval(ns); ok {
		out.Lo, out.Hi = lo, hi
	}
	return out
}

// summary is that of samples from several processes, scaled. Its values are those of the processes' medians: the
// samples of one process have more in common than those of two.
func (s series) summary(scale float64) *Summary {
	_, medians := s.centres()
	for i := range medians {
		medians[i] *= scale
	}
	out := Summarize(medians)
	if out != nil {
		out.Min = scale * slices.Min(s.all())
	}
	return out
}

// timeit returns the article's figure, scaled: min(times)/number, the least mean of any process.
func (s series) timeit(scale float64) float64 {
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

// An Outlier is a sample far from the others of its process. It is counted as they are: a median does not mind it.
type Outlier struct {
	Process int     `json:"process"`
	Sample  int     `json:"sample"` // of the process's, from 0
	Times   float64 `json:"times"`  // as long as the process's median
}

// farOut is how many times the distance of the quartiles a sample lies beyond them that is marked, as in
// Tukey, Exploratory Data Analysis (1977), 44.
const farOut = 3

// outliers are the samples that lie far out in the distribution of ln(time / median of its process).
func (s series) outliers() []Outlier {
	processes, medians := s.centres()
	var logs []float64
	for i, process := range processes {
		for _, t := range s[process] {
			logs = append(logs, math.Log(t/medians[i]))
		}
	}
	const fewest = 8 // have no quartiles to speak of
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
