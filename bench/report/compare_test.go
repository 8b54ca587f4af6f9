package report_test

import (
	"fmt"
	"strings"
	"testing"

	"descent/bench"
	"descent/bench/benchtest/fake"
	"descent/bench/report"
	"descent/bench/stats"
)

// measured is a contender of a literal run, with one sample in each process.
type measured struct {
	name      string // of the backend
	times     []int  // of the samples, in ns
	after     string // the record after the samples: a fault
	info      string
	epochs    int // of a sample; 0 stands for 100
	wrong     bool
	twins     []int // the times of its twin, in ns
	untrusted bool  // its clock is wrong
}

var (
	quiet  = []int{100_000, 101_000, 99_000, 100_500, 99_500}
	slower = []int{110_000, 111_000, 109_000, 110_500, 109_500}
	noisy  = []int{100_000, 180_000, 60_000, 140_000, 75_000}
)

// times returns quiet, multiplied by a factor.
func times(factor float64) (out []int) {
	for _, t := range quiet {
		out = append(out, int(factor*float64(t)))
	}
	return out
}

// literal returns the report of a run on a machine with this processor. change may change the line
// of the header.
func literal(t *testing.T, cpu string, change func(string) string, of ...measured) *report.Report {
	t.Helper()
	var names, lines []string
	for _, m := range of {
		names = append(names, fmt.Sprintf(`{"backend":%q,"precision":"f64"}`, m.name))
	}
	lines = append(lines, change(fmt.Sprintf(
		`{"header":{"schema":2,"time":"2026-01-02T03:04:05Z","plan":{"n":10,"features":1,"epochs":100,"rate":0.1,"seed":1,"resolution":0.02},"env":{"cpu":%q,"kernel":"6.1"},"contenders":[%s]}}`,
		cpu, strings.Join(names, ","))))
	take := func(m measured, name string, times []int) {
		info := m.info
		if info == "" {
			info = `{"device":"cpu"}`
		}
		for process, ns := range times {
			lines = append(lines, fmt.Sprintf(`{"process":{"contender":%q,"process":%d,"info":%s,"init_ns":5,"load_ns":6}}`, name, process, info))
			mark := ""
			if m.wrong {
				mark = `,"wrong":"w[0] is 5, not 3"`
			}
			if m.untrusted {
				mark += `,"untrusted":"the clocks disagree"`
			}
			lines = append(lines, fmt.Sprintf(`{"sample":{"contender":%q,"process":%d,"block":%d,"epochs":%d,"run_ns":%d,"wall_ns":%d,"w":[3,2],"max_error":0,"tolerance":1e-9%s}}`,
				name, process, process, max(1, m.epochs), ns, ns+1000, mark))
		}
	}
	for _, m := range of {
		if m.epochs == 0 {
			m.epochs = 100
		}
		take(m, m.name+"/f64", m.times)
		if m.after != "" {
			lines = append(lines, m.after)
		}
		if m.twins != nil {
			lines = append(lines, fmt.Sprintf(`{"twin":{"backend":%q,"precision":"f64","twin":true}}`, m.name))
			take(m, m.name+"/f64:twin", m.twins)
		}
	}
	results, err := fake.Decode(lines...)
	if err != nil {
		t.Fatal(err)
	}
	return report.New(results)
}

func same(s string) string { return s }

func TestAComparisonSaysWhatBecameOfAContender(t *testing.T) {
	failed := `{"fault":{"contender":"a/f64","process":0,"error":"the worker ended"}}`
	absent := `{"fault":{"contender":"a/f64","process":0,"unavailable":true,"error":"no card"}}`
	oneCPU := measured{name: "a", times: quiet}
	for _, c := range []struct {
		name               string
		old, new           measured
		limit              float64
		verdict            stats.Verdict // "" for no ratio
		regressed, unclear bool
		note               string
	}{
		{name: "equal", old: oneCPU, new: oneCPU, verdict: stats.NoDifference},
		{name: "10% slower", old: oneCPU, new: measured{name: "a", times: slower}, verdict: stats.Slower, regressed: true},
		{name: "10% faster", old: measured{name: "a", times: slower}, new: oneCPU, verdict: stats.Faster},
		{name: "noisy", old: oneCPU, new: measured{name: "a", times: noisy}, verdict: stats.CannotTell, unclear: true},
		{name: "too few processes", old: oneCPU, new: measured{name: "a", times: slower[:4]}, verdict: stats.CannotTell, unclear: true},
		{name: "slower within the floor", old: measured{name: "a", times: quiet, twins: times(1.2)}, new: measured{name: "a", times: slower}, verdict: stats.CannotTell, unclear: true},
		{name: "slower within the new floor", old: oneCPU, new: measured{name: "a", times: slower, twins: times(1.3)}, verdict: stats.CannotTell, unclear: true},

		{name: "10% slower, of 5% allowed", limit: 0.05, old: oneCPU, new: measured{name: "a", times: slower}, verdict: stats.Slower, regressed: true},
		{name: "10% slower, of 20% allowed", limit: 0.20, old: oneCPU, new: measured{name: "a", times: slower}, verdict: stats.Slower},
		{name: "10% slower, of 10% allowed", limit: 0.10, old: oneCPU, new: measured{name: "a", times: slower}, verdict: stats.Slower, unclear: true},
		{name: "equal, of 5% allowed", limit: 0.05, old: oneCPU, new: oneCPU, verdict: stats.NoDifference},
		{name: "noisy, of 5% allowed", limit: 0.05, old: oneCPU, new: measured{name: "a", times: noisy}, verdict: stats.CannotTell, unclear: true},
		{name: "too few processes, of 5% allowed", limit: 0.05, old: oneCPU, new: measured{name: "a", times: slower[:4]}, verdict: stats.CannotTell, unclear: true},
		{name: "slower within the floor, of 5% allowed", limit: 0.05, old: measured{name: "a", times: quiet, twins: times(1.2)}, new: measured{name: "a", times: slower}, verdict: stats.CannotTell, unclear: true},

		{name: "failed", old: oneCPU, new: measured{name: "a", after: failed}, regressed: true, note: "failed in the new run: the worker ended"},
		{name: "wrong", old: oneCPU, new: measured{name: "a", times: quiet, wrong: true}, regressed: true, note: "wrong in the new run: after 100 epochs: w[0] is 5, not 3"},
		{name: "unavailable", old: oneCPU, new: measured{name: "a", after: absent}, unclear: true, note: "unavailable in the new run: no card"},
		{name: "untrusted", old: oneCPU, new: measured{name: "a", times: quiet, untrusted: true}, unclear: true, note: "untrusted in the new run: the clocks disagree"},
		{name: "works by now", old: measured{name: "a", after: failed}, new: oneCPU, note: "was failed in the old run"},
		{name: "wrong in both", old: measured{name: "a", times: quiet, wrong: true}, new: measured{name: "a", times: quiet, wrong: true}, note: "wrong in both runs"},
		{name: "fewer epochs a sample", old: oneCPU, new: measured{name: "a", times: []int{50_000, 50_500, 49_500, 50_250, 49_750}, epochs: 50}, verdict: stats.NoDifference},
		{name: "fewer epochs, another algorithm", old: measured{name: "a", times: quiet, info: `{"device":"cpu","algorithm":"sums"}`},
			new: measured{name: "a", times: quiet, epochs: 50, info: `{"device":"cpu","algorithm":"sums"}`}, unclear: true, note: "timed over 100 epochs, then over 50"},
	} {
		t.Run(c.name, func(t *testing.T) {
			compared, err := report.Compare(literal(t, "x", same, c.old), literal(t, "x", same, c.new), report.CompareOptions{FailAbove: c.limit})
			if err != nil {
				t.Fatal(err)
			}
			row := compared.Rows[0]
			if len(compared.Rows) != 1 || row.Contender != "a/f64" || row.Regressed != c.regressed || row.Unclear != c.unclear || !strings.HasPrefix(row.Note, c.note) || (row.Note == "") != (c.note == "") {
				t.Errorf("rows %+v", compared.Rows)
			}
			if (row.Ratio == nil) != (c.verdict == "") || row.Ratio != nil && row.Ratio.Verdict != c.verdict {
				t.Errorf("ratio %+v", row.Ratio)
			}
			before, after := row.Times()
			if row.Ratio != nil && (len(before) != len(c.old.times) || len(after) != len(c.new.times)) {
				t.Errorf("times %v, %v", before, after)
			}
		})
	}
}

func TestAContenderOfOnlyOneRunIsNamedAndIsNoRegression(t *testing.T) {
	before := literal(t, "x", same, measured{name: "a", times: quiet}, measured{name: "gone", times: quiet})
	after := literal(t, "x", same, measured{name: "come", times: quiet}, measured{name: "a", times: quiet})
	compared, err := report.Compare(before, after, report.CompareOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range compared.Rows {
		got = append(got, row.Contender+": "+row.Note)
		if row.Regressed || row.Unclear {
			t.Errorf("row %+v", row)
		}
	}
	if all := strings.Join(got, "; "); all != "come/f64: only in the new run; a/f64: ; gone/f64: only in the old run" {
		t.Errorf("rows %s", all)
	}
}

func TestRunsThatCannotBeComparedAreRefused(t *testing.T) {
	a := measured{name: "a", times: quiet}
	replace := func(from, to string) func(string) string {
		return func(s string) string { return strings.Replace(s, from, to, 1) }
	}
	base := literal(t, "x", same, a)
	for _, c := range []struct {
		name, want string
		change     func(string) string
	}{
		{"size", "generated data of seed 1, N = 10, P = 1, 100 epochs at rate 0.1, then generated data of seed 1, N = 20, ", replace(`"n":10`, `"n":20`)},
		{"epochs", "then generated data of seed 1, N = 10, P = 1, 50 epochs", replace(`"epochs":100`, `"epochs":50`)},
		{"rate", "at rate 0.2", replace(`"rate":0.1`, `"rate":0.2`)},
		{"seed", "of seed 2", replace(`"seed":1`, `"seed":2`)},
		{"data", "then prices.csv, N = 10", replace(`"n":10`, `"data":"prices.csv","n":10`)},
	} {
		_, err := report.Compare(base, literal(t, "x", c.change, a), report.CompareOptions{CrossMachine: true})
		if err == nil || !strings.HasPrefix(err.Error(), "the runs are of different problems: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestRunsOfDifferentMachinesAreComparedOnlyWhenAskedFor(t *testing.T) {
	a, onCard := measured{name: "a", times: quiet}, measured{name: "a", times: slower, info: `{"device":"a card"}`}
	for name, c := range map[string]struct {
		new  *report.Report
		want string
	}{
		"processor": {literal(t, "y", same, measured{name: "a", times: slower}), "cpu was x and is y"},
		"device":    {literal(t, "x", same, onCard), "device was cpu and is a card"},
	} {
		old := literal(t, "x", same, a)
		_, err := report.Compare(old, c.new, report.CompareOptions{})
		hinter, ok := err.(bench.Hinter)
		if err == nil || err.Error() != "the runs are of different machines: "+c.want || !ok || !strings.Contains(hinter.Hint(), "--cross-machine") {
			t.Errorf("%s: %v", name, err)
		}
		compared, err := report.Compare(old, c.new, report.CompareOptions{CrossMachine: true})
		if err != nil || compared.CrossMachine != c.want || !compared.Rows[0].Regressed {
			t.Errorf("%s: %+v, %v", name, compared, err)
		}
	}
}

func TestAnotherKernelIsNotedButIsNotAnotherMachine(t *testing.T) {
	a := measured{name: "a", times: quiet}
	newer := func(s string) string { return strings.Replace(s, "6.1", "6.2", 1) }
	compared, err := report.Compare(literal(t, "x", same, a), literal(t, "x", newer, a), report.CompareOptions{})
	if err != nil || compared.CrossMachine != "" || len(compared.Changed) != 1 || compared.Changed[0] != "kernel was 6.1 and is 6.2" {
		t.Errorf("%+v, %v", compared, err)
	}
}
