package bench_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"descent/bench"
	"descent/bench/report"
)

const (
	header  = `{"header":{"schema":2,"time":"2026-01-02T03:04:05Z","plan":{"n":10,"features":1,"epochs":100,"rate":0.1,"seed":1},"env":{},"contenders":[{"backend":"loop","precision":"f64"}]}}`
	started = `{"process":{"contender":"loop/f64","process":0,"info":{"device":"cpu"},"init_ns":5,"load_ns":6}}`
	sample  = `{"sample":{"contender":"loop/f64","process":0,"block":0,"epochs":100,"run_ns":1000,"wall_ns":1100,"w":[3,2],"max_error":1e-12,"tolerance":1e-9}}`
	fault   = `{"fault":{"contender":"loop/f64","process":0,"error":"loop/f64: descend: the worker ended"}}`
	end     = `{"end":{"reason":"complete","total_ns":5}}`
)

// decode returns the last run of a results file of these lines.
func decode(lines ...string) (*bench.Results, error) {
	runs, err := bench.DecodeJournal(strings.NewReader(strings.Join(lines, "\n")+"\n"), "r.jsonl")
	if err != nil {
		return nil, err
	}
	return runs[len(runs)-1], nil
}

func TestResultsFilesThatAreNoneAreRefusedWithTheirPlace(t *testing.T) {
	other := strings.Replace
	cases := []struct {
		name  string
		lines []string
		want  string
	}{
		{"text", []string{"hello"}, `r.jsonl:1: "hello" is not a JSON object`},
		{"no record", []string{"{}"}, "r.jsonl:1: a record holds one of header, resume, process, warm, twin, sample, fault, exit and end, not 0 of them"},
		{"two records", []string{header, sample[:len(sample)-1] + "," + end[1:]}, "r.jsonl:2: a record holds one of header, resume, process, warm, twin, sample, fault, exit and end, not 2 of them"},
		{"no header", []string{sample}, "r.jsonl:1: a results file begins with a header"},
		{"a contender of another run", []string{header, started, other(header, "loop", "simd", 1), sample}, `r.jsonl:4: contender "loop/f64" is not one of the header's: simd/f64`},
		{"a process of another run", []string{header, started, header, sample}, "r.jsonl:4: a sample of loop/f64 from process 0, which was never started"},
		{"another schema", []string{other(header, `"schema":2`, `"schema":1`, 1)}, "r.jsonl:1: schema 1 is not 2, the one this version of descent reads"},
		{"a later schema", []string{other(header, `"schema":2`, `"schema":3`, 1)}, "r.jsonl:1: schema 3 is not 2, the one this version of descent reads: a descent of the version that wrote the file renders it"},
		{"a twin of nobody", []string{header, other(twin, "loop", "simd", 1)}, "r.jsonl:2: simd/f64:twin is not the twin of a contender of the header"},
		{"a twin that is none", []string{header, other(twin, `,"twin":true`, "", 1)}, "r.jsonl:2: loop/f64 is not the twin of a contender of the header"},
		{"two twins", []string{header, twin, twin}, "r.jsonl:3: a run has one twin, and this is another"},
		{"a twin before it is known", []string{header, ofTwin(started), twin}, `r.jsonl:2: contender "loop/f64:twin" is not one of the header's: loop/f64`},
		{"warm of nothing", []string{header, other(warm, `"calls":7`, `"calls":0`, 1)}, "r.jsonl:2: loop/f64 is warm after 8 samples for samples of 0 × 100 epochs, which are none"},
		{"a negative number of calls", []string{header, started, other(several, `"calls":7`, `"calls":-7`, 1)}, "r.jsonl:3: a sample is of -7 calls: it is one at least"},
		{"a negative spin", []string{header, started, other(several, `[900,`, `[-900,`, 1)}, "r.jsonl:3: spin_ns is [-900 1200]: no time is negative"},
		{"a negative processor time", []string{header, started, other(sample, `1100`, `1100,"cpu_ns":-7`, 1)}, "r.jsonl:3: cpu_ns is -7: no time is negative"},
		{"samples that differ in calls", []string{header, started, several, other(several, `"calls":7`, `"calls":8`, 1)}, "r.jsonl:4: a sample of loop/f64 is of 8 × 100 epochs, those before it of 7 × 100"},
		{"a ceiling of nothing", []string{other(header, `"env"`, `"ceilings":[{"device":"cpu","bytes":160,"bytes_per_s":0}],"env"`, 1)}, `r.jsonl:1: a ceiling of 0 B/s over 160 bytes of device "cpu" is none`},
		{"a resume of nothing", []string{resume}, "r.jsonl:1: a results file begins with a header"},
		{"a record after the end of what was resumed", []string{header, end, resume, end, started}, "r.jsonl:5: a record follows the end of the run"},
		{"no samples in the plan", []string{other(header, `"n":10`, `"n":0`, 1)}, "r.jsonl:1: the plan has n=0, features=1, epochs=100: each is at least 1"},
		{"another precision", []string{other(header, "f64", "f16", 1)}, `precision "f16" is neither f32 nor f64`},
		{"a contender of no header", []string{header, other(sample, "loop", "simd", 1)}, `r.jsonl:2: contender "simd/f64" is not one of the header's: loop/f64`},
		{"a sample without time", []string{header, started, other(sample, `"run_ns":1000`, `"run_ns":0`, 1)}, "r.jsonl:3: a sample of 100 epochs in 0 ns is none"},
		{"a sample with other weights", []string{header, started, other(sample, `[3,2]`, `[3]`, 1)}, "r.jsonl:3: a sample has 1 weights, not features+1 = 2"},
		{"an unmarked NaN", []string{header, started, other(sample, `1e-12`, `"NaN"`, 1)}, "r.jsonl:3: a sample whose error is NaN is not marked wrong"},
		{"no contender", []string{other(header, `{"backend":"loop","precision":"f64"}`, "", 1)}, "r.jsonl:1: the header names no contender"},
		{"a contender twice", []string{other(header, `[{`, `[{"backend":"loop","precision":"f64"},{`, 1)}, `r.jsonl:1: the header names contender "loop/f64" twice`},
		{"a sample from nowhere", []string{header, other(started, `"process":0`, `"process":1`, 1), sample}, "r.jsonl:3: a sample of loop/f64 from process 0, which was never started"},
		{"a negative time", []string{header, other(started, `6}}`, `-6}}`, 1)}, "r.jsonl:2: a process took 5 ns to open and -6 ns to load"},
		{"a phase that is negative", []string{header, other(started, `6}}`, `6,"search_ns":-2}}`, 1)}, "r.jsonl:2: search_ns is -2: no time is negative"},
		{"phases beyond the load", []string{header, other(started, `6}}`, `60000,"compile_ns":50000,"search_ns":20000,"upload_ns":10000}}`, 1)}, "r.jsonl:2: compile_ns 50000, search_ns 20000 and upload_ns 10000 together exceed load_ns 60000"},
		{"phases beyond all bounds", []string{header, other(started, `6}}`, `6,"compile_ns":9223372036854775807,"upload_ns":9223372036854775807}}`, 1)}, "r.jsonl:2: compile_ns 9223372036854775807"},
		{"a negative download", []string{header, started, other(sample, `1000`, `1000,"download_ns":-7`, 1)}, "r.jsonl:3: download_ns is -7: no time is negative"},
		{"a download beyond the run", []string{header, started, other(sample, `1000`, `1000,"download_ns":20000`, 1)}, "r.jsonl:3: download_ns 20000 exceeds run_ns 1000"},
		{"a negative device time", []string{header, started, other(sample, `1000`, `1000,"device_ns":-7`, 1)}, "r.jsonl:3: device_ns is -7: no time is negative"},
		{"a probe of no device", []string{other(header, `"env"`, `"probe":{},"env"`, 1)}, "r.jsonl:1: the probe names no device"},
		{"a probe below zero", []string{other(header, `"env"`, `"probe":{"device":"a card","read_bytes_per_s":-5},"env"`, 1)}, "r.jsonl:1: the probe of a card has read_bytes_per_s -5"},
		{"samples that differ in epochs", []string{header, started, sample, other(firstEpoch, "700", "70", 1), other(sample, `"epochs":100`, `"epochs":50`, 1)}, "r.jsonl:5: a sample of loop/f64 is of 1 × 50 epochs, those before it of 1 × 100"},
		{"an endless line", []string{strings.Repeat(" ", 33<<20)}, "r.jsonl:1: a line of more than"},
		{"a string for a number", []string{header, other(sample, `1000`, `"1000"`, 1)}, "r.jsonl:2: "},
		{"a torn line in the middle", []string{header, sample[:30], sample}, "r.jsonl:2: "},
		{"a record after the end", []string{header, end, sample}, "r.jsonl:3: a record follows the end of the run"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := decode(c.lines...)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
		})
	}
	if _, err := bench.DecodeJournal(strings.NewReader(""), "r.jsonl"); err == nil {
		t.Error("an empty file gave no error")
	}
	if _, err := bench.ReadJournal(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a missing file gave no error")
	}
}

func TestAFaultAfterSamplesTakesTheRowsTime(t *testing.T) {
	results, err := decode(header, started, sample, sample, fault, end)
	if err != nil {
		t.Fatal(err)
	}
	row := results.Report().Rows[0]
	if row.Status != bench.Failed || row.Run != nil || row.Samples != 2 || row.Note != "descend: the worker ended" {
		t.Errorf("row %+v", row)
	}
}

func TestOneUntrustedSampleMarksTheRow(t *testing.T) {
	mark := strings.Replace(sample, `"tolerance"`, `"untrusted":"the clocks disagree","tolerance"`, 1)
	results, err := decode(header, started, sample, mark, sample, end)
	if err != nil {
		t.Fatal(err)
	}
	row := results.Report().Rows[0]
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
		results, err := decode(append([]string{header, started}, append(c.samples, end)...)...)
		if err != nil {
			t.Fatal(err)
		}
		if row := results.Report().Rows[0]; row.Status != c.status {
			t.Errorf("%s: status %s, note %q", name, row.Status, row.Note)
		}
	}
}

func TestJournalDoesNotOverwrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.jsonl")
	if err := os.WriteFile(path, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := bench.CreateJournal(path); err == nil || !strings.Contains(err.Error(), "not overwritten") {
		t.Errorf("error %v", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "precious" {
		t.Errorf("the file holds %q, %v", b, err)
	}
}

func TestAJournalWithoutARecordLeavesNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.jsonl")
	j, err := bench.CreateJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("stat: %v", err)
	}
	first := j.Write(bench.Record{End: &bench.End{Reason: "complete"}})
	if second := j.Write(bench.Record{End: &bench.End{}}); first == nil || second != first {
		t.Errorf("after a write that failed with %v the next gave %v", first, second)
	}
}

// whole is a results file of one run.
var whole = strings.Join([]string{header, started, sample, end}, "\n") + "\n"

// A run is appended to what is whole in the file: a line that was torn off goes, one that
// only lacks its newline stays.
func TestARunIsAppendedToThoseBefore(t *testing.T) {
	for name, c := range map[string]struct {
		before  string
		samples []int // of each run
	}{
		"no file":                {"", []int{1}},
		"an empty file":          {"", []int{1}},
		"a whole run":            {whole, []int{1, 1}},
		"two runs":               {whole + whole, []int{1, 1, 1}},
		"a run cut short":        {header + "\n" + started + "\n" + sample + "\n", []int{1, 1}},
		"a torn line":            {header + "\n" + started + "\n" + sample + "\n" + sample[:50], []int{1, 1}},
		"a line without newline": {header + "\n" + started + "\n" + sample + "\n" + sample, []int{2, 1}},
		"a torn header":          {whole + header[:20], []int{1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "r.jsonl")
			if name != "no file" {
				if err := os.WriteFile(path, []byte(c.before), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			j, err := bench.AppendJournal(path)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(whole) {
				var r bench.Record
				if err := json.Unmarshal([]byte(line), &r); err != nil {
					t.Fatal(err)
				}
				if err := j.Write(r); err != nil {
					t.Fatal(err)
				}
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			runs, err := bench.ReadJournal(path)
			if err != nil {
				t.Fatal(err)
			}
			var samples []int
			for _, run := range runs {
				samples = append(samples, len(run.Samples))
			}
			if diff := cmp.Diff(c.samples, samples); diff != "" {
				t.Errorf("samples of the runs: %s", diff)
			}
			if runs[len(runs)-1].End == nil {
				t.Error("the run that was appended has no end")
			}
		})
	}
}

func TestWhatIsNoResultsFileIsNotAppendedTo(t *testing.T) {
	for _, content := range []string{"precious\n", "x,y\n1,2\n", sample + "\n", header + "\nprecious\n" + header + "\n", `{"header"`} {
		path := filepath.Join(t.TempDir(), "r.jsonl")
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := bench.AppendJournal(path); err == nil || !strings.Contains(err.Error(), path+":") {
			t.Errorf("%q: error %v", content, err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != content {
			t.Errorf("%q became %q, %v", content, b, err)
		}
	}
}

func TestARunIsNotAppendedToOneInProgress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.jsonl")
	for _, open := range []func(string) (*bench.Journal, error){bench.CreateJournal, bench.AppendJournal} {
		j, err := open(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bench.AppendJournal(path); err == nil || !strings.Contains(err.Error(), path+": another run is writing to it") {
			t.Errorf("error %v", err)
		}
		if err := errors.Join(j.Write(bench.Record{End: &bench.End{}}), j.Close()); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(whole), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnAppendedRunThatNeverBeganLeavesTheFileAsItWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.jsonl")
	if err := os.WriteFile(path, []byte(whole), 0o644); err != nil {
		t.Fatal(err)
	}
	j, err := bench.AppendJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != whole {
		t.Errorf("the file holds %q, %v", b, err)
	}
}

// What a run with all kinds of records has beside those above.
const (
	resume  = `{"resume":{"time":"2026-01-02T04:04:05Z","machine":[{"what":"load","value":"0.1","grade":"good"}]}}`
	warm    = `{"warm":{"contender":"loop/f64","process":0,"samples":8,"settled":true,"epochs":100,"calls":7,"overhead_ns":90}}`
	twin    = `{"twin":{"backend":"loop","precision":"f64","twin":true}}`
	several = `{"sample":{"contender":"loop/f64","process":0,"block":0,"epochs":100,"calls":7,"run_ns":7000,"wall_ns":7100,"spin_ns":[900,1200],"awake":["loop/f64:twin"],"w":[3,2],"max_error":1e-12,"tolerance":1e-9}}`
	exit    = `{"exit":{"contender":"loop/f64","process":0,"peak_bytes":4096}}`
	ceiling = `"ceilings":[{"device":"cpu","bytes":160,"bytes_per_s":1e10}],"data_sum":"crc32c:01234567","flags":{"n":["10"]},`
)

// ofTwin turns a line into that of the null arm.
func ofTwin(line string) string {
	return strings.Replace(line, `"contender":"loop/f64"`, `"contender":"loop/f64:twin"`, 1)
}

// generations are the lines of as many processes of a contender and its twin.
func generations(n int) []string {
	lines := []string{strings.Replace(header, `"env"`, ceiling+`"env"`, 1), twin}
	for process := range n {
		for _, line := range []string{started, warm, firstEpoch, several, strings.Replace(several, "7000", "7035", 1), exit} {
			line = of(fmt.Sprint(process), line)
			lines = append(lines, line, ofTwin(line))
		}
	}
	return lines
}

func FuzzDecodeJournal(f *testing.F) {
	all := func(lines ...string) []byte { return []byte(strings.Join(lines, "\n") + "\n") }
	f.Add(all(generations(2)...))
	f.Add(all(append(generations(6), `{"end":{"reason":"resolved","total_ns":7000000,"driver_cpu_ns":50,"driver_bytes":4096}}`)...))
	f.Add(all(append(append(generations(5), end, resume), of("5", started), of("5", several), end)...))
	f.Add(all(append(generations(1), fault, resume, ofTwin(fault))...))
	f.Add(all(header, started, strings.Replace(several, `"epochs":100,"calls":7,"run_ns":7000`, `"epochs":4294967296,"calls":4294967296,"run_ns":7000,"device_ns":5`, 1)))
	f.Add([]byte(strings.Join([]string{header, started, sample, fault, end}, "\n")))
	f.Add([]byte(header + "\n" + started + "\n" + sample + "\n" + sample[:40]))
	f.Add([]byte(strings.Replace(header, `"features":1`, `"features":3`, 1) + "\n" + started + "\n" + strings.Replace(sample, "[3,2]", `[1,"NaN","Infinity",2]`, 1) + "\n"))
	f.Add([]byte(strings.Join([]string{probed, deviceStarted, deviceSample, end, header, started, sample}, "\n")))
	f.Fuzz(func(t *testing.T, data []byte) {
		runs, err := bench.DecodeJournal(bytes.NewReader(data), "r.jsonl")
		if err != nil {
			if runs != nil || !strings.HasPrefix(err.Error(), "r.jsonl") {
				t.Errorf("results %v with error %v", runs, err)
			}
			return
		}
		var reports []*bench.Report
		for _, run := range runs {
			reports = append(reports, run.Report())
			for _, row := range run.Report().Rows {
				if row.Run != nil && (row.Status != bench.OK || !(row.Run.Min > 0 && row.Run.Min <= row.Run.Median)) {
					t.Errorf("row %+v", row)
				}
				if row.Run == nil && (row.Phases != nil || row.BytesPerS != 0) || row.BytesPerS < 0 || row.BandwidthShare < 0 {
					t.Errorf("row %+v", row)
				}
			}
		}
		var compared []*bench.Comparison
		for _, rep := range reports {
			c, err := bench.Compare(rep, rep, bench.CompareOptions{})
			if err != nil {
				t.Fatalf("a run is not comparable with itself: %v", err)
			}
			for _, row := range c.Rows {
				if row.Regressed || row.Ratio != nil && row.Ratio.Ratio != 1 {
					t.Errorf("compared with itself: %+v", row)
				}
			}
			compared = append(compared, c)
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

// A request that decodes must survive the way back, and a reply too: this is all
// that a worker in another language can rely on.
func FuzzProtocol(f *testing.F) {
	f.Add([]byte(`{"op":"descend","epochs":10,"rate":0.5,"w":[0,"NaN",1e300]}`))
	f.Add([]byte(`{"protocol":1,"name":"numpy","version":"2","threads":1,"init_ns":12}`))
	f.Add([]byte(`{"error":"libEGL.so.1: cannot open","unavailable":true}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		roundTrip[bench.Request](t, data)
		roundTrip[bench.Reply](t, data)
		var out bytes.Buffer
		bench.Serve(bytes.NewReader(data), &out, "loop/f64", "f64", openLoop)
		for line := range bytes.Lines(out.Bytes()) {
			var r bench.Reply
			if err := json.Unmarshal(line, &r); err != nil {
				t.Errorf("the worker answered %q: %v", line, err)
			}
		}
	})
}

func roundTrip[T any](t *testing.T, data []byte) {
	var v, back T
	if json.Unmarshal(data, &v) != nil {
		return
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%+v has no JSON form: %v", v, err)
	}
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	again, err := json.Marshal(back)
	if err != nil || !bytes.Equal(b, again) {
		t.Errorf("not the same after a round trip (%v): %s", err, cmp.Diff(string(b), string(again)))
	}
}
