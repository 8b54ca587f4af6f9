package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"descent/bench"
	"descent/cmd/internal/builtin"
	"descent/dataset"
)

// Without --n, a sweep ends where the memory or the budget is too small for more.
func TestTheLargestSizeFitsMemoryAndBudget(t *testing.T) {
	for _, c := range []struct {
		name                 string
		features, contenders int
		available            int64
		budget               time.Duration
		want                 int
	}{
		{"plenty of both", 1, 8, 1 << 40, time.Hour, 10_000_000},
		{"memory not known", 1, 8, 0, time.Hour, 10_000_000},
		{"five minutes for eight contenders", 1, 8, 1 << 40, 5 * time.Minute, 1 << 23},
		{"a minute", 1, 8, 1 << 40, time.Minute, 1 << 20},
		{"few contenders", 1, 2, 1 << 40, time.Minute, 1 << 22},
		{"little memory", 1, 8, 1 << 30, time.Hour, 1 << 20},
		{"many features", 127, 8, 1 << 40, 5 * time.Minute, 1 << 17},
		{"no memory to speak of", 1, 8, 1000, time.Hour, 1},
	} {
		if got := largestSize(c.features, c.contenders, c.available, c.budget); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// Both sides are among the contenders that run, and another algorithm is on none.
func TestSidesAreWhatThePatternsMatch(t *testing.T) {
	chosen := bench.OfPrecision(builtin.Contenders(builtin.Options{}), []dataset.Precision{dataset.Float64})
	f := sideFlag{patterns: []string{"loop,gonum", "simd,g*64"}}
	if sides, err := f.sides(chosen); err == nil {
		t.Errorf("sides with the same contender are %v", sides)
	}
	f.patterns = []string{"g*", "simd,loop/f64"}
	sides, err := f.sides(slices.DeleteFunc(chosen, func(c bench.Contender) bool { return builtin.UsesGL(c.Backend) }))
	if err != nil || sides[0].Name != "g*" || strings.Join(sides[0].Contenders, " ") != "gonum/f64" ||
		sides[1].Name != "simd,loop/f64" || strings.Join(sides[1].Contenders, " ") != "loop/f64 simd/f64" {
		t.Errorf("the sides are %v, %v", sides, err)
	}
}

// A sweep that is interrupted before its first run has measured nothing and leaves no file.
func TestASweepThatHasNotBegunLeavesNoFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("s.jsonl", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s := sweepCommand{resultsFlags: resultsFlags{out: "s.jsonl"}}
	cmd := newSweepCommand()
	var stdout bytes.Buffer
	cmd.SetOut(&stdout)
	if err := s.conclude(cmd, errInterrupted); err == nil || err.Error() != "interrupted" || stdout.Len() > 0 {
		t.Errorf("error %v, stdout %q", err, stdout.String())
	}
	if _, err := os.Stat("s.jsonl"); !os.IsNotExist(err) {
		t.Errorf("the empty file is still there, %v", err)
	}
}
