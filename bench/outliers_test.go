package bench

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutliersAreMarkedAndCounted(t *testing.T) {
	s := series{
		0: {100, 101, 99, 100, 1000}, // one ten times as long
		4: {200, 202, 198, 200, 200},
	}
	want := []Outlier{{Process: 0, Sample: 4, Times: 10}}
	if diff := cmp.Diff(want, s.outliers()); diff != "" {
		t.Error(diff)
	}
	if all := s.all(); len(all) != 10 || slices.Max(all) != 1000 {
		t.Errorf("the samples are %v", all)
	}
	if sum := s.summary(1); sum.Median != 150 || sum.Min != 99 {
		t.Errorf("summary %+v", sum)
	}
}

func TestWhatIsFarOutIsSoWithinItsProcess(t *testing.T) {
	for name, s := range map[string]series{
		"a process that is slow as a whole": {0: {97, 102, 99, 104}, 1: {970, 1020, 990, 1040}},
		"seven samples":                     {0: {100, 101, 99, 100, 100, 101, 1000}},
		"none":                              {},
	} {
		if out := s.outliers(); out != nil {
			t.Errorf("%s: %+v", name, out)
		}
	}
	if out := (series{0: {100, 101, 99, 100, 101, 99, 100, 10}}).outliers(); len(out) != 1 || out[0].Sample != 7 {
		t.Errorf("one that is far too short: %+v", out)
	}
}

// min(repeat(…))/number: of each process's samples the mean, of those the least.
func TestTheArticlesFigureIsTheLeastMean(t *testing.T) {
	s := series{0: {10, 20, 30, 40}, 1: {22, 22}, 2: {1, 99}}
	if got := s.timeit(100); !near(got, 2200) {
		t.Errorf("%v", got)
	}
}

func TestASummaryIsOfTheProcessesMedians(t *testing.T) {
	s := series{0: {10, 11, 90}, 1: {20, 21, 22}, 2: {30, 31, 32}, 3: {5, 40, 41}, 4: {50, 51, 52}}
	if got, want := s.summary(2), (&Summary{Min: 10, Median: 62, Lo: 22, Hi: 102}); *got != *want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if s := (series{}).summary(1); s != nil {
		t.Errorf("of none: %+v", s)
	}
}

func spun(before, after int64) Sample { return Sample{SpinNS: [2]int64{before, after}} }

// The 10th percentile: one spin that was quick by chance does not make all others slow.
func TestASampleIsSlowedWhenTheProcessorWasSlowBeforeAndAfterIt(t *testing.T) {
	r := &Results{}
	for range 9 {
		r.Samples = append(r.Samples, spun(100, 102))
	}
	r.Samples = append(r.Samples, spun(50, 100), spun(0, 0), spun(130, 140)) // of which the second is of a warm-up
	full := r.fullSpeed()
	if full != 100 {
		t.Fatalf("full speed is %v", full)
	}
	for _, c := range []struct {
		before, after int64
		want          bool
	}{{100, 100, false}, {130, 100, false}, {100, 130, false}, {110, 111, false}, {111, 111, true}, {130, 140, true}, {0, 0, false}} {
		if s := spun(c.before, c.after); s.slowed(full) != c.want {
			t.Errorf("%v: slowed %v", s.SpinNS, !c.want)
		}
	}
	if full := (&Results{Samples: []Sample{spun(0, 0)}}).fullSpeed(); !math.IsInf(full, 1) {
		t.Errorf("without spins full speed is %v", full)
	}
}
