package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/perf/benchfmt"

	"descent/bench/report"
	"descent/bench/stats"
)

// literals copies the results files of testdata/script/compare.txtar into a folder, and makes it
// the working directory.
func literals(t *testing.T) {
	t.Helper()
	a, err := txtar.ParseFile("testdata/script/compare.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range a.Files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

// printed returns the stdout of a command line that must end with a status.
func printed(t *testing.T, status int, args ...string) *bytes.Buffer {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if got := run(args, strings.NewReader(""), &stdout, &stderr); got != status {
		t.Fatalf("%v: exit status %d, want %d; stderr %s", args, got, status, stderr.String())
	}
	return &stdout
}

// benchmarks reads results as benchstat does. It returns how many results each value of the
// configuration "run" has, and their mean.
func benchmarks(t *testing.T, from *bytes.Buffer) (n map[string]int, mean map[string]float64) {
	t.Helper()
	n, mean = map[string]int{}, map[string]float64{}
	r := benchfmt.NewReader(from, "stdin")
	for r.Scan() {
		res, ok := r.Result().(*benchfmt.Result)
		if !ok {
			t.Fatalf("%+v is no result", r.Result())
		}
		seconds, ok := res.Value("sec/op")
		if want := "Descent/contender=loop/precision=f64/N=10/P=1/epochs=100-2"; !ok || string(res.Name.Full()) != want || res.GetConfig("cpu") != "Abacus 3000" || res.GetConfig("goos") != "linux" {
			t.Errorf("result %+v, want one of %s", res, want)
		}
		run := res.GetConfig("run")
		n[run]++
		mean[run] += 1e9 * seconds
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	for run := range n {
		mean[run] /= float64(n[run])
	}
	return n, mean
}

func TestBenchstatReadsTheSamplesOfAReportAndOfAComparison(t *testing.T) {
	literals(t)
	n, mean := benchmarks(t, printed(t, exitOK, "report", "--format", "bench", "old.jsonl"))
	if n[""] != 5 || math.Abs(mean[""]-100_000) > 1e-6 {
		t.Errorf("of a report %v, %v ns", n, mean)
	}
	n, mean = benchmarks(t, printed(t, exitRegression, "compare", "--format", "bench", "old.jsonl", "slower.jsonl"))
	if n["old"] != 5 || n["new"] != 5 || len(n) != 2 || math.Abs(mean["old"]-100_000) > 1e-6 || math.Abs(mean["new"]-120_000) > 1e-6 {
		t.Errorf("of a comparison %v, %v ns", n, mean)
	}
}

func TestProgramsReadWhatCompareFound(t *testing.T) {
	literals(t)
	var found report.Document
	if err := json.Unmarshal(printed(t, exitRegression, "compare", "--format", "json", "old.jsonl", "slower.jsonl").Bytes(), &found); err != nil {
		t.Fatal(err)
	}
	row := found.Comparisons[0].Rows[0]
	if len(found.Comparisons[0].Rows) != 1 || row.Contender != "loop/f64" || !row.Regressed || row.Unclear || row.Ratio.Verdict != stats.Slower || math.Abs(row.Ratio.Ratio-1/1.2) > 1e-3 {
		t.Errorf("%+v, ratio %+v", row, row.Ratio)
	}
	lines, err := csv.NewReader(printed(t, exitUnclear, "compare", "--format", "csv", "old.jsonl", "noisy.jsonl")).ReadAll()
	if err != nil || len(lines) != 2 {
		t.Fatalf("%v, %v", lines, err)
	}
	fields := map[string]string{}
	for i, name := range lines[0] {
		fields[name] = lines[1][i]
	}
	if fields["contender"] != "loop/f64" || fields["verdict"] != string(stats.CannotTell) || fields["unclear"] != "true" || fields["regressed"] != "false" || fields["old_median_ns"] != "100000" {
		t.Errorf("%v", fields)
	}
	markdown := printed(t, exitOK, "compare", "--format", "markdown", "old.jsonl", "same.jsonl").String()
	if !strings.Contains(markdown, "\n| loop/f64 | ") || strings.Contains(markdown, "REGRESSION") {
		t.Error(markdown)
	}
}
