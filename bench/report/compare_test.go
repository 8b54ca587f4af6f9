package report_test

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

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
	spin      int   // the time of the driver's spin around each sample, in ns
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

// end is the last record of a literal run.
const end = `{"end":{"reason":"complete","total_ns":5000000}}`

// literal returns the report of a run on a machine with this processor. change may change the line
// of the header.
func literal(t *testing.T, cpu string, change func(string) string, of ...measured) *report.Report {
	t.Helper()
	return literalUntil(t, end, cpu, change, of...)
}

// literalUntil is literal for a run with these last records, one a line.
func literalUntil(t *testing.T, last, cpu string, change func(string) string, of ...measured) *report.Report {
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
			if m.spin > 0 {
				mark += fmt.Sprintf(`,"spin_ns":[%d,%d]`, m.spin, m.spin)
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
	if last != "" {
		lines = append(lines, strings.Split(last, "\n")...)
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
		nothing            bool // there is nothing to compare
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
		{name: "works by now", old: measured{name: "a", after: failed}, new: oneCPU, nothing: true},
		{name: "wrong in both", old: measured{name: "a", times: quiet, wrong: true}, new: measured{name: "a", times: quiet, wrong: true}, nothing: true},
		{name: "not reached by the new run", old: oneCPU, new: measured{name: "a"}, unclear: true, note: "failed in the new run: the run ended before its first sample"},
		{name: "failed, then wrong", old: measured{name: "a", after: failed}, new: measured{name: "a", times: quiet, wrong: true}, regressed: true, note: "wrong in the new run: after 100"},
		{name: "slower, as the processor", old: measured{name: "a", times: quiet, spin: 20_000}, new: measured{name: "a", times: slower, spin: 23_000}, verdict: stats.CannotTell, unclear: true},
		{name: "slower, unlike the processor", old: measured{name: "a", times: quiet, spin: 20_000}, new: measured{name: "a", times: slower, spin: 20_500}, verdict: stats.Slower, regressed: true},
		{name: "fewer epochs a sample", old: oneCPU, new: measured{name: "a", times: []int{50_000, 50_500, 49_500, 50_250, 49_750}, epochs: 50}, verdict: stats.NoDifference},
		{name: "fewer epochs, another algorithm", old: measured{name: "a", times: quiet, info: `{"device":"cpu","algorithm":"sums"}`},
			new: measured{name: "a", times: quiet, epochs: 50, info: `{"device":"cpu","algorithm":"sums"}`}, unclear: true, note: "timed over 100 epochs, then over 50"},
	} {
		t.Run(c.name, func(t *testing.T) {
			compared, err := report.Compare(literal(t, "x", same, c.old), literal(t, "x", same, c.new), report.CompareOptions{FailAbove: c.limit})
			if c.nothing {
				if err == nil || !strings.HasPrefix(err.Error(), "no contender was measured in both runs: ") {
					t.Errorf("error %v", err)
				}
				return
			}
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

// changing returns a change of a header's line.
func changing(replacements ...string) func(string) string {
	return strings.NewReplacer(replacements...).Replace
}

func TestRunsThatCannotBeComparedAreRefused(t *testing.T) {
	a := measured{name: "a", times: quiet}
	base := literal(t, "x", same, a)
	for _, c := range []struct {
		name, want string
		change     func(string) string
	}{
		{"size", "generated data of seed 1, N = 10, P = 1, 100 epochs at rate 0.1, then generated data of seed 1, N = 20, ", changing(`"n":10`, `"n":20`)},
		{"epochs", "then generated data of seed 1, N = 10, P = 1, 50 epochs", changing(`"epochs":100`, `"epochs":50`)},
		{"rate", "at rate 0.2", changing(`"rate":0.1`, `"rate":0.2`)},
		{"seed", "of seed 2", changing(`"seed":1`, `"seed":2`)},
		{"data", "then prices.csv, N = 10", changing(`"n":10`, `"data":"prices.csv","n":10`)},
	} {
		_, err := report.Compare(base, literal(t, "x", c.change, a), report.CompareOptions{CrossMachine: true})
		if err == nil || !strings.HasPrefix(err.Error(), "the runs are of different problems: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// ofFile changes a header to one of data from a file, with this sum and machine architecture.
func ofFile(path, sum, arch string) func(string) string {
	return changing(`"n":10`, `"data":"`+path+`","n":10`, `"env":{`, `"data_sum":"`+sum+`","env":{"arch":"`+arch+`",`)
}

func TestTheSumOfTheDataDecidesWhetherProblemsAreTheSame(t *testing.T) {
	a := measured{name: "a", times: quiet}
	base := literal(t, "x", ofFile("prices.csv", "crc32c:00000001", "amd64"), a)
	for name, c := range map[string]struct {
		change func(string) string
		want   string // of the error
	}{
		"the same file by another path":    {ofFile("/data/prices.csv", "crc32c:00000001", "amd64"), ""},
		"another file by the same path":    {ofFile("prices.csv", "crc32c:00000002", "amd64"), "N = 10, P = 1, 100 epochs at rate 0.1, but of other data (crc32c:00000001, then crc32c:00000002)"},
		"another file by another path":     {ofFile("houses.csv", "crc32c:00000002", "amd64"), "then houses.csv, N = 10"},
		"a file without a sum":             {changing(`"n":10`, `"data":"prices.csv","n":10`), ""},
		"another architecture":             {ofFile("prices.csv", "crc32c:00000002", "arm64"), ""},
		"another architecture, and a path": {ofFile("houses.csv", "crc32c:00000001", "arm64"), "then houses.csv, N = 10"},
		"the same data at another rate": {func(s string) string {
			return changing(`"rate":0.1`, `"rate":0.2`)(ofFile("prices.csv", "crc32c:00000001", "amd64")(s))
		}, "at rate 0.2"},
		"the same data, generated and read": {changing(`"env":{`, `"data_sum":"crc32c:00000001","env":{"arch":"amd64",`), ""},
	} {
		_, err := report.Compare(base, literal(t, "x", c.change, a), report.CompareOptions{CrossMachine: true})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// graded returns an end record of a machine with a grade for its load.
func graded(grade string) string {
	return `{"end":{"reason":"complete","total_ns":5000000,"machine":[{"what":"swapping","value":"none","grade":"good"},{"what":"load by others","value":"such a load","grade":"` + grade + `"}]}}`
}

func TestRunsUnderOtherLoadAreNotJudged(t *testing.T) {
	resumed := func(first, last string) string {
		return first + "\n" + `{"resume":{"time":"2026-01-02T04:04:05Z"}}` + "\n" + last
	}
	for _, c := range []struct {
		name, old, new string
		threads        int
		want           string // "" is judged
	}{
		{name: "good", old: graded("good"), new: graded("good")},
		{name: "fair", old: graded("fair"), new: graded("fair")},
		{name: "no grade", old: end, new: graded("fair")},
		{name: "poor", old: graded("poor"), new: graded("poor"), want: "the machine was poor in both runs; poor in the old run: load by others (such a load); poor in the new run: load by others (such a load)"},
		{name: "then poor", old: graded("good"), new: graded("poor"), want: "the machine was good in the old run and poor in the new one; poor in the new run: load by others (such a load)"},
		{name: "poor before", old: graded("poor"), new: graded("fair"), want: "the machine was poor in the old run and fair in the new one; poor in the old run: load by others (such a load); fair in the new run: load by others (such a load)"},
		{name: "good, then fair", old: graded("good"), new: graded("fair"), want: "the machine was good in the old run and fair in the new one; fair in the new run: load by others (such a load)"},
		{name: "poor in its first session", old: graded("good"), new: resumed(graded("poor"), graded("good")), want: "the machine was good in the old run and poor in the new one; poor in the new run: load by others (such a load)"},
		{name: "cut short", old: end, new: "", want: "the new run was cut short, so its load is not known"},
		{name: "cut short, then resumed", old: `{"resume":{"time":"2026-01-02T04:04:05Z"}}` + "\n" + end, new: end, want: "the old run was cut short, so its load is not known"},
		{name: "other threads", old: end, new: end, threads: 1, want: "the contenders might use 2 threads in the old run and 1 in the new one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			threads := func(n int) func(string) string {
				return changing(`"n":10`, fmt.Sprintf(`"threads":%d,"n":10`, n))
			}
			failing := measured{name: "b", times: quiet}
			before := literalUntil(t, c.old, "x", threads(2), measured{name: "a", times: quiet}, failing)
			failing.wrong = true
			after := literalUntil(t, c.new, "x", threads(max(2-c.threads, 1)), measured{name: "a", times: slower}, failing)
			compared, err := report.Compare(before, after, report.CompareOptions{})
			if err != nil {
				t.Fatal(err)
			}
			verdict := stats.NotJudged
			if c.want == "" {
				verdict = stats.Slower
			}
			if row := compared.Rows[0]; row.Ratio.Verdict != verdict || row.Regressed != (c.want == "") || row.Unclear != (c.want != "") {
				t.Errorf("a is %+v, ratio %+v", row, row.Ratio)
			}
			if got := strings.Join(compared.NotJudged, "; "); got != c.want {
				t.Errorf("not judged because %q", got)
			}
			if !compared.Rows[1].Regressed {
				t.Error("a wrong answer is no regression")
			}
		})
	}
}

func TestRunsWithoutAContenderInCommonAreRefused(t *testing.T) {
	before := literal(t, "x", same, measured{name: "a", times: quiet}, measured{name: "c", times: quiet})
	_, err := report.Compare(before, literal(t, "x", same, measured{name: "b", times: quiet}), report.CompareOptions{})
	hinter, ok := err.(bench.Hinter)
	if err == nil || err.Error() != "no contender was measured in both runs: the old one has a/f64, c/f64, the new one b/f64" || !ok || !strings.Contains(hinter.Hint(), "--contenders") {
		t.Errorf("error %v", err)
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

// In one run the machine is the same for both. So a poor one forbids no verdict, but the floor is
// then all that the twins may differ by.
func TestContendersOfOneRunAreJudgedOnAPoorMachineByWhatTwinsMayDifferBy(t *testing.T) {
	for _, c := range []struct {
		name, grade        string
		new                []int
		twins              []int // of the old one
		verdict            stats.Verdict
		regressed, unclear bool
	}{
		{name: "slower", grade: "good", new: slower, verdict: stats.Slower, regressed: true},
		{name: "slower, on a poor machine without twins", grade: "poor", new: slower, verdict: stats.NotJudged, unclear: true},
		{name: "slower, on a poor machine with close twins", grade: "poor", new: slower, twins: quiet, verdict: stats.Slower, regressed: true},
		{name: "slower, on a poor machine with twins apart by chance", grade: "poor", new: slower, twins: noisy, verdict: stats.CannotTell, unclear: true},
		{name: "slower than both twins, on a poor machine", grade: "poor", new: times(3), twins: noisy, verdict: stats.Slower, regressed: true},
		{name: "equal", grade: "poor", new: quiet, twins: quiet, verdict: stats.NoDifference},
	} {
		t.Run(c.name, func(t *testing.T) {
			rep := literalUntil(t, graded(c.grade), "x", same, measured{name: "old", times: quiet, twins: c.twins}, measured{name: "a", times: c.new})
			row := report.ComparePairs(rep, []report.Pair{{Old: "old/f64", New: "a/f64"}}, 0).Rows[0]
			if row.Contender != "a/f64" || row.Against != "old/f64" || row.Ratio.Verdict != c.verdict || row.Regressed != c.regressed || row.Unclear != c.unclear {
				t.Errorf("row %+v, ratio %+v", row, row.Ratio)
			}
		})
	}
}

func TestAContenderThatCannotRunHereIsUnclearAgainstAnother(t *testing.T) {
	absent := `{"fault":{"contender":"a/f64","process":0,"unavailable":true,"error":"no card"}}`
	failed := `{"fault":{"contender":"a/f64","process":0,"error":"the worker ended"}}`
	for fault, regressed := range map[string]bool{absent: false, failed: true} {
		rep := literal(t, "x", same, measured{name: "old", times: quiet}, measured{name: "a", after: fault})
		row := report.ComparePairs(rep, []report.Pair{{Old: "old/f64", New: "a/f64"}}, 0).Rows[0]
		if row.Regressed != regressed || row.Unclear == regressed {
			t.Errorf("row %+v", row)
		}
	}
}

// everyChange returns comparisons with a row of every kind: one that is judged, one that is not,
// and one of contenders of one run.
func everyChange(t *testing.T) []*report.Comparison {
	t.Helper()
	contender := func(name string, times []int, after string) measured {
		if after != "" {
			after = `{"fault":{"contender":"` + name + `/f64","process":0,` + after + `}}`
		}
		return measured{name: name, times: times, after: after}
	}
	const absent, broken = `"unavailable":true,"error":"libEGL.so.1 cannot be loaded"`, `"error":"descend: the worker ended: signal: killed"`
	loop := contender("loop", quiet, "")
	loop.twins = times(1.004)
	simd := contender("simd", slower, "")
	simd.info = `{"device":"cpu","threads":1,"version":"go1.27"}`
	wrong := contender("numpy", quiet, "")
	wrong.wrong = true
	before := []measured{
		loop, {name: "simd", times: quiet, info: `{"device":"cpu","threads":2,"version":"go1.26"}`}, contender("gonum", times(30), ""), contender("python", quiet, ""), contender("numpy", quiet, ""),
		contender("torch", quiet, ""), contender("gl-graph", nil, absent), contender("gl-fused", nil, absent), contender("cupy", nil, broken), contender("jax", nil, broken), contender("gone", quiet, ""),
	}
	after := []measured{
		contender("loop", times(1.002), ""), simd, contender("gonum", quiet, ""), contender("python", noisy, ""), wrong,
		contender("torch", nil, broken), contender("gl-graph", nil, absent), contender("gl-fused", nil, absent), contender("cupy", nil, broken), contender("jax", quiet, ""), contender("come", quiet, ""),
	}
	here := func(s string) string {
		return strings.Replace(s, `"kernel"`, `"threads":8,"simd":"avx2","memory_bytes":17179869184,"os":"debian 12","virtualization":"kvm","go":"go1.26","kernel"`, 1)
	}
	newer := func(s string) string { return strings.Replace(here(s), "6.1", "6.2", 1) }
	var out []*report.Comparison
	for _, grades := range [][2]string{{"good", "good"}, {"fair", "poor"}} {
		c, err := report.Compare(literalUntil(t, graded(grades[0]), "A Processor", here, before...), literalUntil(t, graded(grades[1]), "A Processor", newer, after...), report.CompareOptions{FailAbove: 0.05})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return append(out, report.ComparePairs(literal(t, "A Processor", here, before...), []report.Pair{{Old: "loop/f64", New: "gonum/f64"}}, 0))
}

func TestComparisonsMatchTheirGoldenFiles(t *testing.T) {
	for name, o := range map[string]struct {
		format  string
		options report.Options
	}{
		"compare":          {"text", report.Options{}},
		"compare-60":       {"text", report.Options{Width: 60, ASCII: true}},
		"compare-color":    {"text", report.Options{Color: true}},
		"compare-markdown": {"markdown", report.Options{}},
		"compare-csv":      {"csv", report.Options{}},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := report.WriteComparison(&out, o.format, everyChange(t), o.options); err != nil {
				t.Fatal(err)
			}
			matchesGolden(t, name, out.String())
		})
	}
}

func TestAComparisonFitsTheScreen(t *testing.T) {
	for _, width := range []int{0, 60, 80, 100} {
		var out bytes.Buffer
		if err := report.WriteComparison(&out, "text", everyChange(t), report.Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			line = strings.TrimRight(line, "\n")
			if utf8.RuneCountInString(line) > cmp.Or(width, 80) || strings.HasSuffix(line, " ") {
				t.Errorf("for %d columns: %q", width, line)
			}
		}
	}
}
