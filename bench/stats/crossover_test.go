package stats

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sides returns a point at each power of two from 64. Its character says what it shows: a win of
// side 0 or 1, or with - and + a ratio below or above 1 that cannot be told. A blank is a gap.
func sides(s string) (points []Point) {
	for i, c := range s {
		log := map[rune]float64{'0': -1, '1': 1, '-': -0.25, '+': 0.25}[c]
		p := Point{N: math.Ldexp(64, i), Ratio: LogRatio{log: log, half: 0.5, more: 0.8, processes: 6}, Visits: 1}
		if c == ' ' {
			p.Ratio = LogRatio{log: math.NaN()}
		}
		points = append(points, p)
	}
	return points
}

func TestACrossoverLiesBetweenTheWinsAroundIt(t *testing.T) {
	root := math.Sqrt(2)
	for _, c := range []struct {
		points  string
		outcome Outcome
		changes []Change
	}{
		{"", CrossoverOpen, nil},
		{"  ", CrossoverOpen, nil},
		{"-++", CrossoverOpen, nil},
		{"000", FirstAlways, nil},
		{"1 1", SecondAlways, nil},
		{"0011", OneCrossover, []Change{{1, 128 * root, 128, 256}}},
		{"1100", OneCrossover, []Change{{0, 128 * root, 128, 256}}},
		{"0 11", OneCrossover, []Change{{1, 128, 64, 256}}},
		{"-0-011", OneCrossover, []Change{{1, 512 * root, 512, 1024}}},
		// What cannot be told widens the interval.
		{"0-+1", OneCrossover, []Change{{1, 128 * root, 64, 512}}},
		{"0+-1", OneCrossover, []Change{{1, 128 * root, 64, 512}}}, // the middle one of three zeros
		{"01+11", OneCrossover, []Change{{1, 64 * root, 64, 512}}},
		{"010011", Crossovers, []Change{{1, 64 * root, 64, 128}, {0, 128 * root, 128, 256}, {1, 512 * root, 512, 1024}}},
		// What cannot be told at the largest sizes leaves the crossover open.
		{"00+", CrossoverOpen, []Change{{To: 1, Lo: 128}}},
		{"01+", CrossoverOpen, []Change{{1, 64 * root, 64, 128}, {To: 0, Lo: 128}}},
		{"+11", CrossoverOpen, []Change{{To: 1, Hi: 128}}},
		{"1+1", CrossoverOpen, []Change{{To: 1, Hi: 256}}},
	} {
		got := FindCrossover(sides(c.points))
		if got.Outcome != c.outcome || !cmp.Equal(got.Changes, c.changes, cmpopts.EquateApprox(1e-9, 0)) {
			t.Errorf("%q: %+v, want %s %+v", c.points, got, c.outcome, c.changes)
		}
	}
}
