package measure

import (
	"math"
	"time"

	"descent/bench"
	"descent/bench/driver"
	"descent/bench/journal"
	"descent/bench/sweep"
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
// its warm-up and samples. A worker itself tells how long it took to open and to load, so all of
// that is scaled to what the run took by the driver's clock. That also holds the start and the end
// of processes, and what the driver waits for.
func meanProcess(run *journal.Results, name string) time.Duration {
	own, all, processes := int64(0), int64(0), int64(0)
	add := func(contender string, ns int64) {
		all += ns
		if contender == name {
			own += ns
		}
	}
	for _, p := range run.Processes {
		add(p.Contender, p.InitNS+p.LoadNS)
		if p.Contender == name {
			processes++
		}
	}
	for i := range run.Samples {
		add(run.Samples[i].Contender, run.Samples[i].WallNS)
	}
	if run.End != nil && len(run.Resumes) == 0 && all > 0 {
		own = int64(float64(own) * float64(run.End.TotalNS) / float64(all))
	}
	return time.Duration(own / max(1, processes))
}

// takes returns about how long a visit takes until its contest has an interval: one process of each
// contender, and more of the best of both sides and of the twin. Who was the best at the nearest
// size is taken for the best here. Where one side is far ahead there is no twin.
func (s *Sweeping) takes(answers *sweep.Sweep, contenders []bench.Contender, at size) time.Duration {
	total := time.Duration(0)
	precisions := map[string]bool{}
	for _, c := range contenders {
		total += s.processCost(c.Name(), at)
		precisions[c.Precision.String()] = true
	}
	if answers == nil {
		return total
	}
	for _, p := range answers.Problems {
		nearest := nearestOf(&p, at)
		if nearest == nil || !precisions[p.Precision] {
			continue
		}
		costs := [2]time.Duration{}
		for side, champion := range nearest.Champions {
			costs[side] = s.processCost(champion.Contender, at)
		}
		each := costs[0] + costs[1]
		if a, b := nearest.Champions[0].EpochNS, nearest.Champions[1].EpochNS; max(a, b) <= driver.Landslide*min(a, b) {
			each += max(costs[0], costs[1])
		}
		total += (journal.LeastGenerations - 1) * each
	}
	return total
}

// nearestOf returns the size of a problem with both champions that is the nearest to another, nil
// if there is none.
func nearestOf(p *sweep.Problem, at size) (nearest *sweep.Size) {
	if p.Features != at.features {
		return nil
	}
	away := math.Inf(1)
	for i := range p.Sizes {
		known := &p.Sizes[i]
		if d := math.Abs(math.Log(float64(known.N) / float64(at.n))); known.Champions[0] != nil && known.Champions[1] != nil && d < away {
			nearest, away = known, d
		}
	}
	return nearest
}

// extrapolated returns the value at n on the line through two points, in logarithms, if it falls. A
// line that rises is taken for level.
func extrapolated(ns []int, values []float64, n int) float64 {
	slope := math.Log(values[1]/values[0]) / math.Log(float64(ns[1])/float64(ns[0]))
	return values[1] * math.Exp(min(0, slope)*math.Log(float64(n)/float64(ns[1])))
}
