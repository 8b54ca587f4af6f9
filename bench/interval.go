package bench

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// MinProcesses is how many fresh processes an interval needs at least. What one process measures can be off
// as a whole (where its memory came to lie, which processor it woke up on), so that its samples, however many, do
// not tell how far off; and the median of five values is the first that their range covers in over 93 of 100 cases.
const MinProcesses = 5

const confidence = 0.95

// A series holds the times of one contender, in nanoseconds an epoch, by process.
type series map[int][]float64

func (s series) add(process int, perEpoch float64) { s[process] = append(s[process], perEpoch) }

// centres returns the median of each process, in the order of the processes.
func (s series) centres() (processes []int, medians []float64) {
	for process := range s {
		processes = append(processes, process)
	}
	slices.Sort(processes)
	for _, process := range processes {
		medians = append(medians, median(s[process]))
	}
	return processes, medians
}

// all returns the times of all processes, in the order in which each process gave them.
func (s series) all() []float64 {
	var out []float64
	processes, _ := s.centres()
	for _, process := range processes {
		out = append(out, s[process]...)
	}
	return out
}

// median returns the median of xs; NaN of none.
func median(xs []float64) float64 {
	if len(xs) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(xs))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// medianInterval returns the interval that covers with 95% confidence the median of what xs are drawn from, by order
// statistics, which assume no more than that the draws are independent:
//
//	P(x₍ₖ₎ ≤ median ≤ x₍ₙ₊₁₋ₖ₎) = 1 − 2·P(Bin(n, ½) < k)
//
// between the two k whose confidence lies on either side of 95% it is interpolated after Hettmansperger and Sheather,
// Statistics & Probability Letters 4 (1986) 75. Of five values it is the range, with 93.75%; of fewer there is none.
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
	return (1-inward)*sorted[k-1] + inward*sorted[k], (1-inward)*sorted[n-k] + inward*sorted[n-k-1], true
}

// A comparison is that of two contenders: the mean log of how many times as fast one is as the other, and half the
// width of its 95% interval. more is half the width that 99.9% take.
type comparison struct {
	log, half, more float64
	processes       int
}

// known reports whether there are processes enough for an interval.
func (c comparison) known() bool { return c.processes >= MinProcesses }

// compare returns how many times as fast as base other is, in logs. The processes of one generation ran side by side,
// in the same blocks, so that they are compared with each other: what the machine did to both of them cancels. With
//
//	δ_g = ln(median of base in generation g) − ln(median of other in it)
//
// over G generations the interval is mean(δ) ± t(G−1)·sd(δ)/√G. The medians take in the tails of single samples; and δ
// varies with the processes, and the samples in them, alike. See README.md for the alternatives that lost.
func compare(base, other series) comparison {
	var deltas []float64
	processes, medians := base.centres()
	for i, process := range processes {
		if times := other[process]; len(times) > 0 {
			deltas = append(deltas, math.Log(medians[i]/median(times)))
		}
	}
	mean, variance := moments(deltas)
	return student(mean, variance/float64(len(deltas)), float64(len(deltas)-1), len(deltas))
}

// compareApart is compare for two runs, whose processes have nothing to do with each other: by Welch's interval.
func compareApart(base, other series) comparison {
	logs := func(s series) (mean, share, n float64) {
		_, medians := s.centres()
		for i, m := range medians {
			medians[i] = math.Log(m)
		}
		mean, variance := moments(medians)
		n = float64(len(medians))
		return mean, variance / n, n
	}
	mb, vb, nb := logs(base)
	mo, vo, no := logs(other)
	freedom := (vb + vo) * (vb + vo) / (vb*vb/(nb-1) + vo*vo/(no-1))
	if vb+vo == 0 {
		freedom = nb + no - 2
	}
	return student(mb-mo, vb+vo, freedom, int(min(nb, no)))
}

// student is the comparison with that mean, the square of its standard error, and degrees of freedom.
func student(mean, square, freedom float64, processes int) comparison {
	c := comparison{log: mean, processes: processes}
	if c.known() {
		t := distuv.StudentsT{Sigma: 1, Nu: freedom}
		c.half = math.Sqrt(square) * t.Quantile((1+confidence)/2)
		c.more = math.Sqrt(square) * t.Quantile(0.9995)
	}
	return c
}

// moments returns mean and variance of xs.
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
