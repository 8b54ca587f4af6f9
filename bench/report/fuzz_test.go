package report_test

import (
	"bytes"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"descent/bench"
	"descent/bench/benchtest/fake"
	"descent/bench/journal"
	"descent/bench/report"
)

// Every file that can be read can be reported, and compared with itself.
func FuzzDecodeJournal(f *testing.F) {
	all := func(lines ...string) []byte { return []byte(strings.Join(lines, "\n") + "\n") }
	f.Add(all(fake.Generations(2)...))
	f.Add(all(append(fake.Generations(6), `{"end":{"reason":"resolved","total_ns":7000000,"driver_cpu_ns":50,"driver_bytes":4096}}`)...))
	f.Add(all(append(append(fake.Generations(5), fake.End, fake.Resume), fake.OfProcess("5", fake.Started), fake.OfProcess("5", fake.Several), fake.End)...))
	f.Add(all(append(fake.Generations(1), fake.Fault, fake.Resume, fake.OfTwin(fake.Fault))...))
	f.Add(all(fake.Header, fake.Started, strings.Replace(fake.Several, `"epochs":100,"calls":7,"run_ns":7000`, `"epochs":4294967296,"calls":4294967296,"run_ns":7000,"device_ns":5`, 1)))
	f.Add([]byte(strings.Join([]string{fake.Header, fake.Started, fake.Sample, fake.Fault, fake.End}, "\n")))
	f.Add([]byte(fake.Header + "\n" + fake.Started + "\n" + fake.Sample + "\n" + fake.Sample[:40]))
	f.Add([]byte(strings.Replace(fake.Header, `"features":1`, `"features":3`, 1) + "\n" + fake.Started + "\n" + strings.Replace(fake.Sample, "[3,2]", `[1,"NaN","Infinity",2]`, 1) + "\n"))
	f.Add([]byte(strings.Join([]string{probed, deviceStarted, deviceSample, fake.End, fake.Header, fake.Started, fake.Sample}, "\n")))
	f.Add(all(strings.Replace(probed, `"bytes":1024`, `"bytes":1024,"dispatch_ns":9000000000000000000,"sync_ns":7,"meeting_ns":5,"meeting_groups":2,"reads":[{"bytes":9,"bytes_per_s":1}]`, 1),
		strings.Replace(deviceStarted, `"a card"`, `"a card","work":{"dispatches":2147483647,"meetings":1,"groups":1,"syncs":1e-300}`, 1), deviceSample))
	f.Fuzz(func(t *testing.T, data []byte) {
		runs, err := journal.Decode(bytes.NewReader(data), "r.jsonl")
		if err != nil {
			if runs != nil || !strings.HasPrefix(err.Error(), "r.jsonl") {
				t.Errorf("results %v with error %v", runs, err)
			}
			return
		}
		var reports []*report.Report
		for _, run := range runs {
			reports = append(reports, report.New(run))
			for _, row := range report.New(run).Rows {
				if row.Run != nil && (row.Status != bench.OK || !(row.Run.Min > 0 && row.Run.Min <= row.Run.Median)) {
					t.Errorf("row %+v", row)
				}
				for _, b := range row.Bounds {
					if !(b.NS > 0 && b.Share > 0 && b.Share <= math.MaxFloat64) {
						t.Errorf("row %+v", row)
					}
				}
				if row.Run == nil && (row.Phases != nil || row.BytesPerS != 0 || row.Bounds != nil) || row.BytesPerS < 0 {
					t.Errorf("row %+v", row)
				}
			}
		}
		var compared []*report.Comparison
		for _, rep := range reports {
			c, err := report.Compare(rep, rep, report.CompareOptions{})
			measured := slices.ContainsFunc(rep.Rows, func(row report.Row) bool { return row.Run != nil })
			if (err == nil) != measured {
				t.Fatalf("a run is compared with itself, something measured %v: error %v", measured, err)
			}
			if err != nil {
				continue
			}
			for _, row := range c.Rows {
				if row.Regressed || row.Ratio != nil && row.Ratio.Ratio != 1 {
					t.Errorf("compared with itself: %+v", row)
				}
			}
			compared = append(compared, c)
		}
		if err := report.Write(io.Discard, "text", reports, report.Options{Details: []string{report.AllSections}}); err != nil {
			t.Errorf("no detailed report: %v", err)
		}
		for _, format := range report.Formats() {
			if err := report.Write(io.Discard, format, reports, report.Options{}); err != nil {
				t.Errorf("no %s report: %v", format, err)
			}
			if err := report.WriteComparison(io.Discard, format, compared, report.Options{}); err != nil {
				t.Errorf("no %s comparison: %v", format, err)
			}
		}
	})
}
