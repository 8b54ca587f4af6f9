package measure

import (
	"math"
	"time"

	"descent/bench"
	"descent/bench/journal"
)

// beyondCaches is the size of the data, in values, beyond which a visit takes longer the more data
// there are. Below, the start of the processes and the length of a sample decide.
const beyondCaches = 1 << 18

// processCost returns about how long a process of a contender takes at a size: as long as the mean
// of its processes at the nearest size. It returns 0 if it was never measured.
func (s *Sweeping) processCost(name string, at size) time.Duration {
	values := func(at size) float64 { return max(beyondCaches, float64(at.n)*float64(at.features+1)) }
	nearest, cost := math.Inf(1), time.Duration(0)
	for _, run := range s.runs {
		if run.Header.Sweep.Role == journal.Checking {
			continue
		}
		was := size{run.Header.Plan.N, run.Header.Plan.Features}
		away := math.Abs(math.Log(float64(was.n*was.features) / float64(at.n*at.features)))
		if each := meanProcess(run, name); each > 0 && away <= nearest {
			nearest, cost = away, time.Duration(float64(each)*max(1, values(at)/values(was)))
		}
	}
	return cost
}

// meanProcess returns how long a process of a contender took in a run: to open, to load, and for
// its warm-up and samples.
func meanProcess(run *journal.Results, name string) time.Duration {
	total, processes := int64(0), int64(0)
	for _, p := range run.Processes {
		if p.Contender == name {
			total += p.InitNS + p.LoadNS
			processes++
		}
	}
	for i := range run.Samples {
		if run.Samples[i].Contender == name {
			total += run.Samples[i].WallNS
		}
	}
	return time.Duration(total / max(1, processes))
}

// takes returns about how long a visit takes until its contest has an interval: one process of each
// contender, and more of the best of both sides and of the twin.
func (s *Sweeping) takes(contenders []bench.Contender, at size) time.Duration {
	const bests = 3
	total, precisions := time.Duration(0), map[string]bool{}
	for _, c := range contenders {
		total += s.processCost(c.Name(), at)
		precisions[c.Precision.String()] = true
	}
	mean := total / time.Duration(max(1, len(contenders)))
	return total + time.Duration((journal.LeastGenerations-1)*bests*len(precisions))*mean
}

// extrapolated returns the value at n on the line through two points, in logarithms, if it falls. A
// line that rises is taken for level.
func extrapolated(ns []int, values []float64, n int) float64 {
	slope := math.Log(values[1]/values[0]) / math.Log(float64(ns[1])/float64(ns[0]))
	return values[1] * math.Exp(min(0, slope)*math.Log(float64(n)/float64(ns[1])))
}
