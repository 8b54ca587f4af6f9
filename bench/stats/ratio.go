package stats

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"
)

// A LogRatio says how many times as fast one contender is as another, as a natural logarithm with
// its interval. Compare and CompareApart make one.
type LogRatio struct {
	log       float64 // mean over the processes
	half      float64 // half the width of the 95% interval
	more      float64 // half the width of the 99.9% interval
	processes int
}

// Compare returns how many times as fast other is as base, for two contenders of one run. The
// processes of one generation ran side by side, in the same blocks, so they are compared in pairs:
// what the machine did to both of them cancels. With
//
//	δ_g = ln(median of base in generation g) − ln(median of other in it)
//
// over G generations the interval is mean(δ) ± t(G−1)·sd(δ)/√G. The medians absorb the tails of
// single samples. bench/README.md names the alternatives that lost.
func Compare(base, other Series) LogRatio {
	var deltas []float64
	processes, medians := base.Medians()
	for i, process := range processes {
		if times := other[process]; len(times) > 0 {
			deltas = append(deltas, math.Log(medians[i]/Median(times)))
		}
	}
	return ofDeltas(deltas)
}

// ofDeltas returns what δ_g of some generations show together.
func ofDeltas(deltas []float64) LogRatio {
	mean, variance := moments(deltas)
	return student(mean, variance/float64(len(deltas)), float64(len(deltas)-1), len(deltas))
}

// CompareApart returns how many times as fast other is as base, for contenders of two runs. Their
// processes are not paired, so the interval is Welch's.
func CompareApart(base, other Series) LogRatio {
	logs := func(s Series) (mean, share, n float64) {
		_, medians := s.Medians()
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

// student returns a LogRatio from a mean, the square of its standard error, and its degrees of
// freedom.
func student(mean, square, freedom float64, processes int) LogRatio {
	c := LogRatio{log: mean, processes: processes}
	if c.known() {
		c.half = math.Sqrt(square) * studentQuantile((1+confidence)/2, freedom)
	}
	if processes >= landslidePairs {
		c.more = math.Sqrt(square) * studentQuantile(0.9995, freedom)
	}
	return c
}

// quantiles holds what studentQuantile returned for whole degrees of freedom. To compute one takes
// 10 µs, and a simulation asks for millions.
var quantiles sync.Map

// studentQuantile returns the quantile p of Student's t.
func studentQuantile(p, freedom float64) float64 {
	key := [2]float64{p, freedom}
	if known, ok := quantiles.Load(key); ok {
		return known.(float64)
	}
	q := distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile(p)
	if freedom == math.Trunc(freedom) {
		quantiles.Store(key, q)
	}
	return q
}

// A landslide is seen from landslidePairs processes on: a difference of more than landslide, a
// logarithm, that is outside the 99.9% interval too. With three processes the quantile is 32, so
// their spread must be small for that.
const (
	landslidePairs = 3
	landslide      = math.Ln2
)

// isLandslide reports whether c is a landslide. It needs fewer processes than an interval, because
// no noise of a machine makes processes of one contender twice as fast as those of another, three
// times in a row and by nearly the same factor.
func (c LogRatio) isLandslide() bool {
	return c.processes >= landslidePairs && math.Abs(c.log) > max(c.more, landslide)
}

// known reports whether there are enough processes for an interval.
func (c LogRatio) known() bool { return c.processes >= MinProcesses }

// Processes returns the number of processes, or of pairs of processes, that c was computed from.
func (c LogRatio) Processes() int { return c.processes }

// Log returns the mean of c, a logarithm.
func (c LogRatio) Log() float64 { return c.log }

// Bounds returns the 95% interval of c, in logarithms. Both bounds are 0 if there are too few
// processes for an interval.
func (c LogRatio) Bounds() (lo, hi float64) {
	if !c.known() {
		return 0, 0
	}
	return c.log - c.half, c.log + c.half
}

// Floor returns the noise floor that a comparison of twins gives: the size of c. It is 0 if there
// are too few processes for an interval.
func (c LogRatio) Floor() float64 {
	if !c.known() {
		return 0
	}
	return math.Abs(c.log)
}

// Settled reports whether the interval is as narrow as resolution asks, as 0.02.
func (c LogRatio) Settled(resolution float64) bool {
	return c.known() && c.half <= math.Log1p(resolution)
}

// Beyond reports whether a difference is beyond doubt: larger than floor, a logarithm, and outside
// the 99.9% interval. A run is looked at after every generation, so 95% would not do to end it: for
// equal contenders such an interval leaves 1 at some time far more often than in one of 20 runs.
func (c LogRatio) Beyond(floor float64) bool {
	return c.known() && math.Abs(c.log) > max(c.more, floor)
}
