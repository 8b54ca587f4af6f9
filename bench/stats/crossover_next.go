package stats

import (
	"cmp"
	"math"
	"slices"
)

const (
	// finest is the distance, in powers of two, to which NextSize narrows the ends of a crossover.
	finest = 0.25
	// mostAtUntold and mostAtEnds are the most visits of a size that cannot be told, and of an end.
	// With eight visits, simulated crossovers were no narrower, and sweeps of equal sides called a
	// winner more often.
	mostAtUntold, mostAtEnds = 4, 2
)

// NextSize says which size a sweep measures next, after the sizes of its grid. points has all that
// were measured, gaps too, each with the number of its visits. Several visits of a size are one
// point. Call it after each visit: the answer depends on points alone, so a sweep that was
// interrupted goes on as it would have.
//
//	n      the size
//	again  n was measured before: an end of a crossover, or a size that cannot be told. If not, n
//	       is new, and refines a crossover.
//	ok     false if no further visit would help
//
// The first step that applies is taken:
//
//  1. Bisect the widest crossover, in log₂ n, until its ends are a quarter apart, or its middle
//     cannot be told.
//  2. Visit a size again that cannot be told: the one that needs the fewest further visits by the
//     look of it.
//  3. Bisect between an end and the nearest size that cannot be told.
//  4. Visit the ends a second time.
//
// Steps 2 and 3 in the opposite order were simulated, and led to wider crossovers.
func NextSize(points []Point) (n int, again, ok bool) {
	points = slices.Clone(points)
	slices.SortStableFunc(points, func(a, b Point) int { return cmp.Compare(a.N, b.N) })
	for len(points) > 0 && points[0].gap() {
		points = points[1:]
	}
	for len(points) > 0 && points[len(points)-1].gap() {
		points = points[:len(points)-1]
	}
	whole, partial, ends := stretches(points)
	if n, ok = bisected(whole); ok {
		return n, false, true
	}
	if n, ok = soonestTold(points); ok {
		return n, true, true
	}
	if n, ok = bisected(partial); ok {
		return n, false, true
	}
	for _, p := range ends {
		if p.Visits < mostAtEnds {
			return int(p.N), true, true
		}
	}
	return 0, false, false
}

// soonestTold returns the size that cannot be told and needs the fewest further visits, if its
// ratio stays as it is: the interval shrinks with the square root of the visits.
func soonestTold(points []Point) (n int, ok bool) {
	fewest := math.Inf(1)
	for _, p := range points {
		if p.gap() || p.Side() >= 0 || p.Visits >= mostAtUntold {
			continue
		}
		shrink := max(p.Ratio.more, p.Floor) / math.Abs(p.Ratio.log)
		if visits := float64(p.Visits) * (shrink*shrink - 1); visits < fewest {
			n, ok, fewest = int(p.N), true, visits
		}
	}
	return n, ok
}

// A stretch lies between two neighbouring sizes.
type stretch struct{ lo, hi float64 }

// stretches returns where a winner changes: from a win of one side right to a win of the other, and
// from a win to a neighbouring size that cannot be told. ends are the wins of both.
func stretches(points []Point) (whole, partial []stretch, ends []Point) {
	before, after := make([]int, len(points)), make([]int, len(points)) // the nearest wins
	for i, side := 0, -1; i < len(points); i++ {
		if s := points[i].Side(); s >= 0 {
			side = s
		}
		before[i] = side
	}
	for i, side := len(points)-1, -1; i >= 0; i-- {
		if s := points[i].Side(); s >= 0 {
			side = s
		}
		after[i] = side
	}
	end := func(p Point) {
		if len(ends) == 0 || ends[len(ends)-1].N != p.N {
			ends = append(ends, p)
		}
	}
	for i := range max(0, len(points)-1) {
		a, b := points[i], points[i+1]
		left, right := a.Side(), b.Side()
		switch {
		case before[i] == after[i+1]: // nothing changes here, or nothing is known
		case left >= 0 && right >= 0:
			whole = append(whole, stretch{a.N, b.N})
			end(a)
			end(b)
		case left >= 0:
			partial = append(partial, stretch{a.N, b.N})
			end(a)
		case right >= 0:
			partial = append(partial, stretch{a.N, b.N})
			end(b)
		}
	}
	return whole, partial, ends
}

// bisected returns the middle of the widest stretch, in whole numbers. It returns false if none is
// wider than finest.
func bisected(all []stretch) (n int, ok bool) {
	width := func(s stretch) float64 { return math.Log2((s.hi - 0.5) / (s.lo + 0.5)) } // rounded
	widest := stretch{}
	for _, s := range all {
		if width(s) > finest && (widest.lo == 0 || s.hi/s.lo > widest.hi/widest.lo) {
			widest = s
		}
	}
	n = int(math.Round(math.Sqrt(widest.lo * widest.hi)))
	return n, widest.lo < float64(n) && float64(n) < widest.hi
}
