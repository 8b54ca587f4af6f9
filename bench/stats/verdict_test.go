package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// percents returns a LogRatio. ratio and half, the half width of its interval, are shares above 1:
// 0.05 is 5%.
func percents(ratio, half float64, processes int) LogRatio {
	return LogRatio{log: math.Log1p(ratio), half: math.Log1p(half), more: 2 * math.Log1p(half), processes: processes}
}

func TestAComparisonShowsWhatItsIntervalAndTheFloorAllow(t *testing.T) {
	for _, c := range []struct {
		name            string
		LogRatio        LogRatio
		floor           float64 // a share
		verdict         Verdict
		settled, beyond bool
	}{
		{"clearly faster", percents(0.50, 0.01, 6), 0.03, Faster, true, true},
		{"clearly slower", percents(-0.50, 0.01, 6), 0.03, Slower, true, true},
		{"faster, though not by what is out of question", percents(0.05, 0.04, 6), 0, Faster, false, false},
		{"the interval reaches 1", percents(0.05, 0.06, 6), 0, CannotTell, false, false},
		{"within the floor, with a narrow interval", percents(0.02, 0.01, 6), 0.03, NoDifference, true, false},
		{"within the floor, with a wide interval", percents(0.05, 0.04, 6), 0.10, CannotTell, false, false},
		{"equal, with a narrow interval", percents(0, 0.01, 6), 0, NoDifference, true, false},
		{"equal, with a wide interval", percents(0, 0.10, 6), 0, CannotTell, false, false},
		{"equal to the last digit", percents(0, 0, 6), 0, NoDifference, true, false},
		{"five processes", percents(0.50, 0.01, 5), 0, Faster, true, true},
		{"four processes", percents(0.50, 0, 4), 0, CannotTell, false, false},
		{"none", LogRatio{}, 0, CannotTell, false, false},
	} {
		floor := math.Log1p(c.floor)
		if got := c.LogRatio.verdict(floor, 0.02); got != c.verdict {
			t.Errorf("%s: %s, want %s", c.name, got, c.verdict)
		}
		if c.LogRatio.Settled(0.02) != c.settled || c.LogRatio.Beyond(floor) != c.beyond {
			t.Errorf("%s: settled %v, beyond %v", c.name, !c.settled, !c.beyond)
		}
		r := c.LogRatio.Ratio("x", floor, 0.02, 30)
		if r.To != "x" || r.Verdict != c.verdict || (r.Lo != 0) != c.LogRatio.known() || (r.Hi != 0) != c.LogRatio.known() {
			t.Errorf("%s: ratio %+v", c.name, r)
		}
		if (r.MoreBlocks > 0) != (c.verdict == CannotTell && c.LogRatio.known()) {
			t.Errorf("%s: %d more blocks, %s", c.name, r.MoreBlocks, r.Verdict)
		}
	}
}

func TestARatioAndItsIntervalAreFactorsOfTime(t *testing.T) {
	r := LogRatio{log: math.Log(2), half: math.Log(1.25), processes: 6}.Ratio("old", 0, 0.02, 30)
	if !near(r.Ratio, 2) || !near(r.Lo, 1.6) || !near(r.Hi, 2.5) || r.MoreBlocks != 0 {
		t.Errorf("%+v", r)
	}
}

func TestTheFloorIsWhatTheTwinsDifferBy(t *testing.T) {
	for _, log := range []float64{0.01, -0.01} {
		if f := (LogRatio{log: log, half: 0.02, processes: 5}).Floor(); !near(f, 0.01) {
			t.Errorf("a log of %v: floor %v", log, f)
		}
	}
	if f := (LogRatio{log: 0.01, processes: 4}).Floor(); f != 0 {
		t.Errorf("with four processes: floor %v", f)
	}
}

// If an interval is twice as wide as the resolution, the run needs four times its blocks in all. So
// moreBlocks is three times the blocks it has.
func TestMoreBlocksGrowWithTheSquareOfTheNoise(t *testing.T) {
	resolution := math.Log1p(0.02)
	for _, c := range []struct {
		log, half, floor float64 // in resolutions
		want             int
	}{
		{0, 2, 0, 90}, {0, 4, 0, 450}, {0, 1, 2, 90}, {3, 6, 0, 90}, {0, 1, 0, 0}, {0, 0.5, 0, -22},
	} {
		got := LogRatio{log: c.log * resolution, half: c.half * resolution, processes: 6}.moreBlocks(c.floor*resolution, 0.02, 30)
		if math.Abs(float64(got-c.want)) > 1 { // moreBlocks rounds up
			t.Errorf("%+v: %d more blocks", c, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		c := LogRatio{log: rapid.Float64Range(-1, 1).Draw(t, "log"), half: rapid.Float64Range(0, 1).Draw(t, "half"), processes: 6}
		floor := rapid.Float64Range(0, 1).Draw(t, "floor")
		noisier := c
		noisier.half *= 2
		if a, b := c.Ratio("", floor, 0.02, 30), noisier.Ratio("", floor, 0.02, 30); a.MoreBlocks > b.MoreBlocks && b.Verdict == CannotTell {
			t.Errorf("%+v: %d more blocks, at twice the noise %d", c, a.MoreBlocks, b.MoreBlocks)
		}
		if r := c.Ratio("", floor, 0.02, 30); r.Verdict != CannotTell && r.MoreBlocks != 0 || r.MoreBlocks < 0 {
			t.Errorf("%+v: %+v", c, r)
		}
	})
}
