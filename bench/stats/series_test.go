package stats

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutliersAreMarkedAndCounted(t *testing.T) {
	s := Series{
		0: {100, 101, 99, 100, 1000}, // one ten times as long
		4: {200, 202, 198, 200, 200},
	}
	want := []Outlier{{Process: 0, Sample: 4, Times: 10}}
	if diff := cmp.Diff(want, s.Outliers()); diff != "" {
		t.Error(diff)
	}
	if all := s.All(); len(all) != 10 || slices.Max(all) != 1000 {
		t.Errorf("the samples are %v", all)
	}
	if sum := s.Summary(1); sum.Median != 150 || sum.Min != 99 {
		t.Errorf("summary %+v", sum)
	}
}

func TestOutliersAreFarFromTheirOwnProcess(t *testing.T) {
	for name, s := range map[string]Series{
		"a process that is slow as a whole": {0: {97, 102, 99, 104}, 1: {970, 1020, 990, 1040}},
		"seven samples":                     {0: {100, 101, 99, 100, 100, 101, 1000}},
		"none":                              {},
	} {
		if out := s.Outliers(); out != nil {
			t.Errorf("%s: %+v", name, out)
		}
	}
	if out := (Series{0: {100, 101, 99, 100, 101, 99, 100, 10}}).Outliers(); len(out) != 1 || out[0].Sample != 7 {
		t.Errorf("one sample that is far too short: %+v", out)
	}
}

// The article's figure is min(repeat(…))/number: the least of the means of all processes.
func TestTheArticlesFigureIsTheLeastMean(t *testing.T) {
	s := Series{0: {10, 20, 30, 40}, 1: {22, 22}, 2: {1, 99}}
	if got := s.Timeit(100); !near(got, 2200) {
		t.Errorf("%v", got)
	}
}

func TestASummaryUsesTheMediansOfProcesses(t *testing.T) {
	s := Series{0: {10, 11, 90}, 1: {20, 21, 22}, 2: {30, 31, 32}, 3: {5, 40, 41}, 4: {50, 51, 52}}
	if got, want := s.Summary(2), (&Summary{Min: 10, Median: 62, Lo: 22, Hi: 102}); *got != *want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if s := (Series{}).Summary(1); s != nil {
		t.Errorf("without processes: %+v", s)
	}
}
