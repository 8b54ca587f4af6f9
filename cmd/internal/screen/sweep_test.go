package screen

import (
	"testing"
	"time"

	"descent/bench/journal"
)

func TestTheLineOfASweep(t *testing.T) {
	for _, c := range []struct {
		name   string
		passed time.Duration
		change func(*Sweep)
		want   map[int]string
	}{
		{"a size of the grid", 65 * time.Second, func(*Sweep) {}, map[int]string{
			79: "N 4,096 (7 of 15) · 1m05 of 3m · simd/f32 9.4 ms · simd/f64 19 ms · loop 95 ms",
			39: "N 4,096 (7 of 15) · 1m05 of 3m",
			20: "N 4,096 (7 of 15)",
		}},
		{"over the budget", 185 * time.Second, func(*Sweep) {}, map[int]string{39: "N 4,096 (7 of 15) · 3m05, over 3m"}},
		{"the making of the data", 65 * time.Second, func(s *Sweep) { s.Run.Turn = "" }, map[int]string{79: "N 4,096 (7 of 15) · 1m05 of 3m · preparing the data"}},
		{"the ceilings", 5 * time.Second, func(s *Sweep) { s.Run.Turn, s.Ceilings = "", true }, map[int]string{79: "N 4,096 (7 of 15) · 5s of 3m · measuring the processor"}},
		{"an estimate", 65 * time.Second, func(s *Sweep) { s.Ends = begin.Add(165 * time.Second) }, map[int]string{
			99: "N 4,096 (7 of 15) · 1m05 of 3m · about 1m40 left · simd/f32 9.4 ms · simd/f64 19 ms · loop 95 ms",
			39: "N 4,096 (7 of 15) · 1m05 of 3m",
		}},
		{"an estimate that is over", 170 * time.Second, func(s *Sweep) { s.Ends = begin.Add(165 * time.Second) }, map[int]string{39: "N 4,096 (7 of 15) · 2m50 of 3m"}},
		{"a size to narrow a crossover", 65 * time.Second, func(s *Sweep) { s.Role, s.Visits, s.N = journal.Refining, 0, 1449 }, map[int]string{39: "narrowing: N 1,449 · 1m05 of 3m"}},
		{"an end again", 65 * time.Second, func(s *Sweep) { s.Role, s.Visits = journal.AtAnEnd, 0 }, map[int]string{39: "N 4,096 again · 1m05 of 3m"}},
		{"a cell of the map", 65 * time.Second, func(s *Sweep) { s.Role, s.Visit, s.Visits = journal.Checking, 2, 4 }, map[int]string{59: "checking the map: N 4,096 (2 of 4) · 1m05 of 3m"}},
		{"several features", 65 * time.Second, func(s *Sweep) { s.Features = 8 }, map[int]string{39: "N 4,096, P 8 (7 of 15) · 1m05 of 3m"}},
	} {
		r, now := run(c.passed, 0, nil)
		s := Sweep{N: 4096, Features: 1, Role: journal.OfGrid, Visit: 7, Visits: 15, Start: begin, Budget: 3 * time.Minute}
		s.Run.Turn, s.Run.Standings, s.Run.Since, s.Run.Start = r.Turn, r.Standings, r.Since, r.Start
		c.change(&s)
		for width, want := range c.want {
			if got := s.at(now, width); got != want {
				t.Errorf("%s, %d columns: %q, not %q", c.name, width, got, want)
			}
		}
	}
}
