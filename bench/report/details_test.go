package report_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/bench/stats"
)

const (
	longDevice  = "NVIDIA H200 NVL 141GB HBM3e PCIe Gen5 Tensor Core GPU of the second machine in the third rack, MIG 7g.141gb"
	longVersion = "TensorFlow 2.21.0-dev20260712 built from source with XLA, oneDNN and CUDA 13.1, CPython 3.13.5 free-threaded"
	longReason  = "neither NVIDIA's driver for GPUs (libcuda) nor AMD's (/dev/kfd) is here, and the search looked in each folder of LD_LIBRARY_PATH"
)

// crowd returns a report with more contenders than a person would run, and long texts everywhere.
func crowd() *report.Report {
	rep := everyKind()
	rep.Env.CPU = "Intel(R) Xeon(R) Platinum 8592+ Processor with a Name That Its Vendor Made Long, @ 1.90GHz"
	rep.Plan.Data = "a_folder/of_the_user/measurements_of_the_year_2025_without_the_first_quarter.csv"
	loop := rep.Rows[0]
	for i := range 25 {
		row := loop
		row.Backend = fmt.Sprintf("a-program-of-mine-number-%d", i)
		row.Contender = row.Backend + "/f64"
		row.Baseline, row.Fastest = &stats.Ratio{To: "loop/f64", Ratio: 0.98, Lo: 0.9, Hi: 1.1, Verdict: stats.CannotTell, MoreBlocks: 100 + i}, loop.Fastest
		row.Info.Device, row.Info.Version = longDevice, longVersion
		row.Info.Note = fmt.Sprintf("on the chip with %d of 25 blocks and a search that went through all of its variants, twice", i)
		row.Unsettled, row.Slowed, row.Disturbed, row.OverheadShare, row.DeviceShare = 3, 4, 5, 0.1234, 0.98
		row.Phases, row.EpochBytes, row.BytesPerS = rep.Rows[5].Phases, 80_000, 1e11
		row.Bounds = []report.Bound{{Resource: "device memory", NS: 17_730, Share: 1.5}, {Resource: "dispatches", NS: 10_000, Share: 0.846}, {Resource: "waits", NS: 5_000, Share: 0.423}}
		if i > 20 {
			row.Run, row.Status, row.Note, row.Stderr = nil, bench.Failed, longReason, strings.Repeat("a long line on stderr ", 20)
		}
		rep.Rows = append(rep.Rows, row)
	}
	return rep
}

// tooWide returns the lines of a text that are wider than width, and have more than one word.
func tooWide(out string, width int) (lines []string) {
	for line := range strings.SplitSeq(out, "\n") {
		if text.StringWidthWithoutEscSequences(line) > width && len(strings.Fields(line)) > 1 {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestTheDetailsFitTheirWidth(t *testing.T) {
	many := append(several(), crowd(), crowd())
	many[len(many)-1].Env.CPU = "Another Processor"
	for name, reps := range map[string][]*report.Report{"every kind": {everyKind()}, "crowd": {crowd()}, "several": many} {
		for width, most := range map[int]int{0: 100, 40: 60, 60: 60, 80: 80, 100: 100, 200: 100} {
			out := renderAll(t, "text", reps, report.Options{Width: width, Color: width == 100})
			if lines := tooWide(out, most); lines != nil {
				t.Errorf("%s, in %d columns: wider than %d:\n%s", name, width, most, strings.Join(lines, "\n"))
			}
		}
	}
}

func TestTheDetailsAreInASCIIWhereNothingElseCanBeShown(t *testing.T) {
	out := renderAll(t, "text", append(several(), everyKind()), report.Options{ASCII: true})
	if i := strings.IndexFunc(out, func(r rune) bool { return r > 0x7e }); i >= 0 {
		t.Errorf("%q", out[i:min(len(out), i+40)])
	}
	for _, want := range []string{"11.82 us", "gram/f64 *", "~ 8.000 s", "2 x 10,000", "117.9 - 118.8", "> 6.800 us"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

// What 20 contenders have in common is written once.
func TestTheDetailsRepeatNothing(t *testing.T) {
	out := strings.Join(strings.Fields(render(t, "text", crowd(), report.Options{})), " ")
	version := "2.21.0-dev20260712" // the table breaks the line elsewhere
	for _, once := range []string{longDevice, version, longReason, "A time is the median", "about 2m more would"} {
		if n := strings.Count(out, once); n != 1 {
			t.Errorf("%d times %q", n, once)
		}
	}
	runs := several()
	runs[2].Rows[0].Note, runs[2].Rows[0].Status, runs[2].Rows[0].Run = longReason, bench.Failed, nil
	again := *runs[2]
	out = strings.Join(strings.Fields(renderAll(t, "text", append(runs, &again), report.Options{})), " ")
	for _, once := range []string{"A time is the median", "A Processor, 8 threads", longReason} {
		if n := strings.Count(out, once); n != 1 {
			t.Errorf("%d times %q in\n%s", n, once, out)
		}
	}
}

func TestASectionIsWrittenAlone(t *testing.T) {
	headings := map[string]string{
		"times": "Times", "trust": "How far the times can be trusted", "samples": "What the samples are, and how many are odd",
		"fairness": "What each contender is, in its own words", "phases": "Where the time of a process goes",
		"bounds": "What bounds an epoch", "notes": "Notes",
	}
	for _, name := range report.Sections() {
		out := render(t, "text", everyKind(), report.Options{Details: []string{name}})
		for section, heading := range headings {
			if got := strings.Contains(out, "\n"+heading+"\n"); got != (section == name) {
				t.Errorf("--details=%s: %q is there: %v, in\n%s", name, heading, got, out)
			}
		}
		all := render(t, "text", everyKind(), report.Options{Details: []string{"all"}})
		if !strings.Contains(all, "\n"+headings[name]+"\n") {
			t.Errorf("all sections lack %s", name)
		}
	}
	for name, none := range map[string]string{
		"phases": "No contender compiles, or tells the phases of its work.",
		"bounds": "Nothing was measured that an epoch can be held against.",
	} {
		out := render(t, "text", several()[0], report.Options{Details: []string{name}})
		if !strings.Contains(out, "\n"+none+"\n") {
			t.Errorf("nothing is said of %s:\n%s", name, out)
		}
	}
}

func TestASectionThatDoesNotExistIsAnError(t *testing.T) {
	want := `section "trusty" is not one of times, trust, samples, fairness, phases, bounds, notes, all`
	if err := report.CheckSections([]string{"all", "trusty"}); err == nil || err.Error() != want {
		t.Errorf("error %v", err)
	}
	if err := report.Write(new(bytes.Buffer), "text", nil, report.Options{Details: []string{"trusty"}}); err == nil || err.Error() != want {
		t.Errorf("error %v", err)
	}
}

func TestTheEndOfARunIsSaidOnlyOfWhatRan(t *testing.T) {
	only := func(status bench.Status, end string) *report.Report {
		return &report.Report{
			Plan: journal.Plan{N: 10, Features: 1, Epochs: 10, Budget: 5 * time.Minute, Resolution: 0.02}, End: end,
			Rows: []report.Row{{Contender: "a/f64", Status: status, Note: "why"}},
		}
	}
	for _, c := range []struct {
		rep  *report.Report
		want string
	}{
		{only(bench.Unavailable, journal.Complete), "No contender could run."},
		{only(bench.Failed, journal.Complete), "No contender has a time."},
		{several()[0], "The run ended when all processes and blocks that were asked for were measured."},
		{only(bench.Failed, journal.Interrupted), "This run was interrupted: the rows hold what was known by then."},
	} {
		out := render(t, "text", c.rep, report.Options{Details: []string{"trust"}})
		if !strings.HasSuffix(out, "\nHow far the times can be trusted\n"+c.want+"\n") {
			t.Errorf("%q is not in\n%s", c.want, out)
		}
	}
}

func TestWhatCannotBeToldIsSaidInTheSameWords(t *testing.T) {
	rep := everyKind()
	rep.Rows[1].Fastest = &stats.Ratio{To: "gl-fused/f32", Ratio: 0.99, Lo: 0.9, Hi: 1.1, Verdict: stats.CannotTell, MoreBlocks: 1 << 40}
	out := render(t, "text", rep, report.Options{Details: []string{"times"}})
	for _, want := range []string{
		`(?m)^gonum/f64 +cannot tell \(0\.95–1\.02\) +cannot tell \(0\.90–1\.1\)$`,
		`(?m)^- Cannot tell gonum/f64 from loop/f64 yet: about 48s more would \(--resume, `,
		`(?m)^- Cannot tell gonum/f64 from gl-fused/f32 yet: not within reach\.$`,
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("%s is not in\n%s", want, out)
		}
	}
}

// Twins may take exactly the same time. That is not the same as having no interval.
func TestANoiseFloorOfNothingIsAFloor(t *testing.T) {
	rep := everyKind()
	rep.Null.Floor, rep.Null.Ratio.Ratio = 0, 1
	if out := render(t, "text", rep, report.Options{}); !strings.Contains(out, "Noise floor: 0.0%. gonum/f64 ran twice") {
		t.Errorf("the floor is missing in\n%s", out)
	}
	rep.Null.Ratio.Lo = 0
	if out := render(t, "text", rep, report.Options{}); !strings.Contains(out, "Noise floor: not known. ") {
		t.Errorf("the floor is known in\n%s", out)
	}
}

func TestTheDetailsListRowsByTimeOrInTheOrderOfTheRun(t *testing.T) {
	for inOrder, want := range map[bool]string{
		false: "gl-fused/f32 loop/f64 gonum/f64 numpy/f64 mine/f64 gl-graph/f32 gram/f64 simd/f64 simd/f32",
		true:  "loop/f64 gonum/f64 simd/f64 simd/f32 gram/f64 gl-graph/f32 gl-fused/f32 numpy/f64 mine/f64",
	} {
		out := render(t, "text", everyKind(), report.Options{Details: []string{"times"}, InOrder: inOrder})
		_, rows, _ := strings.Cut(out, "\nTimes\n")
		table, _, _ := strings.Cut(rows, "\n\n")
		var got []string
		for _, line := range strings.Split(table, "\n")[2:] {
			got = append(got, strings.Fields(line)[0])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("in the order of the run: %v: %v, not %s", inOrder, got, want)
		}
	}
}
