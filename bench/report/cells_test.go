package report_test

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"descent/bench"
	"descent/bench/benchtest/fake"
	"descent/bench/report"
)

// process draws the records of one process of loop/f64. It may end before its first sample, and its
// warm-up may be written down twice.
func process(t *rapid.T, number int) []string {
	of := func(line string, args ...any) string {
		return fake.OfProcess(fmt.Sprint(number), fmt.Sprintf(line, args...))
	}
	ns := func(what string, least int) int { return rapid.IntRange(least, 1_000_000_000).Draw(t, what) }
	lines := []string{of(`{"process":{"contender":"loop/f64","process":0,"info":{"device":"a card","threads":%d},"init_ns":%d,"load_ns":%d}}`,
		rapid.IntRange(0, 3).Draw(t, "threads"), ns("init", 0), ns("load", 0))}
	for range rapid.IntRange(0, 2).Draw(t, "warm") {
		lines = append(lines, of(`{"warm":{"contender":"loop/f64","process":0,"samples":8,"settled":%v,"epochs":100,"calls":1,"overhead_ns":%d}}`,
			rapid.Bool().Draw(t, "settled"), ns("overhead", 0)))
	}
	for range rapid.IntRange(0, 4).Draw(t, "samples") {
		wall := rapid.SampledFrom([]int{2, 3000, 50_000_000}).Draw(t, "least wall") + rapid.IntRange(0, 1_000_000_000).Draw(t, "wall")
		run := rapid.IntRange(max(1, int(0.94*float64(wall))-9_000_000), wall).Draw(t, "run")
		lines = append(lines, of(`{"sample":{"contender":"loop/f64","process":0,"block":0,"epochs":100,"run_ns":%d,"wall_ns":%d,"cpu_ns":%d,"device_ns":%d,`+
			`"spin_ns":[%d,%d],"w":[3,2],"max_error":1e-12,"tolerance":1e-9}}`,
			run, wall, rapid.SampledFrom([]int{0, 1, wall, 3 * wall}).Draw(t, "cpu"), rapid.IntRange(0, int(1.01*float64(run))).Draw(t, "device"), ns("spin", 0), ns("spin", 0)))
	}
	if rapid.Bool().Draw(t, "ended") {
		lines = append(lines, of(fake.Exit))
	}
	return lines
}

var (
	counted = regexp.MustCompile(`(\d+) of (\d+)`)
	shared  = regexp.MustCompile(`([\d.]+)%`)
)

func TestNoCellIsImpossible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := []string{strings.Replace(fake.Header, `"env":{}`, `"env":{"threads":2}`, 1), fake.Twin}
		for number := range rapid.IntRange(1, 8).Draw(t, "processes") {
			lines = append(lines, process(t, number)...)
			for _, line := range process(t, number) {
				lines = append(lines, fake.OfTwin(line))
			}
			if rapid.IntRange(0, 3).Draw(t, "resumed") == 0 {
				lines = append(lines, fake.Resume)
			}
		}
		results, err := fake.Decode(lines...)
		if err != nil {
			t.Fatal(err)
		}
		rep := report.New(results)
		checkRow(t, &rep.Rows[0])
		if n := rep.Null; n != nil && n.Ratio.Lo > 0 && !(n.Floor >= 0 && n.Ratio.Lo <= n.Ratio.Ratio && n.Ratio.Ratio <= n.Ratio.Hi) {
			t.Errorf("the null arm is %+v", n)
		}
		for _, sections := range [][]string{nil, {report.AllSections}} {
			for _, reps := range [][]*report.Report{{rep}, {rep, rep}} {
				var out strings.Builder
				if err := report.Write(&out, "text", reps, report.Options{Details: sections}); err != nil {
					t.Fatal(err)
				}
				checkText(t, out.String())
			}
		}
	})
}

func checkRow(t *rapid.T, row *report.Row) {
	for name, count := range map[string][2]int{
		"not steady": {row.Unsettled, row.Processes}, "far out": {len(row.Outliers), row.Samples},
		"slow": {row.Slowed, row.Samples}, "disturbed": {row.Disturbed, row.Samples}, "processes": {row.Processes, row.Samples},
	} {
		if part, whole := count[0], count[1]; part < 0 || part > whole {
			t.Errorf("%s: %d of %d", name, part, whole)
		}
	}
	for name, share := range map[string]float64{"protocol": row.OverheadShare, "device": row.DeviceShare, "busy, of 2 processors": row.Busy / 2} {
		if !(share >= 0 && share <= 1) {
			t.Errorf("%s: a share of %v", name, share)
		}
	}
	if s := row.Run; s != nil && !(s.Min > 0 && s.Min <= s.Median && !math.IsInf(s.Median, 0) && (s.Lo == 0 || s.Min <= s.Lo && s.Lo <= s.Median && s.Median <= s.Hi)) {
		t.Errorf("times %+v", *s)
	}
	if row.Run != nil && (!row.Verified || row.Timeit < row.Run.Min) || row.Run == nil && row.Status == bench.OK || row.Samples == 0 && row.Verified {
		t.Errorf("row %+v", row)
	}
}

func checkText(t *rapid.T, text string) {
	if found := regexp.MustCompile(`NaN|Inf|-\d|\b0\.0+ [nµm]?s`).FindString(text); found != "" {
		t.Errorf("%q in\n%s", found, text)
	}
	for _, m := range counted.FindAllStringSubmatch(text, -1) {
		part, _ := strconv.Atoi(m[1])
		if whole, _ := strconv.Atoi(m[2]); part > whole {
			t.Errorf("%q in\n%s", m[0], text)
		}
	}
	for _, m := range shared.FindAllStringSubmatch(text, -1) {
		if share, _ := strconv.ParseFloat(m[1], 64); share > 100 {
			t.Errorf("%q in\n%s", m[0], text)
		}
	}
}
