package report_test

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/perf/benchfmt"

	"descent/bench/benchtest/fake"
	"descent/bench/report"
)

// records returns the report of a run of two contenders. One of them has a name that descent
// refuses today. change may change the lines of the file.
func records(t *testing.T, change func(string) string) *report.Report {
	t.Helper()
	lines := strings.Split(change(strings.Join(fake.Generations(6), "\n")), "\n")
	lines[0] = strings.Replace(lines[0], `"contenders":[`, `"version":"v0.4.0","contenders":[{"backend":"my, \"prog\"","precision":"f32"},`, 1)
	for _, line := range lines[2:] {
		if !strings.Contains(line, `"contender":"loop/f64:twin"`) {
			lines = append(lines, strings.Replace(line, `"contender":"loop/f64"`, `"contender":"my, \"prog\"/f32"`, 1))
		}
	}
	results, err := fake.Decode(append(lines, fake.End)...)
	if err != nil {
		t.Fatal(err)
	}
	return report.New(results)
}

// cells returns CSV as a row of cells by column for each line.
func cells(t *testing.T, text string) (header []string, rows []map[string]string) {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return lines[0], rows
}

func TestWideCSVMatchesItsGoldenFile(t *testing.T) {
	matchesGolden(t, "csv-wide", render(t, "csv", everyKind(), report.Options{Wide: true}))
}

func TestCSVHasNoColumnThatIsEmptyInEveryRow(t *testing.T) {
	header, rows := cells(t, render(t, "csv", everyKind(), report.Options{}))
	if len(rows) != len(everyKind().Rows) {
		t.Errorf("%d rows", len(rows))
	}
	for _, name := range header {
		if !slices.ContainsFunc(rows, func(row map[string]string) bool { return row[name] != "" }) {
			t.Errorf("no row has a value in the column %s", name)
		}
	}
}

func TestWideCSVBeginsWithTheUsualColumns(t *testing.T) {
	usual, _ := cells(t, render(t, "csv", everyKind(), report.Options{}))
	wide, _ := cells(t, render(t, "csv", everyKind(), report.Options{Wide: true}))
	if len(wide) <= len(usual) || !slices.Equal(wide[:len(usual)], usual) {
		t.Errorf("the columns are %v, then %v", usual, wide)
	}
	slices.Sort(wide)
	if len(slices.Compact(slices.Clone(wide))) != len(wide) {
		t.Errorf("two columns have one name: %v", wide)
	}
}

func TestTimesInCSVAreOfAsManyEpochsAsThePlanHas(t *testing.T) {
	_, rows := cells(t, render(t, "csv", everyKind(), report.Options{Wide: true}))
	for _, row := range rows {
		// The row was timed over 2000 epochs: a median of 1600 ms, and 1440 ms on the device.
		if row["contender"] == "gl-graph/f32" && (row["epochs"] != "10000" || row["timed_epochs"] != "2000" ||
			row["median_ns"] != "8000000000" || row["device_ns"] != "7200000000" || row["epoch_ns"] != "800000") {
			t.Errorf("%v", row)
		}
	}
}

func TestEveryLineOfCSVSaysWhatRunItIsOf(t *testing.T) {
	want := map[string]string{
		"run": "2", "date": "2026-01-02T03:04:05Z", "version": "v0.4.0", "cpu": "Abacus", "cpu_threads": "2", "data": "a,b.csv",
		"n": "10", "features": "1", "epochs": "100", "rate": "0.1", "seed": "18446744073709551615", "samples": "12", "processes": "6",
	}
	rep := records(t, func(s string) string {
		s = strings.Replace(s, `"env":{}`, `"env":{"cpu":"Abacus","threads":2}`, 1)
		return strings.Replace(s, `"seed":1`, `"seed":18446744073709551615,"data":"a,b.csv"`, 1)
	})
	_, rows := cells(t, renderAll(t, "csv", []*report.Report{everyKind(), rep}, report.Options{}))
	rows = rows[len(rows)-2:]
	for _, row := range rows {
		for name, value := range want {
			if row[name] != value {
				t.Errorf("%s is %q, want %q", name, row[name], value)
			}
		}
	}
	if rows[0]["contender"] != `my, "prog"/f32` || rows[1]["contender"] != "loop/f64" {
		t.Errorf("the contenders are %s and %s", rows[0]["contender"], rows[1]["contender"])
	}
}

func TestJSONIsAnObjectWithRunsWhateverTheirNumber(t *testing.T) {
	for _, reps := range [][]*report.Report{{everyKind()}, several()} {
		var doc report.Document
		if err := json.Unmarshal([]byte(renderAll(t, "json", reps, report.Options{})), &doc); err != nil {
			t.Fatal(err)
		}
		if doc.Schema != 2 || len(doc.Runs) != len(reps) {
			t.Fatalf("%d runs of schema %d", len(doc.Runs), doc.Schema)
		}
		for i, rep := range reps {
			run := doc.Runs[i]
			if len(run.Rows) != len(rep.Rows) || !run.Time.Equal(rep.Time) || run.Version != rep.Version || run.Env != rep.Env || run.Plan.N != rep.Plan.N {
				t.Errorf("JSON came back as %+v", run)
			}
		}
		if reps[0].Version != "" && !math.IsNaN(float64(doc.Runs[0].Rows[2].MaxError)) {
			t.Errorf("NaN came back as %v", doc.Runs[0].Rows[2].MaxError)
		}
	}
}

func TestSamplesInTheBenchFormatMatchTheirGoldenFile(t *testing.T) {
	rep := records(t, func(s string) string { return strings.Replace(s, `"epochs":100,"rate"`, `"epochs":1000,"rate"`, 1) })
	matchesGolden(t, "bench-records", render(t, "bench", rep, report.Options{}))
}

// samplesOf reads the bench format as benchstat does. It returns the times of each benchmark, and
// the configuration of the last one.
func samplesOf(t *testing.T, rep *report.Report) (times map[string][]float64, config string) {
	t.Helper()
	r := benchfmt.NewReader(strings.NewReader(render(t, "bench", rep, report.Options{})), "stdin")
	times = map[string][]float64{}
	for r.Scan() {
		res, ok := r.Result().(*benchfmt.Result)
		if !ok {
			t.Fatalf("%+v is no result", r.Result())
		}
		seconds, ok := res.Value("sec/op")
		if !ok {
			t.Fatalf("%s has no time", res.Name)
		}
		times[string(res.Name)] = append(times[string(res.Name)], seconds)
		config = ""
		for _, c := range res.Config {
			config += c.Key + "=" + string(c.Value) + " "
		}
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	return times, config
}

func TestBenchstatReadsAllSamplesByContender(t *testing.T) {
	times, config := samplesOf(t, records(t, same))
	for _, name := range []string{"contender=loop/precision=f64", `contender=my,_"prog"/precision=f32`} {
		if got := times["Descent/"+name+"/N=10/P=1/epochs=100-0"]; len(got) != 12 || math.Abs(got[0]-1e-6) > 1e-12 {
			t.Errorf("%s has the times %v", name, got)
		}
	}
	if len(times) != 2 || config != "pkg=descent data=generated rate=0.1 seed=1 " {
		t.Errorf("%v with the configuration %s", times, config)
	}
}

// benchstat puts runs into one table only if their configurations are equal.
func TestBenchstatComparesRunsOfOneProblemOnly(t *testing.T) {
	_, config := samplesOf(t, records(t, same))
	for name, c := range map[string]struct {
		change func(*report.Report)
		apart  bool
	}{
		"version": {func(rep *report.Report) { rep.Version = "v0.5.0" }, false},
		"date":    {func(rep *report.Report) { rep.Time = rep.Time.Add(time.Hour) }, false},
		"rate":    {func(rep *report.Report) { rep.Plan.Rate = 0.2 }, true},
		"data":    {func(rep *report.Report) { rep.Plan.Data = "prices.csv" }, true},
		"seed":    {func(rep *report.Report) { rep.Plan.Seed = 2 }, true},
		"cpu":     {func(rep *report.Report) { rep.Env.CPU = "Abacus" }, true},
	} {
		rep := records(t, same)
		c.change(rep)
		if _, other := samplesOf(t, rep); (other != config) != c.apart {
			t.Errorf("with another %s the configuration is %s", name, other)
		}
	}
}
