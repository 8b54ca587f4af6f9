package report_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench/journal"
	"descent/bench/report"
)

// read reads a results file of testdata: nine contenders, two, some on a GPU, or faults.
func read(t *testing.T, name string) []*report.Report {
	t.Helper()
	runs, err := journal.Read(filepath.Join("testdata", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var reps []*report.Report
	for _, run := range runs {
		reps = append(reps, report.New(run))
	}
	return reps
}

func short(t *testing.T, name string, o report.Options) string {
	t.Helper()
	o.File = "results.jsonl"
	return shortly(t, o, read(t, name)...)
}

func shortly(t *testing.T, o report.Options, reps ...*report.Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.Write(&out, "text", reps, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// The heights and widths of usual terminals, a pipe, and a locale and a terminal that show less.
var screens = map[string]report.Options{
	"40x24":  {Width: 40, Height: 24},
	"60x24":  {Width: 60, Height: 24},
	"80x24":  {Width: 80, Height: 24},
	"100x30": {Width: 100, Height: 30},
	"160x50": {Width: 160, Height: 50},
	"pipe":   {},
	"ascii":  {Width: 80, Height: 24, ASCII: true},
	"color":  {Width: 80, Height: 24, Color: true},
}

var literals = []string{"nine", "two", "gpu", "faults"}

// cmd/descent/testdata/script/screen.txtar compares what the program writes with the same files.
func TestTheShortReportMatchesItsGoldenFiles(t *testing.T) {
	for screen, o := range screens {
		matchesGolden(t, "screen-nine-"+screen, short(t, "nine", o))
	}
	for _, name := range literals[1:] {
		for _, screen := range []string{"60x24", "80x24"} {
			matchesGolden(t, "screen-"+name+"-"+screen, short(t, name, screens[screen]))
		}
	}
}

func TestNoLineOfTheShortReportIsWiderThanTheScreen(t *testing.T) {
	for width := 40; width <= 200; width++ {
		for _, name := range literals {
			for _, order := range []bool{false, true} {
				for _, line := range strings.Split(short(t, name, report.Options{Width: width, Color: true, InOrder: order}), "\n") {
					if got := text.StringWidthWithoutEscSequences(line); got > width {
						t.Fatalf("%s at %d columns has a line of %d: %q", name, width, got, line)
					}
				}
			}
		}
	}
}

func TestTheShortReportFitsOneScreen(t *testing.T) {
	for name, most := range map[string]int{"nine": 25, "two": 12} {
		if got := strings.Count(short(t, name, report.Options{Width: 80}), "\n"); got > most {
			t.Errorf("%s takes %d lines, more than %d", name, got, most)
		}
	}
}

func TestTheVerdictIsRepeatedOnlyIfTheReportExceedsTheScreen(t *testing.T) {
	for height, want := range map[int]int{0: 1, 15: 2, 60: 1} {
		if got := strings.Count(short(t, "nine", report.Options{Width: 100, Height: height}), "is the fastest here"); got != want {
			t.Errorf("%d lines of screen: the verdict stands %d times, not %d", height, got, want)
		}
	}
}

func TestAnASCIIScreenGetsNoOtherCharacters(t *testing.T) {
	for _, name := range literals {
		for _, r := range short(t, name, report.Options{ASCII: true}) {
			if r > 126 {
				t.Errorf("%s has %q", name, r)
			}
		}
	}
}

func TestEveryContenderCanBeTheBaseline(t *testing.T) {
	rep := read(t, "nine")[0]
	if err := rep.Against("numpy/f64"); err != nil {
		t.Fatal(err)
	}
	if got := shortly(t, report.Options{}, rep); !strings.Contains(got, "vs numpy/f64") || !strings.Contains(got, "1.94x faster") {
		t.Errorf("no ratios to numpy/f64:\n%s", got)
	}
	for _, name := range []string{"nothing/f64", "torch/f64"} {
		if err := rep.Against(name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s as the baseline: %v", name, err)
		}
	}
}
