package journal_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"descent/bench"
	"descent/bench/benchtest/fake"
	"descent/bench/journal"
)

func TestResultsFilesThatAreNoneAreRefusedWithTheirPlace(t *testing.T) {
	replace := strings.Replace
	cases := []struct {
		name  string
		lines []string
		want  string
	}{
		{"text", []string{"hello"}, `r.jsonl:1: "hello" is not a JSON object`},
		{"no record", []string{"{}"}, "r.jsonl:1: a record holds one of header, resume, process, warm, twin, sample, fault, exit, end and swept, not 0 of them"},
		{"two records", []string{fake.Header, fake.Sample[:len(fake.Sample)-1] + "," + fake.End[1:]}, "r.jsonl:2: a record holds one of header, resume, process, warm, twin, sample, fault, exit, end and swept, not 2 of them"},
		{"no header", []string{fake.Sample}, "r.jsonl:1: a results file begins with a header"},
		{"a contender of another run", []string{fake.Header, fake.Started, replace(fake.Header, "loop", "simd", 1), fake.Sample}, `r.jsonl:4: contender "loop/f64" is not one of the header's: simd/f64`},
		{"a process of another run", []string{fake.Header, fake.Started, fake.Header, fake.Sample}, "r.jsonl:4: a sample of loop/f64 from process 0, which was never started"},
		{"another schema", []string{replace(fake.Header, `"schema":2`, `"schema":1`, 1)}, "r.jsonl:1: schema 1 is not 2, the one this version of descent reads"},
		{"a later schema", []string{replace(fake.Header, `"schema":2`, `"schema":3`, 1)}, "r.jsonl:1: schema 3 is not 2, the one this version of descent reads: a descent of the version that wrote the file renders it"},
		{"a twin of nobody", []string{fake.Header, replace(fake.Twin, "loop", "simd", 1)}, "r.jsonl:2: simd/f64:twin is not the twin of a contender of the header"},
		{"a twin that is none", []string{fake.Header, replace(fake.Twin, `,"twin":true`, "", 1)}, "r.jsonl:2: loop/f64 is not the twin of a contender of the header"},
		{"two twins", []string{fake.Header, fake.Twin, fake.Twin}, "r.jsonl:3: a run has one twin, and this is another"},
		{"a twin before it is known", []string{fake.Header, fake.OfTwin(fake.Started), fake.Twin}, `r.jsonl:2: contender "loop/f64:twin" is not one of the header's: loop/f64`},
		{"warm of nothing", []string{fake.Header, replace(fake.Warm, `"calls":7`, `"calls":0`, 1)}, "r.jsonl:2: loop/f64 is warm after 8 samples for samples of 0 × 100 epochs, which are none"},
		{"a negative number of calls", []string{fake.Header, fake.Started, replace(fake.Several, `"calls":7`, `"calls":-7`, 1)}, "r.jsonl:3: a sample is of -7 calls: it is one at least"},
		{"a negative spin", []string{fake.Header, fake.Started, replace(fake.Several, `[900,`, `[-900,`, 1)}, "r.jsonl:3: spin_ns is [-900 1200]: no time is negative"},
		{"a negative processor time", []string{fake.Header, fake.Started, replace(fake.Sample, `1100`, `1100,"cpu_ns":-7`, 1)}, "r.jsonl:3: cpu_ns is -7: no time is negative"},
		{"samples that differ in calls", []string{fake.Header, fake.Started, fake.Several, replace(fake.Several, `"calls":7`, `"calls":8`, 1)}, "r.jsonl:4: a sample of loop/f64 is of 8 × 100 epochs, those before it of 7 × 100"},
		{"a ceiling of nothing", []string{replace(fake.Header, `"env"`, `"ceilings":[{"device":"cpu","bytes":160,"bytes_per_s":0}],"env"`, 1)}, `r.jsonl:1: a ceiling of 0 B/s over 160 bytes of device "cpu" is none`},
		{"arithmetic of nothing", []string{replace(fake.Header, `"env"`, `"ceilings":[{"device":"cpu","precision":"f32"}],"env"`, 1)}, `r.jsonl:1: a ceiling of 0 multiply-adds a second in "f32" of device "cpu" is none`},
		{"a resume of nothing", []string{fake.Resume}, "r.jsonl:1: a results file begins with a header"},
		{"a record after the end of what was resumed", []string{fake.Header, fake.End, fake.Resume, fake.End, fake.Started}, "r.jsonl:5: a record follows the end of the run"},
		{"no samples in the plan", []string{replace(fake.Header, `"n":10`, `"n":0`, 1)}, "r.jsonl:1: the plan has n=0, features=1, epochs=100: each is at least 1"},
		{"another precision", []string{replace(fake.Header, "f64", "f16", 1)}, `precision "f16" is neither f32 nor f64`},
		{"a contender of no header", []string{fake.Header, replace(fake.Sample, "loop", "simd", 1)}, `r.jsonl:2: contender "simd/f64" is not one of the header's: loop/f64`},
		{"a sample without time", []string{fake.Header, fake.Started, replace(fake.Sample, `"run_ns":1000`, `"run_ns":0`, 1)}, "r.jsonl:3: a sample of 100 epochs in 0 ns is none"},
		{"a sample with other weights", []string{fake.Header, fake.Started, replace(fake.Sample, `[3,2]`, `[3]`, 1)}, "r.jsonl:3: a sample has 1 weights, not features+1 = 2"},
		{"an unmarked NaN", []string{fake.Header, fake.Started, replace(fake.Sample, `1e-12`, `"NaN"`, 1)}, "r.jsonl:3: a sample whose error is NaN, with a tolerance of 1e-09, is not marked wrong"},
		{"an unmarked error", []string{fake.Header, fake.Started, replace(fake.Sample, `1e-12`, `1e-6`, 1)}, "r.jsonl:3: a sample whose error is 1e-06, with a tolerance of 1e-09, is not marked wrong"},
		{"no contender", []string{replace(fake.Header, `{"backend":"loop","precision":"f64"}`, "", 1)}, "r.jsonl:1: the header names no contender"},
		{"a contender twice", []string{replace(fake.Header, `[{`, `[{"backend":"loop","precision":"f64"},{`, 1)}, `r.jsonl:1: the header names contender "loop/f64" twice`},
		{"a sample from nowhere", []string{fake.Header, replace(fake.Started, `"process":0`, `"process":1`, 1), fake.Sample}, "r.jsonl:3: a sample of loop/f64 from process 0, which was never started"},
		{"a negative time", []string{fake.Header, replace(fake.Started, `6}}`, `-6}}`, 1)}, "r.jsonl:2: a process took 5 ns to open and -6 ns to load"},
		{"work that is undone", []string{fake.Header, replace(fake.Started, `"info":{`, `"info":{"work":{"dispatches":-1},`, 1)}, "r.jsonl:2: work.dispatches is -1: it cannot be a count for each epoch"},
		{"a phase that is negative", []string{fake.Header, replace(fake.Started, `6}}`, `6,"search_ns":-2}}`, 1)}, "r.jsonl:2: search_ns is -2: no time is negative"},
		{"phases beyond the load", []string{fake.Header, replace(fake.Started, `6}}`, `60000,"compile_ns":50000,"search_ns":20000,"upload_ns":10000}}`, 1)}, "r.jsonl:2: compile_ns 50000, search_ns 20000 and upload_ns 10000 together exceed load_ns 60000"},
		{"phases beyond all bounds", []string{fake.Header, replace(fake.Started, `6}}`, `6,"compile_ns":9223372036854775807,"upload_ns":9223372036854775807}}`, 1)}, "r.jsonl:2: compile_ns 9223372036854775807"},
		{"a negative download", []string{fake.Header, fake.Started, replace(fake.Sample, `1000`, `1000,"download_ns":-7`, 1)}, "r.jsonl:3: download_ns is -7: no time is negative"},
		{"a download beyond the run", []string{fake.Header, fake.Started, replace(fake.Sample, `1000`, `1000,"download_ns":20000`, 1)}, "r.jsonl:3: download_ns 20000 exceeds run_ns 1000"},
		{"a negative time of the driver", []string{fake.Header, fake.Started, replace(fake.Sample, `1100`, `-7`, 1)}, "r.jsonl:3: wall_ns is -7: no time is negative"},
		{"a negative end", []string{fake.Header, replace(fake.End, `5`, `-5`, 1)}, "r.jsonl:2: the run took -5 ns, the driver 0 ns and 0 bytes: none of them is negative"},
		{"a negative memory", []string{fake.Header, replace(fake.Exit, `4096`, `-7`, 1)}, "r.jsonl:2: peak_bytes is -7: no size is negative"},
		{"a negative device time", []string{fake.Header, fake.Started, replace(fake.Sample, `1000`, `1000,"device_ns":-7`, 1)}, "r.jsonl:3: device_ns is -7: no time is negative"},
		{"a probe of no device", []string{replace(fake.Header, `"env"`, `"probe":{},"env"`, 1)}, "r.jsonl:1: the probe names no device"},
		{"a probe below zero", []string{replace(fake.Header, `"env"`, `"probe":{"device":"a card","read_bytes_per_s":-5},"env"`, 1)}, "r.jsonl:1: the probe of a card has read_bytes_per_s -5"},
		{"a probe of readings in disorder", []string{replace(fake.Header, `"env"`, `"probe":{"device":"a card","reads":[{"bytes":8,"bytes_per_s":5},{"bytes":8,"bytes_per_s":5}]},"env"`, 1)}, "r.jsonl:1: the probe of a card has a reading of 5 B/s over 8 bytes after one over 8"},
		{"a probe of a reading that is none", []string{replace(fake.Header, `"env"`, `"probe":{"device":"a card","reads":[{"bytes":8,"bytes_per_s":0}]},"env"`, 1)}, "r.jsonl:1: the probe of a card has a reading of 0 B/s over 8 bytes"},
		{"samples that differ in epochs", []string{fake.Header, fake.Started, fake.Sample, replace(fake.FirstEpoch, "700", "70", 1), replace(fake.Sample, `"epochs":100`, `"epochs":50`, 1)}, "r.jsonl:5: a sample of loop/f64 is of 1 × 50 epochs, those before it of 1 × 100"},
		{"an endless line", []string{strings.Repeat(" ", 33<<20)}, "r.jsonl:1: a line of more than"},
		{"a string for a number", []string{fake.Header, replace(fake.Sample, `1000`, `"1000"`, 1)}, "r.jsonl:2: "},
		{"a torn line in the middle", []string{fake.Header, fake.Sample[:30], fake.Sample}, "r.jsonl:2: "},
		{"a sweep's end without a sweep", []string{fake.Header, fake.End, fake.Swept}, "r.jsonl:3: the end of a sweep follows a run of none"},
		{"a sweep's end without an end of its run", []string{replace(fake.Header, `"env"`, fake.Sweep+`"env"`, 1), fake.Swept}, "r.jsonl:2: the end of a sweep follows a run without an end"},
		{"a negative time of a sweep", []string{replace(fake.Header, `"env"`, fake.Sweep+`"env"`, 1), fake.End, replace(fake.Swept, "9", "-9", 1)}, "r.jsonl:3: the sweep took -9 ns"},
		{"a record after a sweep's end", []string{replace(fake.Header, `"env"`, fake.Sweep+`"env"`, 1), fake.End, fake.Swept, fake.Started}, "r.jsonl:4: a record follows the end of the run"},
		{"a record after the end", []string{fake.Header, fake.End, fake.Sample}, "r.jsonl:3: a record follows the end of the run"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := fake.Decode(c.lines...)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
		})
	}
	if _, err := journal.Decode(strings.NewReader(""), "r.jsonl"); err == nil {
		t.Error("an empty file gave no error")
	}
	if _, err := journal.Read(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a missing file gave no error")
	}
}

func TestJournalDoesNotOverwrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.jsonl")
	if err := os.WriteFile(path, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Create(path); err == nil || !strings.Contains(err.Error(), "not overwritten") {
		t.Errorf("error %v", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "precious" {
		t.Errorf("the file holds %q, %v", b, err)
	}
}

func TestAJournalWithoutARecordLeavesNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.jsonl")
	j, err := journal.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("stat: %v", err)
	}
	first := j.Write(journal.Record{End: &journal.End{Reason: "complete"}})
	if second := j.Write(journal.Record{End: &journal.End{}}); first == nil || second != first {
		t.Errorf("a write failed with %v, and the next gave %v", first, second)
	}
}

// whole is a results file with one run.
var whole = strings.Join([]string{fake.Header, fake.Started, fake.Sample, fake.End}, "\n") + "\n"

// A run is appended to the whole lines of the file. A torn last line is removed. A line that only
// lacks its newline is kept.
func TestARunIsAppendedToThoseBefore(t *testing.T) {
	for name, c := range map[string]struct {
		before  string
		samples []int // the number of samples of each run
	}{
		"no file":                {"", []int{1}},
		"an empty file":          {"", []int{1}},
		"a whole run":            {whole, []int{1, 1}},
		"two runs":               {whole + whole, []int{1, 1, 1}},
		"a run cut short":        {fake.Header + "\n" + fake.Started + "\n" + fake.Sample + "\n", []int{1, 1}},
		"a torn line":            {fake.Header + "\n" + fake.Started + "\n" + fake.Sample + "\n" + fake.Sample[:50], []int{1, 1}},
		"a line without newline": {fake.Header + "\n" + fake.Started + "\n" + fake.Sample + "\n" + fake.Sample, []int{2, 1}},
		"a torn header":          {whole + fake.Header[:20], []int{1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "r.jsonl")
			if name != "no file" {
				if err := os.WriteFile(path, []byte(c.before), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			j, err := journal.Append(path)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(whole) {
				var r journal.Record
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
			runs, err := journal.Read(path)
			if err != nil {
				t.Fatal(err)
			}
			var samples []int
			for _, run := range runs {
				samples = append(samples, len(run.Samples))
			}
			if diff := cmp.Diff(c.samples, samples); diff != "" {
				t.Errorf("number of samples of each run: %s", diff)
			}
			if runs[len(runs)-1].End == nil {
				t.Error("the run that was appended has no end")
			}
		})
	}
}

func TestWhatIsNoResultsFileIsNotAppendedTo(t *testing.T) {
	for _, content := range []string{"precious\n", "x,y\n1,2\n", fake.Sample + "\n", fake.Header + "\nprecious\n" + fake.Header + "\n", `{"header"`} {
		path := filepath.Join(t.TempDir(), "r.jsonl")
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := journal.Append(path); err == nil || !strings.Contains(err.Error(), path+":") {
			t.Errorf("%q: error %v", content, err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != content {
			t.Errorf("%q became %q, %v", content, b, err)
		}
	}
}

func TestARunIsNotAppendedToOneInProgress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.jsonl")
	for _, open := range []func(string) (*journal.Journal, error){journal.Create, journal.Append} {
		j, err := open(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := journal.Append(path); err == nil || !strings.Contains(err.Error(), path+": another run is writing to it") {
			t.Errorf("error %v", err)
		}
		if err := errors.Join(j.Write(journal.Record{Resume: &journal.Resumed{}}), j.Close()); err != nil {
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
	j, err := journal.Append(path)
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

// A sweep decides what to measure next from the runs so far, while it writes them.
func TestAJournalKnowsItsLastRunAsAReaderDoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.jsonl")
	j, err := journal.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if j.Last() != nil {
		t.Error("an empty file has a run")
	}
	header := func(visit int) journal.Record {
		return journal.Record{Header: &journal.Header{
			Schema: journal.Schema, Plan: journal.Plan{N: 10, Features: 1, Epochs: 100},
			Sweep:      &journal.Sweep{ID: "s", Sizes: []int{10}, Features: []int{1}, Epochs: 100, Visit: visit, Role: journal.OfGrid},
			Contenders: []bench.Contender{{Backend: "loop"}},
		}}
	}
	write := func(j *journal.Journal, records ...journal.Record) {
		t.Helper()
		for _, r := range records {
			if err := j.Write(r); err != nil {
				t.Fatal(err)
			}
		}
		runs, err := journal.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		was := runs[len(runs)-1]
		if got := j.Last(); got.Header.Sweep.Visit != was.Header.Sweep.Visit || len(got.Processes) != len(was.Processes) ||
			(got.End == nil) != (was.End == nil) || (got.Swept == nil) != (was.Swept == nil) {
			t.Errorf("the journal has %+v, and a reader %+v", got, was)
		}
	}
	end := journal.Record{End: &journal.End{Reason: journal.Interrupted, TotalNS: 5}}
	write(j, header(0), journal.Record{Process: &journal.Started{Contender: "loop/f64"}}, end)
	write(j, header(1), end, journal.Record{Swept: &journal.Swept{Reason: journal.Interrupted, TotalNS: 9}})
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if j, err = journal.Append(path); err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	write(j, journal.Record{Resume: &journal.Resumed{}}, journal.Record{Process: &journal.Started{Contender: "loop/f64"}})
}

// What to do when the disk is full depends on what the last run is of.
func TestTheHintOfAFullDiskGoesOnWithASweep(t *testing.T) {
	for command, part := range map[string]*journal.Sweep{"run": nil, "sweep": {ID: "1", Sizes: []int{100, 200}, Features: []int{1}, Epochs: 100, Role: journal.OfGrid}} {
		j, err := journal.Create(filepath.Join(t.TempDir(), "r.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		var r journal.Record
		if err := json.Unmarshal([]byte(fake.Header), &r); err != nil {
			t.Fatal(err)
		}
		r.Header.Sweep = part
		if err := errors.Join(j.Write(r), j.Close()); err != nil {
			t.Fatal(err)
		}
		var hinter bench.Hinter
		if err := j.Write(r); !errors.As(err, &hinter) || !strings.Contains(hinter.Hint(), "'descent "+command+" --resume FILE'") {
			t.Errorf("%s: error %v", command, err)
		}
	}
}
