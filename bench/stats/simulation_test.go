package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// blocks is the number of samples that a process has in a run by default.
const blocks = 5

// A world is what simulated runs are drawn from. A log time is the sum of three terms:
//
//   - the drift of the machine, which all contenders share
//   - the effect of the process
//   - the noise of the sample, which is not negative
type world struct {
	name    string
	process float64 // standard deviation of the effects of processes
	noise   float64 // scale of the noise of samples
	// heavy draws effects from Student's t with 3 degrees of freedom. A tenth of the samples has a
	// Pareto tail of 1.5.
	heavy         bool
	trend, wander float64 // drift of the machine over the run: a line, a random walk
}

var worlds = []world{
	{name: "samples alone vary", noise: 1},
	{name: "processes and samples", process: 1, noise: 1},
	{name: "processes above all", process: 2, noise: 0.5},
	{name: "heavy tails", process: 1, noise: 1, heavy: true},
	{name: "a trend, heavy tails", process: 1, noise: 1, heavy: true, trend: 1},
	{name: "a random walk, heavy tails", process: 1, noise: 1, heavy: true, wander: 1},
	{name: "a walk, equal processes", noise: 1, heavy: true, wander: 0.5},
}

// effect draws the effect of a process.
func (w world) effect(rng *rand.Rand) float64 {
	if !w.heavy {
		return w.process * rng.NormFloat64()
	}
	chi := 0.0
	for range 3 {
		x := rng.NormFloat64()
		chi += x * x
	}
	return w.process * rng.NormFloat64() / math.Sqrt(chi/3)
}

// sample draws the noise of a sample.
func (w world) sample(rng *rand.Rand) float64 {
	n := w.noise * math.Abs(rng.NormFloat64())
	if w.heavy && rng.Float64() < 0.1 {
		n += 3 * w.noise * (math.Pow(rng.Float64(), -1/1.5) - 1)
	}
	return n
}

// generation draws the samples of one process of each of two equal contenders. They are log times,
// in hundredths. drift returns the drift of the machine at the next sample.
func (w world) generation(rng *rand.Rand, drift func() float64) (a, b []float64) {
	ea, eb := w.effect(rng), w.effect(rng)
	for range blocks {
		d := drift()
		a = append(a, ea+w.sample(rng)+d)
		b = append(b, eb+w.sample(rng)+d)
	}
	return a, b
}

// simulated draws a run of least to most generations. It ends when ended returns true. drifted is
// the median of the drift of the machine.
func (w world) simulated(rng *rand.Rand, least, most int, ended func(a, b Series) bool) (a, b Series, drifted float64) {
	a, b = Series{}, Series{}
	slope, walk := w.trend*float64(2*rng.IntN(2)-1), 0.0
	var path []float64
	drift := func() float64 {
		walk += w.wander * rng.NormFloat64() / math.Sqrt(float64(blocks*least))
		path = append(path, walk+slope*float64(len(path))/float64(blocks*least))
		return path[len(path)-1]
	}
	for g := range most {
		la, lb := w.generation(rng, drift)
		for k := range la {
			a.Add(g, math.Exp(la[k]/100))
			b.Add(g, math.Exp(lb[k]/100))
		}
		if g+1 >= least && ended(a, b) {
			break
		}
	}
	return a, b, Median(path)
}

// hierarchical returns the interval of the ratio by a bootstrap over processes and then over
// samples. descent does not use it: the test shows how often it covers the truth.
func hierarchical(rng *rand.Rand, base, other Series) (lo, hi float64) {
	const resamples = 400
	processes, _ := base.Medians()
	means := make([]float64, resamples)
	drawn := [2][]float64{}
	for i := range means {
		for range processes {
			g := processes[rng.IntN(len(processes))]
			drawn[0], drawn[1] = drawn[0][:0], drawn[1][:0]
			for range base[g] {
				k := rng.IntN(len(base[g]))
				drawn[0], drawn[1] = append(drawn[0], base[g][k]), append(drawn[1], other[g][k])
			}
			means[i] += math.Log(Median(drawn[0])/Median(drawn[1])) / float64(len(processes))
		}
	}
	slices.Sort(means)
	return means[resamples*25/1000], means[resamples*975/1000]
}

// The intervals of medians and of ratios must cover the truth in 93% to 97% of the runs, in every
// world. The intervals of ratios must do so even if the run ends as soon as they are narrow. The
// drift of the machine in a run is part of its median. -v prints the table in README.md.
func TestIntervalsCoverTheTruthInSimulatedRuns(t *testing.T) {
	const runs, bootstraps = 4000, 300
	never := func(a, b Series) bool { return false }
	lines := make([]string, len(worlds))
	t.Run("worlds", func(t *testing.T) {
		for i, w := range worlds {
			t.Run(w.name, func(t *testing.T) {
				t.Parallel()
				for _, processes := range []int{5, 6, 10} {
					rng := rand.New(rand.NewPCG(6, uint64(100*i+processes)))
					truth := w.trueMedian(rng)
					medians, ratios, stopped, bootstrapped := 0, 0, 0, 0
					for run := range runs {
						a, b, drifted := w.simulated(rng, processes, processes, never)
						_, m := a.Medians()
						if lo, hi, _ := medianInterval(m); lo <= truth*math.Exp(drifted/100) && truth*math.Exp(drifted/100) <= hi {
							medians++
						}
						if Compare(a, b).covers(0) {
							ratios++
						}
						if run < bootstraps {
							if lo, hi := hierarchical(rng, a, b); lo <= 0 && 0 <= hi {
								bootstrapped++
							}
						}
						a, b, _ = w.simulated(rng, max(processes, MinProcesses+1), 4*processes, func(a, b Series) bool {
							c := Compare(a, b)
							return c.Settled(0.01) || c.Beyond(0)
						})
						if Compare(a, b).covers(0) {
							stopped++
						}
					}
					lines[i] += fmt.Sprintf("%-28s %9d", w.name, processes)
					for what, n := range [...]int{medians, ratios, stopped} {
						share := float64(n) / runs
						lines[i] += fmt.Sprintf(" %7.1f%%", 100*share)
						if !(share >= 0.93 && share <= 0.97) {
							t.Errorf("%d processes: the interval of a %s covers the truth in %.1f%% of runs",
								processes, [...]string{"median", "ratio", "ratio with a stop"}[what], 100*share)
						}
					}
					lines[i] += fmt.Sprintf(" %9.1f%%\n", 100*float64(bootstrapped)/bootstraps)
				}
			})
		}
	})
	t.Logf("\n%-28s %9s %8s %8s %8s %10s\n%s", "runs that differ by", "processes", "median", "ratio", "stopped", "bootstrap", strings.Join(lines, ""))
}

func (c LogRatio) covers(log float64) bool { return math.Abs(c.log-log) <= c.half }

// trueMedian returns the median of the medians of processes on a machine that does not drift. It
// simulates 100,000 processes.
func (w world) trueMedian(rng *rand.Rand) float64 {
	w.trend, w.wander = 0, 0
	var all []float64
	for range 100_000 {
		a, _ := w.generation(rng, func() float64 { return 0 })
		all = append(all, math.Exp(Median(a)/100))
	}
	return Median(all)
}
