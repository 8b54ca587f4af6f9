package sweep_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench/journal"
	"descent/bench/report"
	"descent/bench/stats"
	"descent/bench/sweep"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func render(t *testing.T, format string, o sweep.Options, sweeps ...*sweep.Sweep) string {
	t.Helper()
	var out bytes.Buffer
	if err := sweep.Write(&out, format, sweeps, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func matchesGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

func options(o report.Options) sweep.Options {
	o.File = "results.jsonl"
	return sweep.Options{Options: o}
}

func TestTheReportOfEveryOutcomeMatchesItsGoldenFile(t *testing.T) {
	for name, literal := range literals {
		matchesGolden(t, "text-"+name, render(t, "text", options(report.Options{Width: 80, Height: 60}), literal()))
	}
}

func TestTheReportFitsEveryScreen(t *testing.T) {
	for screen, o := range map[string]report.Options{
		"40": {Width: 40}, "60": {Width: 60}, "160": {Width: 160}, "pipe": {}, "ascii": {Width: 80, ASCII: true}, "color": {Width: 80, Color: true},
		"details": {Width: 80, Details: []string{report.AllSections}},
	} {
		matchesGolden(t, "screen-"+screen, render(t, "text", options(o), gap()))
	}
}

func TestOtherFormatsMatchTheirGoldenFiles(t *testing.T) {
	for _, format := range []string{"markdown", "csv", "json"} {
		matchesGolden(t, format, render(t, format, sweep.Options{}, small()))
	}
	matchesGolden(t, "markdown-details", render(t, "markdown", sweep.Options{Options: report.Options{Details: []string{report.AllSections}}}, small()))
	matchesGolden(t, "csv-wide", render(t, "csv", sweep.Options{Options: report.Options{Wide: true}}, small()))
}

func TestNoLineIsWiderThanTheScreen(t *testing.T) {
	for name, literal := range literals {
		s := literal()
		step := 7
		if name == "gap" || name == "nothing" {
			step = 1
		}
		for width := 40; width <= 200; width += step {
			for _, details := range [][]string{nil, {report.AllSections}} {
				if details != nil && width%10 != 0 {
					continue
				}
				out := render(t, "text", options(report.Options{Width: width, Color: width%2 == 0, Details: details}), s)
				for line := range strings.SplitSeq(out, "\n") {
					if wide := text.StringWidthWithoutEscSequences(line); wide > width {
						t.Fatalf("%s, %d columns: a line has %d:\n%s", name, width, wide, line)
					}
				}
			}
		}
	}
}

func TestTheReportOfSixteenSizesFitsAScreen(t *testing.T) {
	for name, literal := range literals {
		if name == "two-precisions" || name == "cost" {
			continue // they have tables twice
		}
		if lines := strings.Count(render(t, "text", options(report.Options{Width: 80}), literal()), "\n"); lines > 50 {
			t.Errorf("%s has %d lines", name, lines)
		}
	}
}

// A software renderer is no GPU, in no format and at no width.
func TestASoftwareRendererIsNeverCalledGPU(t *testing.T) {
	s := software()
	s.Warnings = nil
	for _, format := range report.Formats() {
		for _, width := range []int{40, 80} {
			for _, details := range [][]string{nil, {report.AllSections}} {
				out := render(t, format, options(report.Options{Width: width, Details: details}), s)
				if strings.Contains(out, "GPU") {
					t.Errorf("%s says GPU:\n%s", format, out)
				}
			}
		}
	}
	if out := render(t, "text", sweep.Options{}, s); !strings.Contains(strings.Join(strings.Fields(out), " "), "software renderer llvmpipe") {
		t.Errorf("it is not named:\n%s", out)
	}
}

// The verdict is the sentence that people quote.
func TestEveryOutcomeHasItsVerdict(t *testing.T) {
	for name, want := range map[string]string{
		"one":         `^For N = 8,192 in f64 and 10,000 epochs use simd \(2 threads\): 14x \([\d.]+–[\d.]+\) as fast as gl-resident, which is bound by dispatches \(78% of its epoch\)\. The GPU wins from N = 122,000 \(110,218–131,072\)\. From a cold start, the GPU wins at N = 2,097,152 from 380 \(340–450\) epochs; the first process of all, from 1,500\.`,
		"several":     `Who wins changes 3 times: the GPU from N = 122,000 \(110,218–131,072\), the CPU from N = 300,000 \(262,144–370,728\), the GPU from N = 1\.00 M`,
		"cpu-always":  `The CPU wins at every size measured, from N = 64 to 65,536\.`,
		"gpu-always":  `Once the data are loaded, the GPU wins at every size measured, from N = 64 to 2,097,152\. But from a cold start, it wins at N = 8,192 only from`,
		"cannot-tell": `^For N = 8,192 in f64 and 10,000 epochs the sweep cannot tell: .* The sweep cannot tell which side wins at any size from N = 64 to 65,536\. More time may tell`,
		"few":         `looks the fastest: about 14x as fast as gl-resident; an interval takes 5 processes\.`,
		"nothing":     `^There is nothing to compare: this machine has no GPU \(only llvmpipe, a software renderer\)\. To compare CPU contenders: descent sweep --between loop,simd\.`,
		"software":    `^For N = 8,192 in f64 and 10,000 epochs use simd \(2 threads\): .* as fast as gl-resident on the software renderer llvmpipe, .* The CPU wins at every size`,
		"between":     `simd wins at every size measured, from N = 64 to 1,048,576\.`,
		"cost":        `By money, the CPU at 0\.40 and the GPU at 2\.90 an hour: the GPU is cheaper from N = 1\.45 M`,
	} {
		out := render(t, "text", sweep.Options{Options: report.Options{Width: 1000}}, literals[name]())
		if head, _, _ := strings.Cut(out, "\n\n"); !regexp.MustCompile(want).MatchString(head) {
			t.Errorf("%s: the verdict is\n%s\nand does not match\n%s", name, head, want)
		}
	}
}

func TestEveryLineOfCSVHasAllColumns(t *testing.T) {
	for name, literal := range literals {
		lines, err := csv.NewReader(strings.NewReader(render(t, "csv", sweep.Options{Options: report.Options{Wide: true}}, literal(), literal()))).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s, sizes := literal(), 0
		for _, p := range s.Problems {
			sizes += len(p.Sizes)
		}
		if len(lines) != 1+2*sizes {
			t.Errorf("%s has %d lines for twice %d sizes", name, len(lines), sizes)
		}
	}
}

// A file may hold sweeps and runs of their own. JSON is one object all the same.
func TestJSONHasSweepsBesideRuns(t *testing.T) {
	plain := &report.Report{Rows: []report.Row{{Contender: "loop/f64"}}}
	var doc struct {
		Schema int
		Runs   []report.Report
		Sweeps []sweep.Sweep
	}
	out := render(t, "json", sweep.Options{Plain: []*report.Report{plain}}, one(), between())
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Schema != 2 || len(doc.Runs) != 1 || len(doc.Sweeps) != 2 || doc.Sweeps[1].Sides[1].Name != "simd" || len(doc.Sweeps[0].Problems[0].Sizes) != 16 {
		t.Errorf("JSON came back with schema %d, %d runs, %d sweeps", doc.Schema, len(doc.Runs), len(doc.Sweeps))
	}
	want := fmt.Sprint(one().Problems[0].Crossover)
	if got := fmt.Sprint(doc.Sweeps[0].Problems[0].Crossover); got != want {
		t.Errorf("the crossover came back as %s, not %s", got, want)
	}
}

func TestAnUnknownFormatIsRefused(t *testing.T) {
	if err := sweep.Write(&bytes.Buffer{}, "html", []*sweep.Sweep{one()}, sweep.Options{}); err == nil {
		t.Error("it is not")
	}
}

// Where a side wins at the only size with a ratio, "always" would promise more than was seen.
func TestOneSizeIsNotAlways(t *testing.T) {
	w := twoSides()
	w.sizes = []int{64}
	text := render(t, "text", options(report.Options{Width: 80}), answers(t, w))
	if strings.Contains(text, "every size") || !strings.Contains(strings.Join(strings.Fields(text), " "), "The CPU wins at N = 64, the only size at which both were measured.") {
		t.Errorf("the report is\n%s", text)
	}
}

// reportOf returns the report in one line.
func reportOf(t *testing.T, s *sweep.Sweep) string {
	t.Helper()
	return strings.Join(strings.Fields(render(t, "text", options(report.Options{Width: 80}), s)), " ")
}

func TestTheVerdictNamesTheSizesWithoutAWinner(t *testing.T) {
	s := cpuAlways()
	p := &s.Problems[0]
	p.Crossover.Outcome = stats.CrossoverOpen
	for i, want := range []string{
		"The CPU wins at N = 128 to 65,536; at 64, the sweep cannot tell. More time",
		"The CPU wins at N = 256 to 65,536; at 64 and 128, the sweep cannot tell. More time",
		"The CPU wins at N = 512 to 65,536; at 64 to 256, the sweep cannot tell. More time",
	} {
		p.Sizes[i].Winner = -1
		if out := reportOf(t, s); !strings.Contains(out, want) {
			t.Errorf("the report lacks %q:\n%s", want, out)
		}
	}
	for i := range p.Sizes {
		p.Sizes[i].Winner = i%2 - 1
	}
	if want, out := "The CPU wins at 5 of the 11 sizes measured; at the other 6, the sweep cannot tell.", reportOf(t, s); !strings.Contains(out, want) {
		t.Errorf("the report lacks %q:\n%s", want, out)
	}
}

func TestTheMoneyVerdictNamesTheSizesOfItsOwnWinners(t *testing.T) {
	s := byCost()
	p := &s.Problems[0]
	p.ByCost.Outcome, p.ByCost.Changes = stats.CrossoverOpen, []stats.Change{changeTo(0, 0, 0, 1024)}
	cpu, open := 0, -1
	for i := range p.Sizes {
		p.Sizes[i].CostWinner = &cpu
	}
	p.Sizes[0].CostWinner = &open
	want := "The CPU is cheaper at N = 128 to 2,097,152; at 64, the sweep cannot tell."
	if out := reportOf(t, s); !strings.Contains(strings.ToLower(out), strings.ToLower(want)) {
		t.Errorf("the report lacks %q:\n%s", want, out)
	}
}

// At 95% a side looks faster at one of many sizes by chance, so that is no win.
func TestAnIntervalOf95PercentIsMarkedAsNoWin(t *testing.T) {
	s := cpuAlways()
	at := &s.Problems[0].Sizes[0]
	at.Winner, at.Ratio.Verdict = -1, stats.CannotTell
	out := reportOf(t, s)
	for _, want := range []string{"CPU? (441–468)", "?: 95% sure, not 99.9%."} {
		if !strings.Contains(out, want) {
			t.Errorf("the report lacks %q:\n%s", want, out)
		}
	}
}

func TestAMapThatACheckRefutesIsNotToBeReliedOn(t *testing.T) {
	s := one()
	s.Problems[0].Map.Checks[0].Error = 0.94
	want := "CAUTION: Do not rely on the computed cells of the map: 2 checks found one off by 94%."
	if out := reportOf(t, s); !strings.Contains(out, want) {
		t.Errorf("the report lacks %q:\n%s", want, out)
	}
	if out := reportOf(t, one()); strings.Contains(out, "rely") {
		t.Errorf("without a reason it warns:\n%s", out)
	}
}

func TestASizeWithTimesWasPartlyMeasured(t *testing.T) {
	s := one()
	s.Unvisited = []journal.Unvisited{{N: 8192, Features: 1, Reason: "the sweep was interrupted"}, {N: 1 << 22, Features: 1, Reason: "the budget was used up"}}
	want := "Not measured: N = 4,194,304 (the budget was too short). Partly measured: N = 8,192 (--details says why)."
	if out := reportOf(t, s); !strings.Contains(out, want) {
		t.Errorf("the report lacks %q:\n%s", want, out)
	}
}

func TestProblemsWithTheSameAnswerShareASentence(t *testing.T) {
	s := twoPrecisions()
	s.Problems[0].Crossover = s.Problems[1].Crossover
	if out := reportOf(t, s); !strings.Contains(out, "The same holds in f32.") {
		t.Errorf("the report is\n%s", out)
	}
}

// A visit that was cut short before its first time leaves an empty size.
func TestAnEmptySizeIsNoGap(t *testing.T) {
	s := one()
	at := &s.Problems[0].Sizes[5]
	at.Champions, at.Ratio, at.Winner, at.Gap = [2]*sweep.Champion{}, nil, -1, "loop/f64 was not reached"
	s.Unvisited = []journal.Unvisited{{N: at.N, Features: 1, Reason: "the sweep was interrupted"}}
	out := reportOf(t, s)
	if strings.Contains(strings.ToLower(strings.ReplaceAll(out, "-: a gap", "")), "gap") || !strings.Contains(out, "Not measured: N = 2,048 (--details says why).") {
		t.Errorf("the report is\n%s", out)
	}
}

// An open crossover has one bound alone, which would read as if the winner changed there.
func TestCSVHasNoCrossoverUnlessThereIsExactlyOne(t *testing.T) {
	s := cannotTell()
	s.Problems[0].Crossover.Changes = []stats.Change{changeTo(0, 0, 128, 0)}
	lines, err := csv.NewReader(strings.NewReader(render(t, "csv", sweep.Options{}, s))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range lines[0] {
		if strings.HasPrefix(name, "crossover_") && lines[1][i] != "" {
			t.Errorf("%s is %s", name, lines[1][i])
		}
	}
}
