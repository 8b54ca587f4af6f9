package report_test

import (
	"fmt"
	"strings"
	"testing"

	"descent/bench"
	"descent/bench/benchtest/fake"
	"descent/bench/report"
)

// The lines that the tests change.
const (
	header     = fake.Header
	started    = fake.Started
	sample     = fake.Sample
	fault      = fake.Fault
	end        = fake.End
	firstEpoch = fake.FirstEpoch
)

func TestBusyIsTheMedianOfTheSamplesThatTell(t *testing.T) {
	of := func(rest string) string {
		return strings.Replace(sample, `"run_ns":1000,"wall_ns":1100`, `"run_ns":1000,`+rest, 1)
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
		{"of old files none", []string{sample, sample}, 0},
		{"an odd number", []string{told(20, 38), told(20, 40), told(20, 10)}, 1.9},
		{"not of the warm-up, nor of what is too short or unknown", []string{warmup, told(20, 30), told(5, 400), of(`"wall_ns":20000000`)}, 1.5},
	} {
		results, err := fake.Decode(append([]string{header, started}, c.samples...)...)
		if err != nil {
			t.Fatal(err)
		}
		if got := report.New(results).Rows[0].Busy; got != c.want {
			t.Errorf("%s: %v, not %v", c.name, got, c.want)
		}
	}
}

// Whatever became of the row: a contender that was wrong in the end may have used more than it
// said.
func TestARowWithoutTimesTellsHowBusyItWas(t *testing.T) {
	wrong := strings.Replace(sample, `"wall_ns":1100`, `"wall_ns":20000000,"cpu_ns":40000000,"wrong":"w[0] is off by 1"`, 1)
	results, err := fake.Decode(header, started, wrong)
	if err != nil {
		t.Fatal(err)
	}
	if row := report.New(results).Rows[0]; row.Status != bench.Wrong || row.Run != nil || row.Busy != 2 {
		t.Errorf("row %+v", row)
	}
}

func TestAFaultAfterSamplesTakesTheRowsTime(t *testing.T) {
	results, err := fake.Decode(header, started, sample, sample, fault, end)
	if err != nil {
		t.Fatal(err)
	}
	row := report.New(results).Rows[0]
	if row.Status != bench.Failed || row.Run != nil || row.Samples != 2 || row.Note != "descend: the worker ended" {
		t.Errorf("row %+v", row)
	}
}

func TestOneUntrustedSampleMarksTheRow(t *testing.T) {
	mark := strings.Replace(sample, `"tolerance"`, `"untrusted":"the clocks disagree","tolerance"`, 1)
	results, err := fake.Decode(header, started, sample, mark, sample, end)
	if err != nil {
		t.Fatal(err)
	}
	row := report.New(results).Rows[0]
	if row.Status != bench.Untrusted || row.Run != nil || row.Note != "the clocks disagree" {
		t.Errorf("row %+v", row)
	}
}

func TestClocksThatContradictEachOtherAreNotTrusted(t *testing.T) {
	slow := strings.Replace(sample, `"wall_ns":1100`, `"wall_ns":900000000`, 1)
	for name, c := range map[string]struct {
		samples []string
		status  bench.Status
	}{
		"one long wait": {[]string{sample, slow, sample}, bench.OK},
		"all are long":  {[]string{slow, slow, slow}, bench.Untrusted},
	} {
		results, err := fake.Decode(append([]string{header, started}, append(c.samples, end)...)...)
		if err != nil {
			t.Fatal(err)
		}
		if row := report.New(results).Rows[0]; row.Status != c.status {
			t.Errorf("%s: status %s, note %q", name, row.Status, row.Note)
		}
	}
}

// From the records to the rows: the golden file was made by the reader and the reduction of rows
// that came before those of today.
func TestRecordsBecomeTheSameRows(t *testing.T) {
	ended := `{"end":{"reason":"resolved","total_ns":7000000,"driver_cpu_ns":50,"driver_bytes":4096}}`
	results, err := fake.Decode(append(fake.Generations(6), ended)...)
	if err != nil {
		t.Fatal(err)
	}
	matchesGolden(t, "records", renderAll(t, "json", []*report.Report{report.New(results)}, report.Options{}))
}
