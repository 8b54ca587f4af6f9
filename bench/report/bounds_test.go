package report_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"descent/bench/benchtest/fake"
	"descent/bench/report"
)

// A ceiling of the processor at bytes, and a peak of it.
func reads(threads, bytes int, perS float64) string {
	return fmt.Sprintf(`{"device":"cpu","threads":%d,"bytes":%d,"bytes_per_s":%g}`, threads, bytes, perS)
}

func peak(threads int, precision string, perS float64) string {
	return fmt.Sprintf(`{"device":"cpu","threads":%d,"precision":%q,"mul_adds_per_s":%g}`, threads, precision, perS)
}

// boundsOf returns the bounds of loop/f64, which takes 10 ns an epoch: N = 10 and one feature in
// f64 are 160 bytes and 40 multiply-adds. fields are in the header, and info is the process's.
func boundsOf(t *testing.T, fields, info string) report.Row {
	t.Helper()
	header := fake.Header
	if fields != "" {
		header = strings.Replace(header, `"env":{}`, fields, 1)
	}
	started := strings.Replace(fake.Started, `"device":"cpu"`, info, 1)
	return rowOf(t, header, started, fake.Sample, fake.End)
}

func header(env string, ceilings ...string) string {
	return fmt.Sprintf(`"env":{%s},"ceilings":[%s]`, env, strings.Join(ceilings, ","))
}

func probe(fields string) string {
	return `"env":{},"probe":{"device":"a card",` + fields + `}`
}

func TestAnEpochIsHeldAgainstEachResource(t *testing.T) {
	const (
		caches = `"threads":4,"cores":4,"l1d_bytes":64,"l2_bytes":100,"l3_bytes":400`
		one    = `"device":"cpu","threads":1`
		two    = `"device":"cpu","threads":2`
		card   = `"device":"a card","work":{"dispatches":1`
		f64    = `"dispatch_ns":3,"barrier_ns":2,"mul_adds_f64_per_s":8e9,"mul_adds_f32_per_s":9e9`
		curve  = `"reads":[{"bytes":40,"bytes_per_s":90e9},{"bytes":160,"bytes_per_s":32e9},{"bytes":640,"bytes_per_s":16e9}]`
		wait   = `"dispatch_ns":4,"sync_ns":1,"meeting_groups":16,"meeting_ns":5`
	)
	for _, c := range []struct {
		name, fields, info string
		want               []report.Bound
		by, words          string
	}{
		{"160 bytes at 20 GB/s are 8 of 10 ns", header("", reads(1, 160, 20e9)), one,
			[]report.Bound{{"memory", 8, 0.8}}, "memory", "is bound by memory (80% of its epoch)"},
		{"40 multiply-adds at 8 a ns are 5 ns, which is half", header("", peak(1, "f64", 8e9), peak(1, "f32", 1e9)), one,
			[]report.Bound{{"arithmetic", 5, 0.5}}, "arithmetic", "is bound by arithmetic (50% of its epoch)"},
		{"less than half bounds nothing", header("", peak(1, "f64", 8.1e9)), one,
			[]report.Bound{{"arithmetic", 40 / 8.1, 4 / 8.1}}, "", "has no known bound (arithmetic 49%)"},
		{"one thread has its own ceiling, and a faster one counts for all", header(caches, reads(1, 160, 40e9), reads(0, 160, 80e9)), one,
			[]report.Bound{{"L3 cache", 4, 0.4}}, "", "has no known bound (L3 cache 40%)"},
		{"two of four threads have twice the one's speed at half the size", header(caches, reads(1, 80, 12e9), reads(1, 160, 1e9), reads(0, 160, 80e9), peak(1, "f64", 2e9), peak(0, "f64", 8e9)), two,
			[]report.Bound{{"arithmetic", 10, 1}, {"L2 cache", 160 / 24.0, 16 / 24.0}}, "arithmetic", "is bound by arithmetic (100% of its epoch)"},
		{"but no more than all have", header(caches, reads(1, 80, 12e9), reads(0, 160, 20e9)), two,
			[]report.Bound{{"L2 cache", 8, 0.8}}, "L2 cache", "is bound by the L2 cache (80% of its epoch)"},
		{"all threads have the speed of all", header(caches, reads(1, 80, 1e9), reads(0, 160, 20e9)), `"device":"cpu","threads":4`,
			[]report.Bound{{"L1 cache", 8, 0.8}}, "L1 cache", "is bound by the L1 cache (80% of its epoch)"},
		{"so has a contender that does not say its threads", header(caches, reads(1, 80, 1e9), reads(0, 160, 20e9)), `"device":"cpu"`,
			[]report.Bound{{"L1 cache", 8, 0.8}}, "L1 cache", "is bound by the L1 cache (80% of its epoch)"},
		{"the threads of a core share its caches", header(`"threads":4,"cores":2,"l1d_bytes":64,"l2_bytes":100`, reads(0, 160, 20e9)), `"device":"cpu","threads":4`,
			[]report.Bound{{"L2 cache", 8, 0.8}}, "L2 cache", "is bound by the L2 cache (80% of its epoch)"},
		{"between two sizes, the speed is interpolated in the logarithms", header("", reads(1, 40, 90e9), reads(1, 640, 10e9)), one,
			[]report.Bound{{"memory", 160 / 30.0, 16 / 30.0}}, "memory", "is bound by memory (53% of its epoch)"},
		{"past the last size, it is that of the last", header("", reads(1, 40, 90e9), reads(1, 80, 20e9)), one,
			[]report.Bound{{"memory", 8, 0.8}}, "memory", "is bound by memory (80% of its epoch)"},
		{"measuring errors explain 105%", header("", reads(1, 160, 16/1.05*1e9)), one,
			[]report.Bound{{"memory", 10.5, 1.05}}, "memory", "is bound by memory (105% of its epoch)"},
		{"they do not explain 106%", header("", reads(1, 160, 16/1.06*1e9)), one,
			[]report.Bound{{"memory", 10.6, 1.06}}, "", "is held against a ceiling too low (memory 106%)"},
		{"a dispatch, and two barriers", probe(f64), card + `,"barriers":2}`,
			[]report.Bound{{"dispatches", 7, 0.7}, {"arithmetic", 5, 0.5}}, "dispatches", "is bound by dispatches (70% of its epoch)"},
		{"a device's cache reads well above the speed of its memory", probe(curve), card + `}`,
			[]report.Bound{{"device cache", 5, 0.5}}, "device cache", "is bound by the device cache (50% of its epoch)"},
		{"its memory does not", probe(strings.Replace(curve, "16e9", "22e9", 1)), card + `}`,
			[]report.Bound{{"device memory", 5, 0.5}}, "device memory", "is bound by device memory (50% of its epoch)"},
		{"a slow size below a cache's is in the cache", probe(`"reads":[{"bytes":160,"bytes_per_s":32e9},{"bytes":320,"bytes_per_s":90e9},{"bytes":640,"bytes_per_s":30e9}]`), card + `}`,
			[]report.Bound{{"device cache", 5, 0.5}}, "device cache", "is bound by the device cache (50% of its epoch)"},
		{"an older probe read one size", probe(`"read_bytes_per_s":16e9,"bytes":160`), `"device":"a card"`,
			[]report.Bound{{"device memory", 10, 1}}, "device memory", "is bound by device memory (100% of its epoch)"},
		{"and says nothing of less", probe(`"read_bytes_per_s":16e9,"bytes":161`), `"device":"a card"`, nil, "", ""},
		{"four of sixteen groups meet in half the time between an exchange and a meeting", probe(wait + "," + curve), `"device":"a card","work":{"dispatches":0.25,"meetings":1,"groups":4,"syncs":2}`,
			[]report.Bound{{"waits", 5, 0.5}, {"dispatches", 1, 0.1}}, "waits", "is bound by waits (50% of its epoch)"},
		{"more groups meet in no less", probe(wait), `"device":"a card","work":{"dispatches":1,"meetings":0.5,"groups":99}`,
			[]report.Bound{{"dispatches", 4, 0.4}, {"waits", 2.5, 0.25}}, "", "has no known bound (dispatches 40%, waits 25%)"},
		{"CUDA calls the card by its name alone", strings.Replace(probe(f64), "a card", "the card/PCIe/SSE2", 1), `"device":"the card"`,
			[]report.Bound{{"arithmetic", 5, 0.5}}, "arithmetic", "is bound by arithmetic (50% of its epoch)"},
		{"a software renderer was probed", strings.Replace(probe(f64), `"a card"`, `"a card","software":true`, 1), card + `}`, nil, "", ""},
		{"another card was probed", probe(f64), `"device":"the card"`, nil, "", ""},
		{"another algorithm", header("", reads(1, 160, 20e9)), one + `,"algorithm":"other"`, nil, "", ""},
		{"an old file", "", one, nil, "", ""},
	} {
		row := boundsOf(t, c.fields, c.info)
		close := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Abs(b) })
		if diff := cmp.Diff(c.want, row.Bounds, close); diff != "" || row.BoundBy != c.by {
			t.Errorf("%s: bound by %q, bounds %s", c.name, row.BoundBy, diff)
		}
		if got := report.BoundWords(row.Bounds); got != c.words {
			t.Errorf("%s: %q, want %q", c.name, got, c.words)
		}
	}
}

// The ceilings, the probe and the work of the contenders are in the file.
func TestTheBoundsOfAFileMatchTheirGoldenFile(t *testing.T) {
	matchesGolden(t, "bounds-gpu", renderAll(t, "text", read(t, "gpu"), report.Options{Width: 80, Details: []string{"bounds"}}))
}

// Runs of one session may share what was measured.
func TestCeilingsAreListedOnce(t *testing.T) {
	out := renderAll(t, "text", []*report.Report{everyKind(), everyKind(), read(t, "gpu")[0]}, report.Options{})
	for text, want := range map[string]int{"What bounds an epoch": 3, "\nHow fast data of a size": 2, "cpu, measured before the run": 2} {
		if got := strings.Count(out, text); got != want {
			t.Errorf("%d times %q, want %d", got, text, want)
		}
	}
}

func TestTheSameBoundsAreOtherSharesOfALongerEpoch(t *testing.T) {
	row := boundsOf(t, header("", reads(1, 160, 20e9), peak(1, "f64", 10e9)), `"device":"cpu","threads":1`)
	want := []report.Bound{{Resource: "memory", NS: 8, Share: 0.4}, {Resource: "arithmetic", NS: 4, Share: 0.2}}
	if got, by := row.BoundsAt(20); !cmp.Equal(got, want) || by != "" || row.BoundBy != "memory" {
		t.Errorf("is bound by %q, bounds %+v; those of the row: %+v", by, got, row.Bounds)
	}
}

func TestARowWithoutTimesHasNoBounds(t *testing.T) {
	wrong := strings.Replace(fake.Sample, `"w":`, `"wrong":"w[0] is off by 1","w":`, 1)
	row := rowOf(t, strings.Replace(fake.Header, `"env":{}`, header("", reads(0, 160, 20e9)), 1), fake.Started, wrong)
	if row.Bounds != nil || row.BoundBy != "" {
		t.Errorf("bounds %+v", row.Bounds)
	}
}

func TestTheShortReportSaysWhatBoundsTheFastest(t *testing.T) {
	row := boundsOf(t, header("", reads(1, 160, 20e9)), `"device":"cpu","threads":1`)
	const want = "\nPlain Go (loop/f64) is bound by memory (80% of its epoch).\n"
	for share, said := range map[float64]bool{0.8: true, 0.4: false} {
		rep := *everyKind()
		row.Bounds[0].Share = share
		if row.BoundBy = ""; said {
			row.BoundBy = "memory"
		}
		rep.Rows, rep.Null = []report.Row{row}, nil
		if out := shortly(t, report.Options{}, &rep); strings.Contains(out, want) != said {
			t.Errorf("a share of %v: said %v in\n%s", share, !said, out)
		}
	}
}
