package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"descent/bench/report"
	"descent/bench/stats"
)

// The test binary plays the contenders too.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "worker" {
		os.Exit(work(os.Args[2]))
	}
	os.Exit(m.Run())
}

// A contender that does five times the work is out of any doubt. The run ends when it knows that,
// on a busy machine later: the budget is never used up.
func TestAStudyFindsWhatItPlanted(t *testing.T) {
	out := new(bytes.Buffer)
	if err := study(t.Context(), out, io.Discard, []string{"-runs", "0", "-slowed", "1", "-planted", "4", "-budget", "1h"}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[2], "| 400% | 1 | 1 (100%) | 0 (0%)") {
		t.Errorf("the table is\n%s", out)
	}
}

func TestAStudyCountsWhatRunsShow(t *testing.T) {
	equal, slow := &tally{}, &tally{planted: 1}
	for _, c := range []struct {
		tally *tally
		ratio *stats.Ratio
	}{
		{equal, &stats.Ratio{Lo: 0.99, Hi: 1.01, Verdict: stats.NoDifference}},
		// Within the noise floor.
		{equal, &stats.Ratio{Lo: 1.01, Hi: 1.02, Verdict: stats.CannotTell}},
		{equal, &stats.Ratio{Verdict: stats.CannotTell}}, // for want of budget
		{equal, nil},
		{slow, &stats.Ratio{Lo: 0.45, Hi: 0.55, Verdict: stats.Slower}},
		{slow, &stats.Ratio{Lo: 1.2, Hi: 1.4, Verdict: stats.Faster}},
	} {
		c.tally.count(&report.Report{
			Rows: []report.Row{{}, {Baseline: c.ratio, Samples: 30}}, Null: &report.Null{Floor: 0.01}, TotalNS: 2e9,
		})
	}
	out := new(bytes.Buffer)
	if err := writeTable(out, []*tally{equal, slow, {planted: 2}}); err != nil {
		t.Fatal(err)
	}
	_, rows, _ := strings.Cut(out.String(), "---: |\n")
	const want = "| 0% | 2 | 0 (0%) | 0 (0%) | 1 (50%) | 1 (50%) | 1 (50%) | 1 (50%) | 30 | 1.0% | 2s |\n" +
		"| 100% | 2 | 1 (50%) | 1 (50%) | 0 (0%) | 0 (0%) | 2 (100%) | 1 (50%) | 30 | 1.0% | 2s |\n"
	if rows != want {
		t.Errorf("the table is\n%s, not\n%s", rows, want)
	}
}

func TestAStudyRefusesSharesThatAreNone(t *testing.T) {
	err := study(t.Context(), io.Discard, io.Discard, []string{"-planted", "much"})
	if err == nil || !strings.Contains(err.Error(), `"much" is not a list of shares`) {
		t.Errorf("error %v", err)
	}
}
