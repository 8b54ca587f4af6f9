package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"descent/bench"
	"descent/bench/report"
	"descent/bench/stats"
	"descent/bench/sweep"
	"descent/dataset"
)

// The test binary plays the contenders too.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "worker" {
		os.Exit(work(os.Args[2:]))
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

// Whether a single short sweep finds the crossover depends on the machine.
func TestASweepOfAPlantedCrossoverIsWrittenAsATable(t *testing.T) {
	if testing.Short() {
		t.Skip("a sweep takes seconds")
	}
	out := new(bytes.Buffer)
	if err := crossover(t.Context(), out, io.Discard, []string{"-sweeps", "1", "-budget", "5s"}); err != nil && !errors.Is(err, errMissed) {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 5 || !strings.Contains(lines[4], " of 1 sweep found the planted crossover within their interval.") {
		t.Errorf("the table is\n%s", out)
	}
}

// The answers of a planted contender are right at once, and its time is at least what was planted.
func TestAPlantedContenderAnswersRightlyAndNotTooEarly(t *testing.T) {
	p, err := dataset.Generate(dataset.Spec{N: 1000, P: 1, Noise: 0.1, Weights: dataset.DefaultWeights(1), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	b, err := newPlanted([]string{"planted device", "2000", "3"})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Load(p); err != nil {
		t.Fatal(err)
	}
	exact, err := dataset.NewTrajectory(p, dataset.Float64)
	if err != nil {
		t.Fatal(err)
	}
	w0, w, begin := make([]float64, 2), make([]float64, 2), time.Now()
	if err := b.Descend(w, 0.01, 2000); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took < 10*time.Millisecond {
		t.Errorf("2000 epochs of 5 µs took %v", took)
	}
	if _, err := exact.Check(w0, w, 0.01, 2000); err != nil {
		t.Error(err)
	}
	if info := b.(bench.Describer).Describe(); info.Place() != "planted device" {
		t.Errorf("it runs on %q", info.Place())
	}
	for _, args := range [][]string{nil, {"cpu", "fast", "1"}, {"cpu", "1", "fast"}} {
		if _, err := newPlanted(args); err == nil {
			t.Errorf("%q are no planted contender", args)
		}
	}
}

// The study fails if fewer than 19 of 20 intervals hold the truth, and says of each what it found.
func TestAStudyOfCrossoversCountsWhatSweepsFind(t *testing.T) {
	found := func(truth float64, c stats.Crossover) *planting {
		return &planting{truth, &sweep.Sweep{TotalNS: 19.5e9, Problems: []sweep.Problem{{Sizes: make([]sweep.Size, 9), Crossover: c}}}}
	}
	one := func(to int, lo, at, hi float64) stats.Crossover {
		return stats.Crossover{Outcome: stats.OneCrossover, Changes: []stats.Change{{To: to, Lo: lo, At: at, Hi: hi}}}
	}
	all := []*planting{
		found(4000, one(1, 1024, 1500, 2048)),
		found(1500, one(1, 1448, 1510, 1722)),
		found(1600, one(0, 1448, 1510, 1722)), // the wrong way round
		found(700, stats.Crossover{Outcome: stats.CrossoverOpen, Changes: []stats.Change{{To: 1, Hi: 1024}}}),
		{800, new(sweep.Sweep)},
	}
	out := new(bytes.Buffer)
	if err := writePlantings(out, all); err != nil {
		t.Fatal(err)
	}
	_, rows, _ := strings.Cut(out.String(), "---: |\n")
	const want = "| 700 | cannot tell |  |  | no | 9 | 19.5 s |\n" +
		"| 800 | nothing to compare |  |  | no | 0 | 0.0 s |\n" +
		"| 1,500 | 1,510 | 1,448 – 1,722 | 1.19x | yes | 9 | 19.5 s |\n" +
		"| 1,600 | 1,510 | 1,448 – 1,722 | 1.19x | no | 9 | 19.5 s |\n" +
		"| 4,000 | 1,500 | 1,024 – 2,048 | 2.00x | no | 9 | 19.5 s |\n" +
		"\n1 of 5 sweeps found the planted crossover within their interval. The median interval is 1.19x wide.\n"
	if rows != want {
		t.Errorf("the table is\n%s, not\n%s", rows, want)
	}
}
