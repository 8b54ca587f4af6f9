package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// near reports whether two numbers are equal, up to rounding in the last digits.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

// The interval lies between the k-th and the next order statistic, at the share λ:
//
//	C(k) = 1 − 2·P(Bin(n, ½) < k)
//	i = (C(k)−0.95)/(C(k)−C(k+1))
//	λ = (n−k)·i/(k + (n−2k)·i)
//
// The cases below have k = 1, computed by hand:
//
//	n = 6: C(1) = 1 − 2/64 = 31/32
//	       C(2) = 1 − 14/64 = 25/32
//	       i = 1/10
//	       λ = 5·0.1/(1+4·0.1) = 5/14
//	n = 8: C(1) = 1 − 2/256 = 127/128
//	       C(2) = 1 − 18/256 = 119/128
//	       i = 0.675
//	       λ = 7·0.675/(1+6·0.675) = 4.725/5.05
func TestTheIntervalOfAMedianComesFromOrderStatistics(t *testing.T) {
	for _, c := range []struct {
		xs     []float64
		lo, hi float64
		ok     bool
	}{
		{nil, 0, 0, false},
		{[]float64{1, 2, 3, 4}, 0, 0, false},
		{[]float64{30, 10, 50, 20, 40}, 10, 50, true},
		{[]float64{60, 10, 20, 50, 30, 40}, 10 + 10*5/14., 60 - 10*5/14., true},
		{[]float64{1, 2, 4, 8, 16, 32, 64, 128}, 1 + 4.725/5.05, 128 - 64*4.725/5.05, true},
		{[]float64{7, 7, 7, 7, 7, 7}, 7, 7, true},
	} {
		lo, hi, ok := medianInterval(c.xs)
		if ok != c.ok || !near(lo, c.lo) || !near(hi, c.hi) {
			t.Errorf("%v: [%v, %v] %v, want [%v, %v] %v", c.xs, lo, hi, ok, c.lo, c.hi, c.ok)
		}
	}
}

// constant returns a Series with one time in each process. Processes count from 0.
func constant(times ...float64) Series {
	s := Series{}
	for process, t := range times {
		s.Add(process, t)
	}
	return s
}

func TestContendersAreComparedProcessByProcess(t *testing.T) {
	// The machine was 1, 2, 4, 8 and 16 times as slow for both. So times differ widely between
	// processes, but by 5 within each process.
	base, other := constant(5, 10, 20, 40, 80), constant(1, 2, 4, 8, 16)
	if c := Compare(base, other); !near(c.log, math.Log(5)) || !(c.half < 1e-9) || c.processes != 5 || !c.known() {
		t.Errorf("%+v", c)
	}
	if c := CompareApart(base, other); !near(c.log, math.Log(5)) || !(c.half > 1) {
		t.Errorf("apart: %+v", c)
	}
}

func TestProcessesOfOneSideAreNotCompared(t *testing.T) {
	base := constant(2, 2, 2, 2, 2)
	other := Series{1: {1}, 3: {1}, 9: {1000}}
	if c := Compare(base, other); !near(c.log, math.Log(2)) || c.processes != 2 || c.known() || c.half != 0 {
		t.Errorf("%+v", c)
	}
	if c := Compare(base, Series{}); c.processes != 0 || c.known() {
		t.Errorf("with an empty series: %+v", c)
	}
}

func TestAnIntervalTakesFiveProcesses(t *testing.T) {
	for n, known := range []bool{false, false, false, false, false, true, true} {
		s := Series{}
		for process := range n {
			s[process] = []float64{1 + float64(process%2), 1, 1}
		}
		if Compare(s, s).known() != known || CompareApart(s, s).known() != known {
			t.Errorf("%d processes: known %v", n, !known)
		}
	}
	if CompareApart(constant(1, 2, 1, 2, 1, 2), constant(1, 2, 1, 2)).known() {
		t.Error("there is an interval though one side has four processes")
	}
}

// δ = 0.1, 0.2, 0.3, 0.4, 0.5 has mean 0.3 and standard deviation √0.025. A table has t(4) =
// 2.776445 at 97.5% and 8.610302 at 99.95%.
func TestARatioHasStudentsInterval(t *testing.T) {
	base, other := Series{}, Series{}
	for g := range 5 {
		base[g], other[g] = []float64{math.Exp(0.1 * float64(g+1))}, []float64{1}
	}
	c := Compare(base, other)
	se := math.Sqrt(0.025 / 5)
	if !near(c.log, 0.3) || math.Abs(c.half-2.776445*se) > 1e-6 || math.Abs(c.more-8.610302*se) > 1e-6 {
		t.Errorf("%+v", c)
	}
	// Apart, Welch's degrees of freedom stay at 4, because other does not vary.
	if a := CompareApart(base, other); !near(a.log, c.log) || math.Abs(a.half-c.half) > 1e-9 {
		t.Errorf("apart %+v, side by side %+v", a, c)
	}
}

// aSeries draws the times of some processes.
func aSeries(t *rapid.T, name string, processes int) Series {
	s := Series{}
	for process := range processes {
		s[process] = rapid.SliceOfN(rapid.Float64Range(1, 1e6), 1, 6).Draw(t, name)
	}
	return s
}

func (s Series) times(factor float64) Series {
	out := Series{}
	for process, times := range s {
		for _, t := range times {
			out.Add(process, factor*t)
		}
	}
	return out
}

func TestRatiosBehaveAsRatiosDo(t *testing.T) {
	for name, compare := range map[string]func(base, other Series) LogRatio{"side by side": Compare, "apart": CompareApart} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			processes := rapid.IntRange(MinProcesses, 10).Draw(t, "processes")
			a, b := aSeries(t, "a", processes), aSeries(t, "b", processes)
			factor := rapid.Float64Range(1e-3, 1e3).Draw(t, "factor")
			c := compare(a, b)
			if both := compare(a.times(factor), b.times(factor)); !near(both.log, c.log) || !near(both.half, c.half) {
				t.Errorf("scaling both: %+v became %+v", c, both)
			}
			if one := compare(a.times(factor), b); !near(one.log, c.log+math.Log(factor)) || !near(one.half, c.half) {
				t.Errorf("scaling one by %v: %+v became %+v", factor, c, one)
			}
			if swapped := compare(b, a); !near(swapped.log, -c.log) || !near(swapped.half, c.half) || !near(swapped.more, c.more) {
				t.Errorf("swapping: %+v became %+v", c, swapped)
			}
			if r := c.Ratio("b", 0, 0.02, 1); !(r.Lo <= r.Ratio && r.Ratio <= r.Hi && r.Lo > 0) || c.more < c.half {
				t.Errorf("ratio %+v of %+v", r, c)
			}
		}))
	}
}

func TestAScaleFactorIsRecovered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := aSeries(t, "s", rapid.IntRange(MinProcesses, 10).Draw(t, "processes"))
		factor := rapid.Float64Range(1e-3, 1e3).Draw(t, "factor")
		if c := Compare(s.times(factor), s); !near(c.log, math.Log(factor)) || !(c.half < 1e-9) {
			t.Errorf("%v: %+v", factor, c)
		}
	})
}

func TestAMedianLiesWithinItsInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOfN(rapid.Float64Range(1, 1e6), MinProcesses, 40).Draw(t, "xs")
		s := Summarize(xs)
		if !(s.Min <= s.Lo && s.Lo <= s.Median && s.Median <= s.Hi) {
			t.Errorf("%+v", s)
		}
		lo, hi, _ := medianInterval(xs[:len(xs)/2+1])
		if n := len(xs)/2 + 1; (n >= MinProcesses) != (lo != 0 || hi != 0) {
			t.Errorf("%d values have the interval [%v, %v]", n, lo, hi)
		}
	})
}
