package stats

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// sides returns a point at each power of two from 64. Its character says what it shows: a win of
// side 0 or 1, or with - and + a ratio below or above 1 that cannot be told. A blank is a gap.
func sides(s string) (points []Point) {
	for i, c := range s {
		log := map[rune]float64{'0': -1, '1': 1, '-': -0.25, '+': 0.25}[c]
		p := Point{N: math.Ldexp(64, i), Ratio: LogRatio{log: log, half: 0.3, more: 0.5, processes: 6}, Visits: 1}
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
		{"", NoCrossover, nil},
		{"  ", NoCrossover, nil},
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

func TestTheLastSideOfAnEqualRatioIsNotAZero(t *testing.T) {
	points := sides("0-+1")
	points[1].Ratio.log, points[2].Ratio.log = 0, 0
	if c := FindCrossover(points); !near(c.Changes[0].At, 64*math.Sqrt(8)) {
		t.Errorf("the zero of -1, 0, 0, 1 is at %v", c.Changes[0].At)
	}
}

func TestASideWinsBeyondDoubtOrNot(t *testing.T) {
	for _, c := range []struct {
		ratio LogRatio
		floor float64
		want  int
	}{
		{percents(0.50, 0.01, 6), 0.03, 1},
		{percents(-0.50, 0.01, 6), 0.03, 0},
		{percents(0.05, 0.04, 6), 0, -1}, // outside the 95% interval alone
		{percents(0.05, 0.01, 6), 0.10, -1},
		{percents(0.50, 0.01, 4), 0, -1},
		{LogRatio{}, 0, -1},
	} {
		if got := (Point{Ratio: c.ratio, Floor: c.floor}).Side(); got != c.want {
			t.Errorf("%+v, floor %v: side %d, want %d", c.ratio, c.floor, got, c.want)
		}
	}
}

// somePoints draws points of different sizes, gaps among them.
func somePoints(t *rapid.T) []Point {
	sizes := rapid.SliceOfNDistinct(rapid.IntRange(1, 1<<24), 0, 20, rapid.ID[int]).Draw(t, "sizes")
	points := make([]Point, len(sizes))
	for i, n := range sizes {
		points[i] = Point{N: float64(n), Floor: rapid.Float64Range(0, 1).Draw(t, "floor"), Visits: rapid.IntRange(1, 6).Draw(t, "visits")}
		points[i].Ratio = ofDeltas(rapid.SliceOfN(rapid.Float64Range(-3, 3), 0, 8).Draw(t, "deltas"))
		if rapid.Bool().Draw(t, "told") {
			points[i].Ratio = LogRatio{log: rapid.Float64Range(-3, 3).Draw(t, "log"), half: 0.1, more: 0.2, processes: 6}
		}
	}
	return points
}

// δ = ln 8, ln 9, ln 10 has a standard error of 0.0645, and a table has t(2) = 31.599 at 99.95%.
// Twice as large deviations leave it in doubt, and so does a ratio below 2.
func TestAFewProcessesShowALandslideAlone(t *testing.T) {
	for _, c := range []struct {
		ratios []float64
		side   int
	}{
		{[]float64{8, 9, 10}, 1},
		{[]float64{1. / 8, 1. / 9, 1. / 10}, 0},
		{[]float64{8, 9}, -1},
		{[]float64{7, 9, 11}, -1},
		{[]float64{1.9, 1.9, 1.9}, -1},
		{[]float64{2.1, 2.1, 2.1}, 1},
		{[]float64{1.9, 1.9, 1.9, 1.9, 1.9}, 1},
	} {
		var deltas []float64
		for _, r := range c.ratios {
			deltas = append(deltas, math.Log(r))
		}
		if got := (Point{N: 64, Ratio: ofDeltas(deltas)}).Side(); got != c.side {
			t.Errorf("%v: side %d, want %d", c.ratios, got, c.side)
		}
	}
}

func TestCrossoversBehaveAsCrossoversDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := somePoints(t)
		c := FindCrossover(points)
		within := func(n float64) bool { return n == 0 || c.From <= n && n <= c.To }
		for i, change := range c.Changes {
			if change.At != 0 && !(0 < change.Lo && change.Lo <= change.At && change.At <= change.Hi) {
				t.Errorf("%+v does not lie within its ends", change)
			}
			if !within(change.Lo) || !within(change.At) || !within(change.Hi) {
				t.Errorf("%+v lies outside the sizes measured, %v to %v", change, c.From, c.To)
			}
			if i > 0 && (change.To == c.Changes[i-1].To || change.Lo < c.Changes[i-1].Hi) {
				t.Errorf("%+v follows %+v", change, c.Changes[i-1])
			}
		}
		shuffled, scaled, mirrored := slices.Clone(points), slices.Clone(points), slices.Clone(points)
		slices.Reverse(shuffled)
		factor := math.Ldexp(1, rapid.IntRange(-10, 10).Draw(t, "factor"))
		for i := range points {
			scaled[i].N *= factor
			mirrored[i].Ratio.log *= -1
		}
		equal := func(what string, got, want Crossover) {
			if !cmp.Equal(got, want, cmpopts.EquateApprox(1e-9, 0)) {
				t.Errorf("%s: %+v, not %+v", what, got, want)
			}
		}
		equal("another order", FindCrossover(shuffled), c)
		larger := c
		larger.From, larger.To = factor*c.From, factor*c.To
		larger.Changes = nil
		for _, change := range c.Changes {
			larger.Changes = append(larger.Changes, Change{change.To, factor * change.At, factor * change.Lo, factor * change.Hi})
		}
		equal("larger sizes", FindCrossover(scaled), larger)
		swapped := c
		swapped.Changes = nil
		for _, change := range c.Changes {
			change.To = 1 - change.To
			swapped.Changes = append(swapped.Changes, change)
		}
		switch c.Outcome {
		case FirstAlways:
			swapped.Outcome = SecondAlways
		case SecondAlways:
			swapped.Outcome = FirstAlways
		}
		equal("the sides swapped", FindCrossover(mirrored), swapped)
	})
}

func TestRisingRatiosCrossOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		logs := slices.Sorted(slices.Values(rapid.SliceOfN(rapid.Float64Range(-3, 3), 2, 20).Draw(t, "logs")))
		logs[0], logs[len(logs)-1] = -4, 4
		var points []Point
		for i, log := range logs {
			points = append(points, Point{N: math.Ldexp(64, i), Ratio: LogRatio{log: log, half: 0.1, more: 0.2, processes: 6}})
		}
		if c := FindCrossover(points); c.Outcome != OneCrossover || c.Changes[0].To != 1 {
			t.Errorf("%v: %+v", logs, c)
		}
	})
}

// visited returns points with so many visits each.
func visited(points []Point, visits ...int) []Point {
	for i, n := range visits {
		points[i].Visits = n
	}
	return points
}

func TestTheNextSizeNarrowsACrossover(t *testing.T) {
	at := func(n float64, c string) Point { p := sides(c)[0]; p.N = n; return p }
	for _, c := range []struct {
		name      string
		points    []Point
		n         int
		again, ok bool
	}{
		{"nothing measured", nil, 0, false, false},
		{"no crossover", sides("0000"), 0, false, false},
		{"the middle", sides("0011"), 181, false, true},
		{"the wider one of two", []Point{at(64, "0"), at(128, "1"), at(512, "0")}, 256, false, true},
		{"the middle of a quarter", []Point{at(1024, "0"), at(1448, "1")}, 1218, false, true},
		{"a quarter apart: the ends again", []Point{at(1024, "0"), at(1218, "1")}, 1024, true, true},
		{"then the upper one", visited([]Point{at(1024, "0"), at(1218, "1")}, 2), 1218, true, true},
		{"then nothing", visited([]Point{at(1024, "0"), at(1218, "1")}, 2, 2), 0, false, false},
		{"neighbours", visited([]Point{at(1, "0"), at(2, "1")}, 2, 2), 0, false, false},
		{"the middle cannot be told: again", []Point{at(64, "0"), at(128, "-"), at(256, "1")}, 128, true, true},
		{"until it was visited four times", visited([]Point{at(64, "0"), at(128, "-"), at(256, "1")}, 1, 4), 91, false, true},
		{"a size that cannot be told beside a win", visited(sides("00-"), 1, 1, 1), 256, true, true},
		{"a gap in the middle", sides("0 1"), 91, false, true},
		{"gaps at both ends", sides(" 00 "), 0, false, false},
	} {
		if n, again, ok := NextSize(c.points); n != c.n && c.ok || again != c.again && c.ok || ok != c.ok {
			t.Errorf("%s: %d %v %v, want %d %v %v", c.name, n, again, ok, c.n, c.again, c.ok)
		}
	}
	near, far := at(64, "-"), at(128, "+")
	near.Ratio.log = -0.45
	if n, again, ok := NextSize([]Point{near, far}); n != 64 || !again || !ok {
		t.Errorf("of two that cannot be told: %d", n)
	}
}

// Whatever is measured, a sweep ends, never asks for a size it has as a new one, and never leaves
// the range of its grid.
func TestASweepOfAnySizesEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := somePoints(t)
		for range 1000 {
			n, again, ok := NextSize(points)
			if !ok {
				return
			}
			i := slices.IndexFunc(points, func(p Point) bool { return p.N == float64(n) })
			if again != (i >= 0) {
				t.Fatalf("size %d: again %v", n, again)
			}
			if again {
				points[i].Visits++
				continue
			}
			log := rapid.Float64Range(-1, 1).Draw(t, "log")
			points = append(points, Point{N: float64(n), Ratio: LogRatio{log: log, half: 0.1, more: 0.2, processes: 6}, Visits: 1})
		}
		t.Fatalf("%d sizes, and no end", len(points))
	})
}

// Numbers that no sweep has, such as a size of 0 or an infinite ratio, neither panic nor end up in
// the answer.
func FuzzCrossover(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c"))
	special := []float64{0, -1, 1, math.NaN(), math.Inf(1), math.Inf(-1), 5e-324, math.MaxFloat64}
	f.Fuzz(func(t *testing.T, data []byte) {
		number := func(b byte) float64 {
			if int(b) < len(special) {
				return special[b]
			}
			return float64(int8(b)) / 16
		}
		var points []Point
		for ; len(data) >= 4; data = data[4:] {
			ratio := LogRatio{log: number(data[1]), half: number(data[2]), more: number(data[2]), processes: int(data[3] % 8)}
			points = append(points, Point{N: number(data[0]), Ratio: ratio, Floor: number(data[3]), Visits: int(data[3] % 4)})
		}
		NextSize(points)
		text, err := json.Marshal(FindCrossover(points))
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
	})
}
