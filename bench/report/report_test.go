package report_test

import (
	"bytes"
	"flag"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/machine"
	"descent/bench/report"
	"descent/bench/stats"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// What the contenders of everyKind say about their timed call.
const (
	inAndOut  = "the epochs, w in and out"
	converted = "conversion of the data"
	compiled  = "context, compiling, conversion and upload of the data"
	atOnce    = "returns when done"
	fenced    = "a fence ends each submission and is waited for"
)

const statistics = "sufficient statistics: one pass over the data, then epochs on (P+1)² numbers; the time contains both"

// everyKind returns a report with a row of every kind. It reads no clock and no machine.
func everyKind() *report.Report {
	ms := func(least, median, lo, hi float64) *stats.Summary {
		return &stats.Summary{Min: least * 1e6, Median: median * 1e6, Lo: lo * 1e6, Hi: hi * 1e6}
	}
	row := func(name string, run *stats.Summary) report.Row {
		backend, precision, _ := strings.Cut(name, "/")
		return report.Row{
			Contender: name, Backend: backend, Precision: precision, N: 10_000, Features: 1, Epochs: 10_000,
			Calls: 2, Samples: 25, Processes: 5, Run: run, Load: ms(0.1, 0.12, 0.11, 0.2), Init: ms(0.001, 0.002, 0, 0), PeakBytes: 23 << 20,
			W: bench.Vector{2.9628, 2.0312}, Verified: true, MaxError: 1e-13, Tolerance: 1e-9,
			Info: bench.Info{Device: "cpu", Version: "go1.26", Threads: 1, Sync: atOnce, Timed: inAndOut, Untimed: converted}, Status: bench.OK,
			Busy: 0.998,
		}
	}
	loop, gonum := row("loop/f64", ms(117, 118.2, 117.9, 118.8)), row("gonum/f64", ms(140, 141.5, 141, 142))
	at := func(resource string, ns float64) report.Bound { return report.Bound{Resource: resource, NS: ns} }
	bounded := func(row *report.Row, by string, bounds ...report.Bound) {
		for i := range bounds {
			bounds[i].Share = bounds[i].NS / row.PerEpoch()
		}
		row.Bounds, row.BoundBy = bounds, by
	}
	bounded(&loop, "L2 cache", at("L2 cache", 6_400), at("arithmetic", 2_500))
	bounded(&gonum, "", at("L2 cache", 15_565), at("arithmetic", 2_500))
	gram := row("gram/f64", ms(0.9, 1, 0.95, 1.05))
	gonum.Info.Version = "gonum v0.17.0"
	gram.Info.Algorithm, gram.Info.Timed = statistics, "the pass over the data, "+inAndOut
	gl := row("gl-graph/f32", ms(1500, 1600, 0, 0))
	gl.Calls, gl.Samples, gl.Epochs, gl.Device = 1, 4, 2000, ms(1400, 1440, 0, 0)
	gl.Info = bench.Info{
		Device: "llvmpipe (LLVM 15)", Software: true, Version: "OpenGL 4.5 by egl-device", Sync: fenced, Timed: inAndOut, Untimed: compiled,
		Note: "one dispatch a node",
	}
	gl.Busy, gl.DeviceShare = 1.44, 0.9
	gl.Phases = &report.RowPhases{
		First: report.PhaseTimes{Context: 90e6, Compile: 31.5e6, Upload: 60e3, FirstEpoch: 2.5e6, Epoch: 810e3, Download: 9e3},
		Later: &report.PhaseTimes{Context: 61e6, Compile: 1.25e6, Upload: 58e3, FirstEpoch: 1.1e6, Epoch: 800e3, Download: 8e3},
	}
	gl.EpochBytes, gl.BytesPerS = 80_000, 80_000/720e-6
	gl.Info.Work = &bench.Work{Dispatches: 40, Barriers: 39}
	bounded(&gl, "", at("dispatches", 186_500), at("arithmetic", 4_000), at("device memory", 6_504))
	cl := row("gl-fused/f32", ms(40, 41, 40.5, 41.5))
	cl.Info = bench.Info{Device: "A Card", Version: "OpenGL 4.6 by egl-device", Sync: fenced, Timed: inAndOut, Untimed: compiled}
	cl.Busy = 0.04
	cl.Phases = &report.RowPhases{First: report.PhaseTimes{Context: 5e6, Compile: 700e6, Search: 80e6, Upload: 1e6, FirstEpoch: 3e6, Epoch: 4100}}
	cl.EpochBytes, cl.BytesPerS = 80_000, 80_000/4.1e-6
	cl.Info.Work = &bench.Work{Dispatches: 0.001, Meetings: 1, Groups: 128, Syncs: 2}
	bounded(&cl, "waits", at("waits", 3_198), at("dispatches", 3.2))
	wrong := row("simd/f64", nil)
	wrong.Status, wrong.Verified, wrong.W, wrong.MaxError = bench.Wrong, false, bench.Vector{math.NaN(), 1}, bench.Number(math.NaN())
	wrong.Note, wrong.Info.Threads = "after 10000 epochs: w[0] is NaN", 8
	wrong.Info.Untimed, wrong.Busy = converted+", trials of how many cores", 7.62
	failed := row("simd/f32", nil)
	failed.Status, failed.Verified, failed.W, failed.Samples, failed.Epochs = bench.Failed, false, nil, 0, 0
	failed.Info.Threads, failed.Info.Untimed, failed.Busy = 8, wrong.Info.Untimed, 0
	failed.Note, failed.Stderr = "descend: the worker ended: signal: killed", "first\nsecond\nthird\ncannot go on"
	absent := func(name string) report.Row {
		r := row(name, nil)
		r.Status, r.Verified, r.W, r.Samples, r.Epochs, r.Init, r.Load = bench.Unavailable, false, nil, 0, 0, nil, nil
		r.Info, r.Busy, r.PeakBytes = bench.Info{}, 0, 0
		r.Note, r.Hint = "hello: libEGL.so.1 cannot be loaded", "apt install libegl1"
		return r
	}
	numpy := row("numpy/f64", ms(500, 510, 505, 515))
	numpy.Info = bench.Info{Device: "cpu", Version: "numpy 2.5", Threads: 2, Sync: atOnce, Timed: "the epochs", Untimed: "arrays contiguous, of the dtype"}
	silent := row("mine/f64", ms(600, 610, 605, 615))
	silent.Info, silent.Busy = bench.Info{}, 0
	against := func(to string, ratio, lo, hi float64, v stats.Verdict) *stats.Ratio {
		return &stats.Ratio{To: to, Ratio: ratio, Lo: lo, Hi: hi, Verdict: v}
	}
	loop.Fastest = against("gl-fused/f32", 0.347, 0.340, 0.354, stats.Slower)
	loop.Timeit, loop.OverheadShare, loop.Outliers = 117.6e6, 0.0004, []stats.Outlier{{Process: 1, Sample: 3, Times: 1.8}}
	gonum.Baseline, gonum.Fastest = against("loop/f64", 0.983, 0.95, 1.02, stats.CannotTell), against("gl-fused/f32", 0.29, 0.28, 0.3, stats.Slower)
	gonum.Baseline.MoreBlocks, gonum.Slowed, gonum.Disturbed, gonum.Unsettled = 40, 3, 2, 1
	gram.Baseline, gram.Fastest = against("loop/f64", 118.2, 117, 119, stats.Faster), against("gl-fused/f32", 41, 40, 42, stats.Faster)
	gl.Baseline, gl.Fastest = against("loop/f64", 0.0148, 0, 0, stats.CannotTell), against("gl-fused/f32", 0.00512, 0, 0, stats.CannotTell)
	cl.Baseline = against("loop/f64", 2.883, 2.8, 2.97, stats.Faster)
	return &report.Report{
		Version: "v0.4.0", Time: time.Date(2026, 11, 30, 9, 16, 55, 0, time.UTC),
		Env: journal.Env{CPU: "A Processor", Threads: 8, SIMD: "avx2", Memory: 16 << 30, OS: "debian 12", Virtual: "kvm", GoVersion: "go1.26", GoOS: "linux", GoArch: "amd64"},
		Machine: []machine.Assessment{
			{What: "governor", Value: "powersave", Grade: machine.Fair, Remedy: "sudo cpupower frequency-set -g performance"},
			{What: "swapping", Value: "none", Grade: machine.Good},
		},
		Grade:   machine.Fair,
		Null:    &report.Null{Contender: "gonum/f64", Ratio: *against("gonum/f64:twin", 1.004, 0.985, 1.023, stats.NoDifference), Floor: 0.0228},
		TotalNS: 31_500_000_000, BlockNS: 1_200_000_000, DriverNS: 110_000_000, DriverBytes: 21 << 20,
		Plan: journal.Plan{
			N: 10_000, Features: 1, Epochs: 10_000, Rate: 0.001, Noise: 0.1, Weights: bench.Vector{3, 2}, Seed: 1,
			Blocks: 5, Resolution: 0.02, Budget: 30 * time.Second, Timeout: time.Minute, Threads: 8,
		},
		Probe: &bench.Probe{
			Device: "llvmpipe (LLVM 15)", Software: true, DispatchNS: 3200, BarrierNS: 1500,
			ReadBytesPerS: 12.3e9, CopyBytesPerS: 10.1e9, Bytes: 256 << 20, CompileNS: 31e6, RecompileNS: 1e6,
			SyncNS: 60, Groups: 1056, MeetingGroups: 128, MeetingNS: 1100,
			Reads: []bench.Reading{{Bytes: 8 << 10, BytesPerS: 40e9}, {Bytes: 16 << 20, BytesPerS: 12.3e9}}, MulAddsF32: 10e9, MulAddsF64: 5.5e9,
		},
		Ceilings: []journal.Ceiling{
			{Device: "cpu", Threads: 1, Bytes: 8 << 10, BytesPerS: 90e9}, {Device: "cpu", Threads: 1, Bytes: 1 << 20, BytesPerS: 25e9},
			{Device: "cpu", Bytes: 8 << 10, BytesPerS: 350e9}, {Device: "cpu", Bytes: 1 << 20, BytesPerS: 190e9},
			{Device: "cpu", Threads: 1, Precision: "f64", MulAddsPerS: 16e9}, {Device: "cpu", Precision: "f64", MulAddsPerS: 123e9},
			{Device: "cpu", Threads: 1, Precision: "f32", MulAddsPerS: 32e9},
		},
		Rows: []report.Row{loop, gonum, wrong, failed, gram, gl, cl, numpy, silent, absent("gl-resident/f64"), absent("gl-resident/f32")},
		End:  "budget",
	}
}

// several returns the reports of a file with four runs. Two of them have the same size.
func several() []*report.Report {
	row := func(name string, n, epochs int, perEpoch float64) report.Row {
		backend, precision, _ := strings.Cut(name, "/")
		r := report.Row{
			Contender: name, Backend: backend, Precision: precision, N: n, Features: 1, Epochs: epochs, Calls: 1, Samples: 6, Processes: 2,
			Init: &stats.Summary{Min: 900, Median: 1000}, Load: &stats.Summary{Min: 5000, Median: 6000}, W: bench.Vector{2.9, 2.1},
			Verified: true, MaxError: 1e-13, Tolerance: 1e-9, Info: bench.Info{Device: "cpu", Threads: 1}, Status: bench.OK,
		}
		run := perEpoch * float64(epochs)
		r.Run = &stats.Summary{Min: 0.95 * run, Median: run, Lo: 0.97 * run, Hi: 1.04 * run}
		return r
	}
	run := func(n, epochs int, rows ...report.Row) *report.Report {
		return &report.Report{
			Env:  journal.Env{CPU: "A Processor", Threads: 8, OS: "debian 12", GoVersion: "go1.26"},
			Plan: journal.Plan{N: n, Features: 1, Epochs: epochs, Rate: 0.01, Seed: 1, Processes: 2, Blocks: 3, Budget: time.Second},
			Rows: rows, End: "complete",
		}
	}
	gram := row("gram/f64", 1000, 200, 90)
	gram.Info.Algorithm = statistics
	wrong := row("simd/f64", 1_000_000, 10, 1)
	wrong.Run, wrong.Verified, wrong.Status, wrong.Note = nil, false, bench.Wrong, "after 10 epochs: w[0] is off by 1"
	software := row("gl-graph/f32", 1000, 200, 250_000)
	software.Info = bench.Info{Device: "llvmpipe (LLVM 15)", Software: true}
	return []*report.Report{
		run(1_000_000, 10, row("loop/f64", 1_000_000, 10, 680_000), wrong),
		run(1000, 200, row("loop/f64", 1000, 200, 680), row("simd/f64", 1000, 200, 120), gram),
		run(1000, 200, software),
		run(10_000, 200, row("loop/f64", 10_000, 200, 6800), row("simd/f64", 10_000, 200, 6700)),
	}
}

func render(t *testing.T, format string, rep *report.Report, o report.Options) string {
	t.Helper()
	return renderAll(t, format, []*report.Report{rep}, o)
}

// renderAll renders the detailed report if the format is text.
func renderAll(t *testing.T, format string, reps []*report.Report, o report.Options) string {
	t.Helper()
	if o.Details == nil {
		o.Details = []string{report.AllSections}
	}
	var out bytes.Buffer
	if err := report.Write(&out, format, reps, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// matchesGolden compares got with a golden file.
func matchesGolden(t *testing.T, name, got string) {
	t.Helper()
	golden := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the output differs from %s (-update rewrites it):\n%s", golden, diff)
	}
}

func TestFormatsMatchTheirGoldenFiles(t *testing.T) {
	for _, format := range report.Formats() {
		for name, reps := range map[string][]*report.Report{format: {everyKind()}, format + "-several": several()} {
			t.Run(name, func(t *testing.T) {
				matchesGolden(t, name, renderAll(t, format, reps, report.Options{}))
			})
		}
	}
}

func TestAWrongRowShowsNoTimeAndNoSpeedup(t *testing.T) {
	figure := regexp.MustCompile(`\d (ns|µs|ms|s)\b|\dx (faster|slower)`)
	text := render(t, "text", everyKind(), report.Options{})
	if !figure.MatchString(text) {
		t.Error("no row has a time")
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "simd/f64 ") && figure.MatchString(line) {
			t.Errorf("line %q", line)
		}
	}
	if !regexp.MustCompile(`(?m)^simd/f64 .* WRONG +1$`).MatchString(text) {
		t.Errorf("simd/f64 is not called wrong:\n%s", text)
	}
}

// A reader must see that a row is fast because of another algorithm, not because of a faster
// processor.
func TestAnotherAlgorithmIsMarkedInEveryTable(t *testing.T) {
	rep := everyKind()
	for i := range rep.Rows {
		rep.Rows[i].Info.Algorithm, rep.Rows[i].Bounds = statistics, nil
	}
	rep.Rows[0].Epochs = 100
	text := render(t, "text", rep, report.Options{})
	for _, c := range []struct {
		output string
		lines  int // of tables
	}{
		// times, ratios, costs, samples, fairness, timed calls, phases
		{text, 9 + 7 + 7 + 7 + 6 + 5 + 3},
		{shortly(t, report.Options{}, rep), 7},
		{render(t, "markdown", rep, report.Options{}), 7},
	} {
		lines := 0
		for line := range strings.Lines(c.output) {
			name, rest, _ := strings.Cut(strings.TrimPrefix(line, "| "), " ")
			row := slices.IndexFunc(rep.Rows, func(row report.Row) bool { return row.Contender == name })
			if row < 0 || rep.Rows[row].Run == nil && !strings.Contains(text, line) {
				continue // a short report has no mark for a row without a time
			}
			lines++
			if !strings.HasPrefix(strings.TrimSpace(rest), "†") {
				t.Errorf("no mark in %q", line)
			}
		}
		if lines < c.lines {
			t.Errorf("only %d lines of tables were found, not %d, in\n%s", lines, c.lines, c.output)
		}
	}
	filled := strings.Join(strings.Fields(text), " ")
	if strings.Count(filled, statistics) != 1 || !strings.Contains(filled, "this scales what is done once, too.") {
		t.Errorf("a footnote is missing or repeated:\n%s", text)
	}
	if text := render(t, "csv", rep, report.Options{}); strings.Count(text, statistics) != len(rep.Rows) {
		t.Errorf("a row of CSV is not marked:\n%s", text)
	}
}

func TestColourIsOnlyWhereItIsAskedFor(t *testing.T) {
	if plain := render(t, "text", everyKind(), report.Options{}); strings.Contains(plain, "\x1b[") {
		t.Error("the report has colour, but no option asked for it")
	}
	if colored := render(t, "text", everyKind(), report.Options{Color: true}); !strings.Contains(colored, "\x1b[31mWRONG") || !strings.Contains(colored, "\x1b[1mTimes\x1b[0m\n") {
		t.Error("the report has no colour, but an option asked for it")
	}
}

// bySize returns the report after the heading of the table by size. It returns "" if there is no
// table.
func bySize(t *testing.T, reps ...*report.Report) string {
	t.Helper()
	_, table, _ := strings.Cut(renderAll(t, "text", reps, report.Options{}), "Time per epoch by N\n")
	return table
}

func TestOnlySeveralRunsHaveATableBySize(t *testing.T) {
	runs := several()
	if got := bySize(t, runs[0]); got != "" {
		t.Errorf("one run has the table %s", got)
	}
	if got := bySize(t, runs[0], runs[1]); got == "" {
		t.Error("two runs have no table")
	}
}

func TestTheLastOfSeveralRunsOfOneSizeIsShown(t *testing.T) {
	first, last := several()[1], several()[1]
	last.Rows[0].Run.Median *= 2
	got := bySize(t, first, last)
	if strings.Contains(got, "680.0 ns") || strings.Count(got, "1.360 µs") != 1 {
		t.Errorf("the table is %s", got)
	}
	unavailable := several()[1]
	unavailable.Rows[0].Status, unavailable.Rows[0].Run = bench.Unavailable, nil
	if got := bySize(t, first, unavailable); !strings.Contains(got, "680.0 ns") {
		t.Errorf("an unavailable contender of a later run hides the time of an earlier run: %s", got)
	}
}

func TestTimesOfDifferentMachinesStandApart(t *testing.T) {
	here, there := several()[1], several()[1]
	there.Env.CPU = "Another Processor"
	got := bySize(t, here, there)
	if strings.Count(got, "680.0 ns") != 2 || !strings.Contains(got, "Another Processor\n") {
		t.Errorf("the table is %s", got)
	}
}

func TestArticleFiguresStandOnlyBelowItsOwnProblem(t *testing.T) {
	const figure = "pure Python 18.65 s"
	rep := everyKind()
	if !strings.Contains(render(t, "text", rep, report.Options{}), figure) {
		t.Error("the article's figures are missing below its problem")
	}
	rep.Plan.N = 10_001
	if strings.Contains(render(t, "text", rep, report.Options{}), figure) {
		t.Error("the article's figures stand below another problem")
	}
}

func TestAFormatThatDoesNotExistIsAnError(t *testing.T) {
	err := report.Write(new(bytes.Buffer), "yaml", []*report.Report{everyKind()}, report.Options{})
	if err == nil || err.Error() != `format "yaml" is not one of bench, csv, json, markdown, text` {
		t.Errorf("error %v", err)
	}
}
