package stats

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// costs returns n processes with the same costs, which differ by spread from process to process, as
// a share.
func costs(oneOff, epoch, spread float64, n int) Costs {
	out := Costs{}
	for i := range n {
		f := 1 + spread*float64(i-n/2)
		out[i] = Cost{oneOff * f, epoch * f}
	}
	return out
}

func TestABreakEvenIsWhereBothSidesCostTheSame(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second Costs
		want          BreakEven
	}{
		{"dear at first, faster later", costs(100, 10, 0, 6), costs(1100, 5, 0, 6), BreakEven{FromEpochs, 200, 200, 200, 0}},
		{"cheap at first, slower later", costs(1100, 5, 0, 6), costs(100, 10, 0, 6), BreakEven{UntilEpochs, 200, 200, 200, 1}},
		{"better in both", costs(1100, 10, 0, 6), costs(100, 5, 0, 6), BreakEven{Answer: AtAnyEpochs, Below: 1}},
		{"worse in both", costs(100, 5, 0, 6), costs(1100, 10, 0, 6), BreakEven{Answer: NeverEpochs}},
		{"dearer by less than an epoch saves", costs(100, 10, 0, 6), costs(104, 5, 0, 6), BreakEven{Answer: AtAnyEpochs, Below: 1}},
		{"equal", costs(100, 10, 0, 6), costs(100, 10, 0, 6), BreakEven{Answer: EpochsUntold, Below: -1}},
		{"dearer, as fast", costs(100, 10, 0, 6), costs(200, 10, 0, 6), BreakEven{Answer: EpochsUntold, Below: -1}},
		{"three processes", costs(100, 10, 0, 3), costs(1100, 5, 0, 6), BreakEven{FromEpochs, 200, 200, 200, 0}},
		{"three processes, worse in both", costs(1, 5, 0, 3), costs(80, 400, 0, 3), BreakEven{Answer: NeverEpochs}},
		{"two processes", costs(100, 10, 0, 2), costs(1100, 5, 0, 6), BreakEven{EpochsUntold, 200, 0, 0, -1}},
		{"none", nil, nil, BreakEven{Answer: EpochsUntold, Below: -1}},
	} {
		for name, find := range map[string]func(first, second Costs) BreakEven{"": FindBreakEven, " apart": FindBreakEvenApart} {
			if got := find(c.first, c.second); got != c.want {
				t.Errorf("%s%s: %+v, want %+v", c.name, name, got, c.want)
			}
		}
	}
	// In pairs, the machine's speed cancels. Apart, the second side is shown to be dearer at first,
	// but not to be faster later.
	first, second := costs(100, 10, 0.08, 6), costs(1100, 9, 0.08, 6)
	if k := FindBreakEven(first, second); k.Answer != FromEpochs || !near(k.Lo, 1000) || !near(k.Hi, 1000) {
		t.Errorf("in pairs: %+v", k)
	}
	if k := FindBreakEvenApart(first, second); k.Answer != EpochsUntold || !near(k.Epochs, 1000) || !(k.Lo > 100 && k.Lo < 1000) || k.Below != 0 {
		t.Errorf("apart: %+v", k)
	}
}

// someCosts draws the costs of processes.
func someCosts(t *rapid.T, name string, processes int) Costs {
	out := Costs{}
	oneOff, epoch := rapid.Float64Range(0, 1e6).Draw(t, name), rapid.Float64Range(1, 1e3).Draw(t, name)
	for i := range processes {
		noise := rapid.Float64Range(0.8, 1.2)
		out[i] = Cost{oneOff * noise.Draw(t, name), epoch * noise.Draw(t, name)}
	}
	return out
}

func (c Costs) times(oneOff, epoch float64) Costs {
	out := Costs{}
	for process, cost := range c {
		out[process] = Cost{oneOff * cost.OneOff, epoch * cost.Epoch}
	}
	return out
}

func TestBreakEvensBehaveAsBreakEvensDo(t *testing.T) {
	swapped := map[EpochAnswer]EpochAnswer{FromEpochs: UntilEpochs, UntilEpochs: FromEpochs, AtAnyEpochs: NeverEpochs, NeverEpochs: AtAnyEpochs, EpochsUntold: EpochsUntold}
	for name, find := range map[string]func(first, second Costs) BreakEven{"side by side": FindBreakEven, "apart": FindBreakEvenApart} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			processes := rapid.IntRange(0, 10).Draw(t, "processes")
			first, second := someCosts(t, "first", processes), someCosts(t, "second", processes)
			k := find(first, second)
			if text, err := json.Marshal(k); err != nil {
				t.Errorf("%s: %v", text, err)
			}
			within := k.Lo <= k.Epochs && k.Epochs <= k.Hi && k.Lo >= 1
			if bounded := k.Answer == FromEpochs || k.Answer == UntilEpochs; bounded && !within || !bounded && k.Hi != 0 {
				t.Errorf("%+v", k)
			}
			equal := func(what string, got, want BreakEven) {
				if got.Answer != want.Answer || got.Below != want.Below || !near(got.Epochs, want.Epochs) || !near(got.Lo, want.Lo) || !near(got.Hi, want.Hi) {
					t.Errorf("%s: %+v, not %+v", what, got, want)
				}
			}
			equal("another unit of time", find(first.times(1024, 1024), second.times(1024, 1024)), k)
			mirrored := k
			mirrored.Answer = swapped[k.Answer]
			if k.Below >= 0 {
				mirrored.Below = 1 - k.Below
			}
			equal("the sides swapped", find(second, first), mirrored)
			if k.Answer == FromEpochs && k.Lo > 1 {
				longer := k
				longer.Epochs, longer.Lo, longer.Hi = 8*k.Epochs, 8*k.Lo, 8*k.Hi
				equal("larger one-off costs", find(first.times(8, 1), second.times(8, 1)), longer)
			}
		}))
	}
}

// At both ends of Fieller's interval, Student's interval of a − k·b just reaches 0.
func TestFiellersIntervalInvertsStudentsTest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		processes := rapid.IntRange(MinProcesses, 10).Draw(t, "processes")
		first, second := someCosts(t, "first", processes), someCosts(t, "second", processes)
		k := FindBreakEven(first, second)
		for _, at := range []float64{k.Lo, k.Hi} {
			if at <= 1 {
				continue
			}
			var deltas []float64
			for i := range processes {
				deltas = append(deltas, second[i].OneOff-first[i].OneOff-at*(first[i].Epoch-second[i].Epoch))
			}
			if c := ofDeltas(deltas); !(math.Abs(math.Abs(c.log)-c.half) <= 1e-6*c.half+1e-6) {
				t.Errorf("%+v: at %v epochs the difference is %v ± %v", k, at, c.log, c.half)
			}
		}
	})
}

// A plantedCost is a world of two sides with these costs.
type plantedCost struct {
	name          string
	first, second Cost
	oneOff, epoch float64 // the standard deviation of a process, as a share
	skewed        bool    // one-off costs are log-normal
	noise         world   // wander is the drift from generation to generation, in units of 5%
}

var plantedCosts = []plantedCost{
	{"from 1000", Cost{1e3, 2}, Cost{2e3, 1}, 0.05, 0.02, false, world{process: 1}},
	{"from 1000, epochs within 4%", Cost{1e3, 1.04}, Cost{1040, 1}, 0.01, 0.03, false, world{process: 1}},
	{"from 1", Cost{10, 3}, Cost{12, 1}, 0.05, 0.05, false, world{process: 1}},
	{"until 500", Cost{2e3, 1}, Cost{1e3, 3}, 0.05, 0.02, false, world{process: 1}},
	{"always", Cost{12, 3}, Cost{10, 2.9}, 0.05, 0.02, false, world{process: 1}},
	{"from 1000, a drift", Cost{1e3, 2}, Cost{2e3, 1}, 0.03, 0.03, false, world{process: 1, wander: 2}},
	{"from 1000, skewed", Cost{1e3, 2}, Cost{2e3, 1}, 0.25, 0.03, true, world{process: 1}},
	{"from 1000, heavy tails", Cost{1e3, 2}, Cost{2e3, 1}, 0.05, 0.03, false, world{process: 1, heavy: true}},
}

// draw draws the costs of some processes of both sides. Those of one generation share their drift.
func (w plantedCost) draw(rng *rand.Rand, processes int) (first, second Costs) {
	first, second = Costs{}, Costs{}
	for g := range processes {
		drift := 1 + 0.05*w.noise.wander*rng.NormFloat64()
		for side, costs := range []Costs{first, second} {
			c := [...]Cost{w.first, w.second}[side]
			oneOff := 1 + w.oneOff*w.noise.effect(rng)
			if w.skewed {
				oneOff = math.Exp(w.oneOff*w.noise.effect(rng) - w.oneOff*w.oneOff/2)
			}
			costs[g] = Cost{c.OneOff * oneOff * drift, c.Epoch * (1 + w.epoch*w.noise.effect(rng)) * drift}
		}
	}
	return first, second
}

// holds reports whether an answer is true.
func (w plantedCost) holds(k BreakEven) bool {
	a, b := w.second.OneOff-w.first.OneOff, w.first.Epoch-w.second.Epoch
	truth := a / b
	within := k.Lo <= max(1, truth) && max(1, truth) <= k.Hi
	switch k.Answer {
	case FromEpochs:
		return b > 0 && within
	case UntilEpochs:
		return b < 0 && within
	case AtAnyEpochs:
		return b > 0 && truth < 1
	case NeverEpochs:
		return b < 0 && truth < 1
	}
	return k.Below < 0 || (k.Below == 1) == (a < k.Lo*b)
}

// The interval of a break-even must cover the truth in 93% to 97% of simulated runs. If one side
// costs less in both, there is no interval, and the answer must be true in 93% or more. So must it
// be if processes are not compared in pairs, which widens the interval by their common drift. -v
// prints the table in README.md.
func TestIntervalsOfBreakEvensCoverTheTruthInSimulatedRuns(t *testing.T) {
	const runs = 4000
	var table strings.Builder
	for i, w := range plantedCosts {
		for _, processes := range []int{3, 4, 6, 10} {
			rng := rand.New(rand.NewPCG(18, uint64(100*i+processes)))
			told, held, apart := 0, 0, 0
			for range runs {
				first, second := w.draw(rng, processes)
				k := FindBreakEven(first, second)
				if k.Answer != EpochsUntold {
					told++
				}
				if w.holds(k) {
					held++
				}
				if w.holds(FindBreakEvenApart(first, second)) {
					apart++
				}
			}
			share := func(n int) float64 { return float64(n) / runs }
			most := 0.97
			if w.second.OneOff < w.first.OneOff && w.second.Epoch < w.first.Epoch {
				most = 1 // the answer is no interval
			}
			if !(share(held) >= 0.93 && share(held) <= most) {
				t.Errorf("%s, %d processes: the answer in pairs is true in %.1f%% of runs", w.name, processes, 100*share(held))
			}
			if !(share(apart) >= 0.93) {
				t.Errorf("%s, %d processes: the answer apart is true in %.1f%% of runs", w.name, processes, 100*share(apart))
			}
			fmt.Fprintf(&table, "%-32s %9d %7.1f%% %7.1f%% %7.1f%%\n", w.name, processes, 100*share(held), 100*share(apart), 100*share(told))
		}
	}
	t.Logf("\n%-32s %9s %8s %8s %8s\n%s", "break-even", "processes", "pairs", "apart", "told", table.String())
}
