package sweep_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"descent/bench/journal"
	"descent/bench/machine"
	"descent/bench/stats"
	"descent/bench/sweep"
)

func TestTheOutcomesOfASweep(t *testing.T) {
	cpu := processor().epoch
	for _, test := range []struct {
		name    string
		outcome stats.Outcome
		changes int
		epoch   func(n int) float64 // of the card
	}{
		{"a crossover", stats.OneCrossover, 1, card().epoch},
		{"two", stats.Crossovers, 2, func(n int) float64 {
			if n == 4096 {
				return 0.5 * cpu(n)
			}
			return 2 * cpu(n)
		}},
		{"the first always", stats.FirstAlways, 0, func(n int) float64 { return 3 * cpu(n) }},
		{"the second always", stats.SecondAlways, 0, func(n int) float64 { return cpu(n) / 3 }},
		{"equals", stats.CrossoverOpen, 0, func(n int) float64 { return cpu(n) * 1.0001 }},
	} {
		w := twoSides()
		w.contenders[1].epoch = test.epoch
		c := answers(t, w).Problems[0].Crossover
		if c.Outcome != test.outcome || test.name != "equals" && len(c.Changes) != test.changes || c.From != 64 || c.To != 262144 {
			t.Errorf("%s: %+v", test.name, c)
		}
	}
}

func TestASweepWithoutADeviceComparesNothing(t *testing.T) {
	w := twoSides()
	w.contenders = w.contenders[:1]
	s := answers(t, w)
	p := s.Problems[0]
	if c := p.Crossover; c.Outcome != stats.NothingToCompare || c.From != 0 || c.To != 0 || p.BreakEven != nil {
		t.Errorf("the crossover is %+v, the break-evens %+v", c, p.BreakEven)
	}
	for _, row := range p.Map.Rows {
		for _, cell := range row.Cells {
			if cell.Winner != -1 || cell.Ratio != 0 || cell.Measured || cell.Best != [2]string{"simd/f64", ""} {
				t.Errorf("a cell is %+v", cell)
			}
		}
	}
	if at(t, p, 64).Champions[0] == nil {
		t.Error("there is no champion of the processor")
	}
}

func TestASweepSaysHowItEnded(t *testing.T) {
	runs := planted(t, twoSides())
	last := runs[len(runs)-1]
	want := func(end string) {
		t.Helper()
		s, err := sweep.New(runs)
		if err != nil || s.End != end {
			t.Errorf("the end is %q, not %q: %v", s.End, end, err)
		}
	}
	want(journal.CutShort)
	last.InProgress = true
	want(journal.InProgress)
	left := []journal.Unvisited{{N: 1 << 20, Features: 1, Reason: "the budget was used up"}}
	last.Swept = &journal.Swept{Reason: journal.OutOfBudget, TotalNS: 1e11, DriverNS: 5e7, CeilingsNS: 3e6, Unvisited: left}
	want(journal.OutOfBudget)
	s, err := sweep.New(runs)
	if err != nil {
		t.Fatal(err)
	}
	// The session took longer than its 7 runs of 10 s. They know of more work of the driver.
	if s.TotalNS != 1e11 || s.DriverNS != 7e7 || s.CeilingsNS != 3e6 || len(s.Unvisited) != 1 {
		t.Errorf("the sweep took %v, its driver %v and %v, unvisited are %v", s.TotalNS, s.DriverNS, s.CeilingsNS, s.Unvisited)
	}
}

func TestARunThatWasCutShortCountsAsFarAsItGoes(t *testing.T) {
	w := twoSides()
	runs := planted(t, w)
	last := runs[len(runs)-1]
	last.End = nil
	last.Samples = last.Samples[:len(last.Samples)/2]
	s, err := sweep.New(runs)
	if err != nil {
		t.Fatal(err)
	}
	size := at(t, s.Problems[0], last.Header.Plan.N)
	if n := size.Champions[0].Processes; n != w.processes/2 || size.Ratio == nil || size.Ratio.Lo != 0 {
		t.Errorf("half of the run gives %d processes and %+v", n, size.Ratio)
	}
	last.Samples = nil
	if s, err = sweep.New(runs); err != nil {
		t.Fatal(err)
	}
	gap := at(t, s.Problems[0], last.Header.Plan.N).Gap
	if gap != "simd/f64 was not reached; gl-resident/f64 was not reached" {
		t.Errorf("nothing of the run gives the gap %q", gap)
	}
}

func TestTheReaderIsWarned(t *testing.T) {
	w := twoSides()
	w.contenders[1].info.Software = true
	w.contenders[1].info.Device = "llvmpipe"
	w.machine = []machine.Assessment{{What: "load", Value: "3.1 processors busy", Grade: machine.Poor, Remedy: "end it"}}
	s := answers(t, w)
	if s.Sides[1].Name != "software renderer" || s.Sides[1].Device != "llvmpipe" || s.Grade != machine.Poor {
		t.Errorf("the sides are %+v, the grade %s", s.Sides, s.Grade)
	}
	said := strings.Join(s.Warnings, "\n")
	for _, want := range []string{"llvmpipe is a software renderer", "The machine was poor to measure on: load 3.1 processors busy."} {
		if !strings.Contains(said, want) {
			t.Errorf("the warnings lack %q:\n%s", want, said)
		}
	}
	hardware := card()
	hardware.name = "jax/f64"
	w.contenders = append(w.contenders, hardware)
	s = answers(t, w)
	if s.Sides[1].Name != "GPU" || s.Sides[1].Device != "" || s.Sides[1].Software || !strings.Contains(strings.Join(s.Warnings, "\n"), "llvmpipe is") {
		t.Errorf("beside a card, the sides are %+v, the warnings %q", s.Sides, s.Warnings)
	}
	if s = answers(t, twoSides()); s.Warnings != nil {
		t.Errorf("without a reason it warns: %q", s.Warnings)
	}
}

// Whatever becomes of the contenders, and however their times lie, the answers are numbers.
func TestAnswersAreAlwaysNumbers(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := twoSides()
		w.sizes = rapid.SliceOfN(rapid.SampledFrom(grid(64, 1<<18)), 1, 8).Draw(r, "sizes")
		w.processes = rapid.IntRange(1, 7).Draw(r, "processes")
		w.noise = rapid.SampledFrom([]float64{0, 0.01, 3}).Draw(r, "noise")
		w.epochs = rapid.SampledFrom([]int{1, 7, 10_000}).Draw(r, "epochs")
		w.checks = map[int]int{w.sizes[0]: rapid.SampledFrom([]int{0, 1, 1000}).Draw(r, "check")}
		w.contenders = append(w.contenders, w.contenders...)
		for i := range w.contenders {
			a := &w.contenders[i]
			if i > 1 {
				a.name = fmt.Sprintf("other-%s", a.name)
			}
			mishap := func(what string) func(int, int) string {
				n := rapid.SampledFrom([]int{0, 0, 0, 64, 1024}).Draw(r, what)
				return func(_, at int) string {
					if n > 0 && at >= n {
						return what
					}
					return ""
				}
			}
			a.wrong, a.failed, a.unavailable = mishap("wrong"), mishap("failed"), mishap("unavailable")
			a.alone = rapid.Bool().Draw(r, "alone")
			c := rapid.Float64Range(0.01, 1e7).Draw(r, "c")
			a.epoch = linear(c, rapid.Float64Range(0.001, 1e6).Draw(r, "r"))
			a.download = rapid.SampledFrom([]float64{0, 1, 1e6}).Draw(r, "download")
		}
		s := answers(t, w)
		if err := s.WithCost(sweep.Cost{PerHour: [2]float64{1e-9, 1e9}}); err != nil {
			r.Fatal(err)
		}
		if _, err := json.Marshal(s); err != nil {
			r.Fatal(err)
		}
		for _, size := range s.Problems[0].Sizes {
			both := size.Champions[0] != nil && size.Champions[1] != nil
			if (size.Gap == "") != (size.Ratio != nil) || size.Gap == "" && !both || size.Gap != "" && size.Winner != -1 {
				r.Fatalf("a size is %+v", size)
			}
			if size.Ratio != nil && (size.Ratio.Verdict == stats.Faster || size.Ratio.Verdict == stats.Slower) != (size.Winner >= 0) {
				r.Fatalf("the winner is %d, the verdict %s", size.Winner, size.Ratio.Verdict)
			}
		}
	})
}

func TestAGapHasNoWinnerByMoney(t *testing.T) {
	w := twoSides()
	w.contenders = w.contenders[:1]
	s := answers(t, w)
	if err := s.WithCost(sweep.Cost{PerHour: [2]float64{0.4, 1.2}}); err != nil {
		t.Fatal(err)
	}
	for _, size := range s.Problems[0].Sizes {
		if size.CostWinner == nil || *size.CostWinner != -1 {
			t.Errorf("N = %d: the winner by money is %v", size.N, size.CostWinner)
		}
	}
}

func TestMoneyShiftsTheRatio(t *testing.T) {
	w := twoSides()
	w.noise, w.checks = 0.002, map[int]int{65536: 1000}
	s := answers(t, w)
	cost := sweep.Cost{PerHour: [2]float64{0.4, 1.2}}
	if err := s.WithCost(cost); err != nil {
		t.Fatal(err)
	}
	p := s.Problems[0]
	if p.Crossover.Changes[0].Lo != 4096 {
		t.Errorf("by time the crossover is %+v", p.Crossover)
	}
	// 0.4·(100 + N/4) = 1.2·(2350 + N/40)
	want := (1.2*2350 - 0.4*100) / (0.4/4 - 1.2/40)
	c := p.ByCost
	if c.Outcome != stats.OneCrossover || c.Changes[0].Lo != 16384 || c.Changes[0].Hi != 65536 || math.Abs(c.Changes[0].At/want-1) > 0.1 {
		t.Errorf("by money the crossover is %+v, not at %v", *c, want)
	}
	unpriced := answers(t, w).Problems[0]
	for i, size := range p.Sizes {
		byTime, byMoney := 0, 0
		if size.N >= 16384 {
			byTime = 1
		}
		if size.N >= 65536 {
			byMoney = 1
		}
		if size.CostWinner == nil || *size.CostWinner != byMoney || size.Winner != byTime {
			t.Errorf("N = %d: the winner is %d by time, and by money %v", size.N, size.Winner, size.CostWinner)
		}
		if winner := unpriced.Sizes[i].CostWinner; winner != nil {
			t.Errorf("N = %d: without prices, the winner by money is %d", size.N, *winner)
		}
	}
	for i, row := range p.Map.Rows {
		for k, cell := range row.Cells {
			by := p.CostMap.Rows[i].Cells[k]
			if math.Abs(by.Ratio*3/cell.Ratio-1) > 1e-9 || math.Abs(by.Hi/by.Lo-cell.Hi/cell.Lo) > 1e-9 || by.Measured != cell.Measured {
				t.Errorf("by time %+v, by money %+v", cell, by)
			}
		}
	}
	if err := s.WithCost(sweep.Cost{PerHour: [2]float64{0, 1}}); err == nil {
		t.Error("a price of 0 is taken")
	}
}
