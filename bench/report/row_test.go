package report_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"descent/bench"
	"descent/bench/benchtest/fake"
	"descent/bench/report"
)

// rowOf reads these lines as a results file, and returns the first row of its report.
func rowOf(t *testing.T, lines ...string) report.Row {
	t.Helper()
	results, err := fake.Decode(lines...)
	if err != nil {
		t.Fatal(err)
	}
	return report.New(results).Rows[0]
}

func TestBusyIsTheMedianOfTheSamplesThatTell(t *testing.T) {
	of := func(rest string) string {
		return strings.Replace(fake.Sample, `"run_ns":1000,"wall_ns":1100`, `"run_ns":1000,`+rest, 1)
	}
	told := func(wallMS, cpuMS int) string {
		return of(fmt.Sprintf(`"wall_ns":%d000000,"cpu_ns":%d000000`, wallMS, cpuMS))
	}
	warmup := strings.Replace(told(20, 400), `"block":0`, `"block":0,"warmup":true`, 1)
	for _, c := range []struct {
		name    string
		samples []string
		want    float64
	}{
		{"an old file", []string{fake.Sample, fake.Sample}, 0},
		{"an odd number", []string{told(20, 38), told(20, 40), told(20, 10)}, 1.9},
		{"without the warm-up, a sample that is too short, and one without a time", []string{warmup, told(20, 30), told(5, 400), of(`"wall_ns":20000000`)}, 1.5},
	} {
		if got := rowOf(t, append([]string{fake.Header, fake.Started}, c.samples...)...).Busy; got != c.want {
			t.Errorf("%s: %v, not %v", c.name, got, c.want)
		}
	}
}

// A row tells this whatever its status: a contender that was wrong may have used more threads than
// it said.
func TestARowWithoutTimesTellsHowBusyItWas(t *testing.T) {
	wrong := strings.Replace(fake.Sample, `"wall_ns":1100`, `"wall_ns":20000000,"cpu_ns":40000000,"wrong":"w[0] is off by 1"`, 1)
	if row := rowOf(t, fake.Header, fake.Started, wrong); row.Status != bench.Wrong || row.Run != nil || row.Busy != 2 {
		t.Errorf("row %+v", row)
	}
}

func TestAFaultAfterSamplesTakesTheRowsTime(t *testing.T) {
	row := rowOf(t, fake.Header, fake.Started, fake.Sample, fake.Sample, fake.Fault, fake.End)
	if row.Status != bench.Failed || row.Run != nil || row.Samples != 2 || row.Note != "descend: the worker ended" {
		t.Errorf("row %+v", row)
	}
}

func TestOneUntrustedSampleMarksTheRow(t *testing.T) {
	mark := strings.Replace(fake.Sample, `"tolerance"`, `"untrusted":"the clocks disagree","tolerance"`, 1)
	row := rowOf(t, fake.Header, fake.Started, fake.Sample, mark, fake.Sample, fake.End)
	if row.Status != bench.Untrusted || row.Run != nil || row.Note != "the clocks disagree" {
		t.Errorf("row %+v", row)
	}
}

func TestClocksThatContradictEachOtherAreNotTrusted(t *testing.T) {
	slow := strings.Replace(fake.Sample, `"wall_ns":1100`, `"wall_ns":900000000`, 1)
	for name, c := range map[string]struct {
		samples []string
		status  bench.Status
	}{
		"one long wait": {[]string{fake.Sample, slow, fake.Sample}, bench.OK},
		"all are long":  {[]string{slow, slow, slow}, bench.Untrusted},
	} {
		if row := rowOf(t, append([]string{fake.Header, fake.Started}, append(c.samples, fake.End)...)...); row.Status != c.status {
			t.Errorf("%s: status %s, note %q", name, row.Status, row.Note)
		}
	}
}

// The golden file was made by an earlier reader of records and an earlier reduction to rows.
func TestRecordsBecomeTheSameRows(t *testing.T) {
	ended := `{"end":{"reason":"resolved","total_ns":7000000,"driver_cpu_ns":50,"driver_bytes":4096}}`
	results, err := fake.Decode(append(fake.Generations(6), ended)...)
	if err != nil {
		t.Fatal(err)
	}
	matchesGolden(t, "records", renderAll(t, "json", []*report.Report{report.New(results)}, report.Options{}))
}

func TestAReportOfAResumedRunHasThePlanOfItsLastSession(t *testing.T) {
	later := strings.Replace(fake.Resume, `"machine"`, `"processes":9,"resolution":0.01,"budget_ns":7000000000,"machine"`, 1)
	for name, c := range map[string]struct {
		resumes []string
		budget  time.Duration
	}{
		"never resumed":               {nil, 0},
		"resumed with more":           {[]string{later}, 7 * time.Second},
		"resumed, in an earlier file": {[]string{fake.Resume}, 0},
	} {
		results, err := fake.Decode(append([]string{fake.Header, fake.Started, fake.Sample}, c.resumes...)...)
		if err != nil {
			t.Fatal(err)
		}
		plan := report.New(results).Plan
		if plan.Budget != c.budget || c.budget > 0 && (plan.Processes != 9 || plan.Resolution != 0.01) {
			t.Errorf("%s: plan %+v", name, plan)
		}
	}
}
