package sweep_test

import (
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/bench/sweep"
)

// documented is a world with all that a report shows: another algorithm, a contender that cannot
// run, one that is left out of large sizes, one that is wrong at a size, and runs that validate.
func documented() world {
	w := twoSides()
	gram, absent, python, form := processor(), card(), processor(), card()
	gram.name, gram.info.Algorithm, gram.epoch = "gram/f64", "sufficient statistics: one pass over the data", linear(50, 900)
	absent.name, absent.unavailable = "cupy/f64", func(int, int) string { return "not installed: the Python library cupy" }
	python.name, python.epoch, python.alone = "python/f64", linear(5000, 0.001), true
	python.excluded = func(_, n int) string {
		if n > 4096 {
			return "30x slower at two sizes in a row"
		}
		return ""
	}
	form.name, form.epoch = "gl-graph/f64", linear(9000, 30)
	form.wrong = func(_, n int) string {
		if n == 256 {
			return "w[0] is NaN"
		}
		return ""
	}
	w.contenders = append(w.contenders, gram, absent, python, form)
	w.checks = map[int]int{64: 100, 262144: 1000}
	w.env = journal.Env{CPU: "Intel(R) Xeon(R) Gold 6348 CPU @ 2.60GHz", Threads: 2, GoOS: "linux", GoArch: "amd64"}
	return w
}

func TestTheReportOfAPlantedWorldMatchesItsGoldenFiles(t *testing.T) {
	s := answers(t, documented())
	matchesGolden(t, "planted", render(t, "text", options(report.Options{Width: 80}), s))
	matchesGolden(t, "planted-details", render(t, "text", options(report.Options{Width: 100, Details: []string{report.AllSections}}), s))
	w := documented()
	w.between = []journal.Side{{Name: "simd", Contenders: []string{"simd/f64"}}, {Name: "python", Contenders: []string{"python/f64"}}}
	matchesGolden(t, "planted-between", render(t, "text", options(report.Options{Width: 80}), answers(t, w)))
}

func TestTheReportAcrossMachinesAndByMoneyMatchesItsGoldenFile(t *testing.T) {
	all, err := sweep.Across(answers(t, laptop(true)), answers(t, server()))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if err := s.WithCost(sweep.Cost{PerHour: [2]float64{0.4, 2.9}}); err != nil {
			t.Fatal(err)
		}
	}
	matchesGolden(t, "planted-across", render(t, "text", options(report.Options{Width: 80}), all...))
}

// In the bench format a sweep is all samples of all its runs, and benchstat reads them.
func TestTheBenchFormatHasEverySampleOfASweep(t *testing.T) {
	s := answers(t, documented())
	want := 0
	for _, rep := range s.Runs {
		for i := range rep.Rows {
			if rep.Rows[i].Status == bench.OK {
				want += rep.Rows[i].Samples
			}
		}
	}
	r := benchfmt.NewReader(strings.NewReader(render(t, "bench", options(report.Options{}), s)), "stdin")
	got := 0
	for r.Scan() {
		if _, ok := r.Result().(*benchfmt.Result); !ok {
			t.Fatalf("%+v is no result", r.Result())
		}
		got++
	}
	if r.Err() != nil || got != want || want == 0 {
		t.Errorf("%d of %d samples, error %v", got, want, r.Err())
	}
}
