package screen

import (
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench/driver"
)

var begin = time.Date(2026, 11, 30, 9, 16, 55, 0, time.UTC)

// run returns the line of a run so long after its start, with some standings.
func run(passed, since time.Duration, change func(*Run)) (Run, time.Time) {
	r := Run{
		Generation: 7, Start: begin, Budget: 5 * time.Minute, Since: begin.Add(passed - since), Turn: "numpy/f64",
		Standings: []driver.Standing{
			{Name: "simd/f32", Time: 9380 * time.Microsecond}, {Name: "simd/f64", Time: 18600 * time.Microsecond},
			{Name: "tensorflow/f64", Time: 40 * time.Millisecond}, {Name: "loop/f64", Time: 94900 * time.Microsecond},
			{Name: "numpy/f64", Time: 153 * time.Millisecond}, {Name: "gram/f64", Time: 70600, OtherAlgorithm: true},
		},
	}
	if change != nil {
		change(&r)
	}
	return r, begin.Add(passed)
}

func TestTheLineOfARun(t *testing.T) {
	first := func(r *Run) { r.Generation, r.Standings, r.Starting = 1, nil, true }
	for _, c := range []struct {
		name          string
		passed, since time.Duration
		change        func(*Run)
		want          map[int]string
	}{
		{"standings, the fastest first", 130 * time.Second, 0, nil, map[int]string{
			200: "gen 7, 2m10 of 5m · simd/f32 9.4 ms · simd/f64 19 ms · tensorflow 40 ms · loop 95 ms · numpy 153 ms · gram † 71 µs",
			79:  "gen 7, 2m10 of 5m · simd/f32 9.4 ms · simd/f64 19 ms · loop 95 ms",
			59:  "gen 7, 2m10 of 5m · simd/f32 9.4 ms · loop 95 ms",
			39:  "gen 7, 2m10 of 5m · simd/f32 9.4 ms",
			29:  "gen 7, 2m10 of 5m",
			9:   "gen 7, 2…",
		}},
		{"a long step", 130 * time.Second, 12 * time.Second, nil, map[int]string{
			79: "gen 7, 2m10 of 5m · now numpy, 12s · simd/f32 9.4 ms · loop 95 ms",
			39: "gen 7, 2m10 of 5m · now numpy, 12s",
		}},
		{"the last sample, beyond the budget", 312 * time.Second, 14 * time.Second, nil, map[int]string{
			79: "gen 7, 5m12, over 5m · now numpy, 14s · simd/f32 9.4 ms · loop 95 ms",
			39: "gen 7, 5m12, over 5m · now numpy, 14s",
		}},
		{"no samples yet", time.Second, 0, first, map[int]string{79: "gen 1, 1s of 5m · starting numpy"}},
		{"a slow start", 41 * time.Second, 40 * time.Second, first, map[int]string{79: "gen 1, 41s of 5m · starting numpy, 40s"}},
		{"a fixed number of generations", time.Second, 0,
			func(r *Run) {
				r.Generation, r.Generations, r.Budget, r.Standings = 2, 3, 90*time.Second, r.Standings[1:2]
			},
			map[int]string{79: "gen 2 of 3, 1s of 1m30 · simd 19 ms"}},
		{"more generations than asked for, after an interrupted run", time.Second, 0,
			func(r *Run) {
				r.Generation, r.Generations, r.Budget, r.Standings = 4, 3, 1500*time.Millisecond, r.Standings[1:2]
			},
			map[int]string{79: "gen 4, 1s of 1.5s · simd 19 ms"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, now := run(c.passed, c.since, c.change)
			for width, want := range c.want {
				if got := r.at(now, width); got != want {
					t.Errorf("in %d columns %q, not %q", width, got, want)
				}
			}
			for width := 1; width < 150; width++ {
				if got := r.at(now, width); text.StringWidth(got) > width {
					t.Errorf("%q has more than %d columns", got, width)
				}
			}
		})
	}
}

func TestTheLineOfAJob(t *testing.T) {
	job := Job{Doing: "8,128 of 65,472 epochs", Detail: "gradient down to 3.3e-06", Start: begin, Ends: begin.Add(6 * time.Minute)}
	for passed, want := range map[time.Duration]map[int]string{
		0: {79: "8,128 of 65,472 epochs · gradient down to 3.3e-06 · about 6m00 left"},
		77 * time.Second: {
			79: "8,128 of 65,472 epochs · gradient down to 3.3e-06 · 1m17 · about 4m43 left",
			59: "8,128 of 65,472 epochs · 1m17 · about 4m43 left",
			39: "8,128 of 65,472 epochs",
			9:  "8,128 of…",
		},
		7 * time.Minute: {79: "8,128 of 65,472 epochs · gradient down to 3.3e-06 · 7m00"},
		2 * time.Hour:   {79: "8,128 of 65,472 epochs · gradient down to 3.3e-06 · 2h00"},
	} {
		for width, line := range want {
			if got := job.at(begin.Add(passed), width); got != line {
				t.Errorf("in %d columns %q, not %q", width, got, line)
			}
		}
	}
	almost := Job{Doing: "selftest", Done: 0.999}
	if got := almost.at(begin, 79); got != "selftest · 99%" {
		t.Errorf("%q", got)
	}
}

func TestTimesAreBrief(t *testing.T) {
	var got []string
	for _, d := range []time.Duration{0, 1, 999, 1000, 9949, 9960, 70_600, 94_900_000, 153 * time.Millisecond, 12_800 * time.Millisecond} {
		got = append(got, twoDigits(d))
	}
	if want := "0.0 ns, 1.0 ns, 999 ns, 1.0 µs, 9.9 µs, 10 µs, 71 µs, 95 ms, 153 ms, 13 s"; strings.Join(got, ", ") != want {
		t.Errorf("%s, not %s", strings.Join(got, ", "), want)
	}
}
