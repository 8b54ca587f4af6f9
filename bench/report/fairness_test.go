package report_test

import (
	"slices"
	"strings"
	"testing"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/bench/stats"
)

// sheet renders a report and returns the lines from the fairness sheet on. timed has the name of
// each contender, and what it says about its timed call.
func sheet(t *testing.T, timed ...[2]string) []string {
	t.Helper()
	rep := &report.Report{Plan: journal.Plan{N: 10, Features: 1, Epochs: 10, Rate: 0.1}, End: journal.CutShort}
	for _, c := range timed {
		backend, precision, _ := strings.Cut(c[0], "/")
		rep.Rows = append(rep.Rows, report.Row{
			Contender: c[0], Backend: backend, Precision: precision, Status: bench.Failed, Init: new(stats.Summary), Info: bench.Info{Timed: c[1]},
		})
	}
	_, text, _ := strings.Cut(renderAll(t, "text", []*report.Report{rep}, report.Options{}), "\nWhat each contender is")
	return strings.Split(text, "\n")
}

// lineOf returns the line that begins with name, "" if there is none.
func lineOf(lines []string, name string) string {
	for _, line := range lines {
		if strings.HasPrefix(line, name+"  ") {
			return strings.Join(strings.Fields(line), " ")
		}
	}
	return ""
}

func TestContendersThatSayTheSameShareALine(t *testing.T) {
	lines := sheet(t, [2]string{"a/f64", "all"}, [2]string{"b/f64", "all"}, [2]string{"b/f32", "all"}, [2]string{"c/f64", "all"}, [2]string{"c/f32", "half"}, [2]string{"d/f64", ""})
	lines = lines[slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "What each time contains") }):]
	for name, want := range map[string]string{
		"a/f64, b, c/f64": "a/f64, b, c/f64 all not said not said",
		"c/f32":           "c/f32 half not said not said",
		"d/f64":           "d/f64 not said not said not said",
	} {
		if got := lineOf(lines, name); got != want {
			t.Errorf("the line of %s is %q, not %q, in\n%s", name, got, want, strings.Join(lines, "\n"))
		}
	}
}

// Older results files do not say what is timed.
func TestThereIsNoTableOfTimedCallsIfNoContenderSaysWhatIsTimed(t *testing.T) {
	lines := sheet(t, [2]string{"a/f64", ""}, [2]string{"b/f64", ""})
	if text := strings.Join(lines, "\n"); strings.Contains(text, "What each time contains") || lineOf(lines, "a/f64, b/f64") == "" {
		t.Errorf("the sheet is\n%s", text)
	}
}
