package report_test

import (
	"strings"
	"testing"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/bench/stats"
)

// ranked returns a row that takes ms for 100 epochs of N = 10, and that compares as said with the
// fastest row, which has no verdict.
func ranked(name string, ms float64, device string, v stats.Verdict) report.Row {
	backend, precision, _ := strings.Cut(name, "/")
	row := report.Row{
		Contender: name, Backend: backend, Precision: precision, N: 10, Features: 1, Epochs: 100, Samples: 30, Processes: 6,
		Run: &stats.Summary{Min: ms * 1e6, Median: ms * 1e6, Lo: 0.99 * ms * 1e6, Hi: 1.01 * ms * 1e6},
		W:   bench.Vector{3, 2}, Verified: true, Status: bench.OK, Info: bench.Info{Device: device},
	}
	if v != "" {
		row.Fastest = &stats.Ratio{To: "the fastest", Ratio: 1 / ms, Lo: 0.9 / ms, Hi: 1.1 / ms, Verdict: v}
	}
	return row
}

func TestTheFirstLineIsTheAnswer(t *testing.T) {
	const card = "A Card"
	software := ranked("gl/f32", 9, "llvmpipe", stats.Slower)
	software.Info.Software = true
	gram := ranked("gram/f64", 0.1, "cpu", "")
	gram.Info.Algorithm = "reads the data once: one pass"
	absent := report.Row{Contender: "gl/f32", Status: bench.Unavailable, Note: "no GPU: none"}
	failed := report.Row{Contender: "gl/f32", Status: bench.Failed, Note: "killed"}
	fused := ranked("gl-fused/f32", 2, card, stats.Slower)
	fused.Bounds, fused.BoundBy = []report.Bound{{Resource: "dispatches", NS: 15_600, Share: 0.78}}, "dispatches"
	reading := ranked("gl/f32", 1, card, "")
	reading.Bounds, reading.BoundBy = []report.Bound{{Resource: "device cache", NS: 8_000, Share: 0.8}}, "device cache"
	unbound := ranked("gl/f32", 1, card, "")
	unbound.Bounds = []report.Bound{{Resource: "dispatches", NS: 4_000, Share: 0.4}}
	few := ranked("simd/f64", 4, "cpu", stats.CannotTell)
	few.Fastest.Lo, few.Fastest.Hi = 0, 0
	unsure := ranked("gl/f32", 3, card, stats.CannotTell)
	unsure.Fastest.Lo, unsure.Fastest.Hi = 0, 0
	for _, c := range []struct {
		name string
		rows []report.Row
		want string
	}{
		{"one", []report.Row{ranked("loop/f64", 1, "cpu", "")}, "Plain Go (loop/f64) takes 1.00 ms for 100 epochs."},
		{"two", []report.Row{ranked("simd/f32", 1, "cpu", ""), ranked("numpy/f32", 4, "cpu", stats.Slower)}, "simd/f32 is the fastest here: 4.0x as fast as numpy/f32."},
		{"two of few processes", []report.Row{ranked("simd/f32", 1, "cpu", ""), few}, "simd/f32 looks the fastest here: about 4.0x as fast as simd/f64."},
		{"equal ones", []report.Row{ranked("simd/f32", 1, "cpu", ""), ranked("simd/f64", 1.01, "cpu", stats.NoDifference), ranked("numpy/f32", 4, "cpu", stats.Slower)},
			"simd/f32 and simd/f64 are the fastest here, with no difference shown."},
		{"ones that may be equal", []report.Row{ranked("simd/f32", 1, "cpu", ""), ranked("a/f64", 1.1, "cpu", stats.CannotTell), ranked("b/f64", 1.2, "cpu", stats.CannotTell)},
			"simd/f32, a/f64 and b/f64 are the fastest here; which of them, the run cannot tell."},
		{"the GPU", []report.Row{reading, ranked("simd/f64", 4, "cpu", stats.Slower)},
			"The GPU wins: gl/f32 on A Card is 4.0x (3.6–4.4) as fast as simd/f64, the best on the CPU. gl/f32 is bound by the device cache (80% of its epoch)."},
		{"the GPU, for reasons not known", []report.Row{unbound, ranked("simd/f64", 4, "cpu", stats.Slower)},
			"The GPU wins: gl/f32 on A Card is 4.0x (3.6–4.4) as fast as simd/f64, the best on the CPU."},
		{"the CPU", []report.Row{ranked("simd/f64", 1, "cpu", ""), ranked("loop/f64", 1.5, "cpu", stats.Slower), fused},
			"The CPU wins: simd/f64 is 2.0x (1.8–2.2) as fast as gl-fused/f32, the best on A Card. gl-fused/f32 is bound by dispatches (78% of its epoch)."},
		{"CPU or GPU", []report.Row{ranked("simd/f64", 1, "cpu", ""), ranked("gl/f32", 1.1, card, stats.CannotTell)},
			"CPU or GPU, the run cannot tell: simd/f64, the best on the CPU, and gl/f32, the best on A Card."},
		{"the CPU, by few processes", []report.Row{ranked("simd/f64", 1, "cpu", ""), unsure},
			"The CPU looks faster: simd/f64 is about 3.0x as fast as gl/f32; the GPU is A Card."},
		{"a software renderer is no GPU", []report.Row{ranked("simd/f64", 1, "cpu", ""), software}, "simd/f64 is the fastest here: 9.0x as fast as gl/f32."},
		{"other algorithms alone", []report.Row{gram}, "Only other algorithms were timed, and they take part in no ranking."},
		{"none that can run", []report.Row{absent}, "None of the contenders can run on this machine."},
		{"none with a time", []report.Row{absent, failed}, "No contender has a time."},
	} {
		rep := &report.Report{
			Plan: journal.Plan{N: 10, Features: 1, Epochs: 100}, Rows: c.rows, End: journal.Complete,
		}
		got, _, _ := strings.Cut(shortly(t, report.Options{Width: 1000}, rep), "\n")
		if got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}
