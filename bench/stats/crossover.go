package stats

import (
	"cmp"
	"math"
	"slices"
)

// A Point holds two sides against each other at one size. A Ratio without processes is a gap: the
// size was measured, but the sides could not be compared.
type Point struct {
	N      float64
	Ratio  LogRatio // how many times as fast the second side is as the first
	Floor  float64  // the noise floor, a logarithm
	Visits int      // how often the size was measured; NextSize alone asks for it
}

// Side returns the side that p shows to win: 0 or 1, and -1 if that cannot be told. A win is beyond
// doubt: outside the 99.9% interval, and beyond the noise floor. If there are too few processes for
// an interval, only a landslide counts: more than twice as fast, and outside the 99.9% interval of
// three processes or four. A sweep asks at many sizes, and again after every visit. At 95%, one of
// three sweeps of equal sides would call a winner at some size; bench/README.md has the table.
func (p Point) Side() int {
	switch {
	case !p.Ratio.Beyond(p.Floor) && !p.Ratio.isLandslide():
		return -1
	case p.Ratio.log > 0:
		return 1
	}
	return 0
}

// gap reports whether p compares nothing.
func (p Point) gap() bool {
	finite := func(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
	return p.Ratio.processes == 0 || !finite(p.Ratio.log) || !finite(p.N) || p.N <= 0
}

// An Outcome says in a word what the points of a sweep show.
type Outcome string

// The outcomes of a sweep.
const (
	OneCrossover  Outcome = "one crossover"
	Crossovers    Outcome = "several crossovers"
	FirstAlways   Outcome = "first always" // the first side wins at every size measured
	SecondAlways  Outcome = "second always"
	CrossoverOpen Outcome = "cannot tell" // Changes has what is known
	// NothingToCompare: at no size have both sides a time.
	NothingToCompare Outcome = "nothing to compare"
)

// A Crossover says from which size which side wins.
type Crossover struct {
	Outcome Outcome  `json:"outcome"`
	Changes []Change `json:"changes,omitempty"` // ascending
	// From and To are the smallest and the largest size that were compared; 0 without any.
	From float64 `json:"from_n"`
	To   float64 `json:"to_n"`
}

// A Change is a size at which the winner changes. If Lo or Hi is not known, At is not either, and
// no change is shown:
//
//	Hi is not known: the side 1−To wins at Lo; no larger size can be told.
//	Lo is not known: the side To wins at Hi and at all larger sizes; the next smaller size cannot
//	be told.
type Change struct {
	To int     `json:"to"` // the side that wins above it: 0 or 1
	At float64 `json:"at_n,omitempty"`
	Lo float64 `json:"lo_n,omitempty"` // 0 is not known
	Hi float64 `json:"hi_n,omitempty"` // 0 is not known
}

// FindCrossover says from which size which side wins, by what points show (see Point.Side). It
// does not mind their order. Its answer never reaches beyond the sizes measured.
//
// Two neighbouring wins of different sides show a change, whatever cannot be told between them:
//
//	Lo  the largest size at which the side before is shown to win
//	Hi  the smallest size from which the side after is shown to win at every larger size measured,
//	    up to its last win before the next change
//	At  the zero of the log ratio between Lo and Hi, interpolated in the logarithm of the size;
//	    the middle one of several zeros
//
// If the largest sizes cannot be told, the last change has no Hi. The outcome is CrossoverOpen
// then.
//
// In simulated sweeps, Lo and Hi hold the truth in more than 97% of cases. They are sizes that were
// measured, so the truth is rarely as far away as they are, and nothing is assumed about what lies
// between them.
func FindCrossover(points []Point) Crossover {
	points = slices.DeleteFunc(slices.Clone(points), Point.gap)
	slices.SortStableFunc(points, func(a, b Point) int { return cmp.Compare(a.N, b.N) })
	if len(points) == 0 {
		return Crossover{Outcome: NothingToCompare}
	}
	out := Crossover{From: points[0].N, To: points[len(points)-1].N}
	runs := runsOf(points)
	for i, r := range runs {
		if i > 0 {
			before := runs[i-1].last
			out.Changes = append(out.Changes, Change{
				To: r.side,
				At: zeroBetween(points[before : r.firm+1]),
				Lo: points[before].N,
				Hi: points[r.firm].N,
			})
		}
	}
	out.Outcome = OneCrossover
	if len(out.Changes) > 1 {
		out.Outcome = Crossovers
	}
	if len(runs) == 0 {
		out.Outcome = CrossoverOpen
		return out
	}
	last := runs[len(runs)-1]
	switch {
	case last.last < len(points)-1:
		out.Outcome = CrossoverOpen
		out.Changes = append(out.Changes, Change{To: 1 - last.side, Lo: points[last.last].N})
	case len(runs) == 1 && last.firm > 0:
		out.Outcome = CrossoverOpen
		out.Changes = []Change{{To: last.side, Hi: points[last.firm].N}}
	case len(runs) == 1:
		out.Outcome = [...]Outcome{FirstAlways, SecondAlways}[last.side]
	}
	return out
}

// A run is a stretch of sizes at which one side alone is shown to win. first and last are the
// indexes of its first and its last win. From firm to last, every size is a win.
type run struct {
	side, first, firm, last int
}

// runsOf returns the runs of points, ascending.
func runsOf(points []Point) (runs []run) {
	for i, p := range points {
		side := p.Side()
		if side < 0 {
			continue
		}
		if len(runs) == 0 || runs[len(runs)-1].side != side {
			runs = append(runs, run{side, i, i, i})
		}
		r := &runs[len(runs)-1]
		if r.last < i-1 {
			r.firm = i
		}
		r.last = i
	}
	return runs
}

// zeroBetween returns the zero of the log ratio of points, interpolated in the logarithm of the
// size. The first and the last log ratio have different signs, so the number of zeros is odd.
func zeroBetween(points []Point) float64 {
	var zeros []float64
	left := points[0]
	for _, right := range points[1:] {
		if right.Ratio.log == 0 {
			continue
		}
		if (left.Ratio.log < 0) != (right.Ratio.log < 0) {
			share := left.Ratio.log / (left.Ratio.log - right.Ratio.log)
			zero := left.N * math.Pow(right.N/left.N, share)
			zeros = append(zeros, min(max(zero, left.N), right.N))
		}
		left = right
	}
	return zeros[len(zeros)/2]
}
