package sweep

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// leastSizes is the number of sizes that a model must hold for. Two would always fit.
const leastSizes = 5

// mostResidual is the largest residual of a model that is shown. Intervals as wide as on a loud
// machine do not refute a model, but a model that is further off explains nothing.
const mostResidual = 0.1

// A modelled is the time of an epoch at one size.
type modelled struct {
	n, time float64
	half    float64 // half its 95% interval, as a share of the time
	floor   float64 // the noise floor, a share
	freedom float64 // the degrees of freedom of the interval
}

// models returns t = c + N/r for each contender that it holds for. It is fitted by least squares of
// the relative residuals, with c and 1/r not negative. It holds if no residual is larger than the
// point's interval or the noise floor, nor than mostResidual. Each interval is widened so that all
// of them together hold the truth with 95%: otherwise a true model of many sizes would be dropped
// by chance. If the model does not hold over all sizes at which the contender has an interval, it
// is tried for stretches of neighbouring sizes. The longest counts, of at least leastSizes, and of
// several the one with the larger sizes.
func models(matches []*match) []Model {
	var names []string
	points := map[string][]modelled{}
	for _, m := range matches {
		for _, a := range slices.Concat(m.sides[0], m.sides[1]) {
			if !a.fit() {
				continue
			}
			t := a.time()
			if t.Lo == 0 {
				continue
			}
			if points[a.name] == nil {
				names = append(names, a.name)
			}
			points[a.name] = append(points[a.name], modelled{
				n: float64(m.n), time: t.EpochNS, half: (t.Hi - t.Lo) / 2 / t.EpochNS, floor: math.Expm1(m.floor), freedom: float64(t.Processes - 1),
			})
		}
	}
	var out []Model
	for _, name := range names {
		if m := longestModel(points[name]); m != nil {
			m.Contender = name
			out = append(out, *m)
		}
	}
	return out
}

// longestModel returns the model of the longest stretch of points that it holds for; nil if there
// is none.
func longestModel(points []modelled) *Model {
	for size := len(points); size >= leastSizes; size-- {
		for from := len(points) - size; from >= 0; from-- {
			if m, holds := fit(points[from : from+size]); holds {
				return &m
			}
		}
	}
	return nil
}

// fit fits c + s·N to points, s being 1/r: it minimises Σ((c + s·N)/t − 1)².
func fit(points []modelled) (m Model, holds bool) {
	var one, n, oneOne, oneN, nN float64 // sums of 1/t, N/t, and their products
	for _, p := range points {
		x, y := 1/p.time, p.n/p.time
		one, n, oneOne, oneN, nN = one+x, n+y, oneOne+x*x, oneN+x*y, nN+y*y
	}
	det := oneOne*nN - oneN*oneN
	c, s := (one*nN-n*oneN)/det, (n*oneOne-one*oneN)/det
	switch {
	case !(c >= 0):
		c, s = 0, n/nN
	case !(s >= 0):
		c, s = one/oneOne, 0
	}
	m = Model{ConstNS: c, FromN: int(points[0].n), ToN: int(points[len(points)-1].n)}
	if s > 0 {
		m.RowsPerNS = 1 / s
	}
	holds = true
	for _, p := range points {
		residual := math.Abs((c+s*p.n)/p.time - 1)
		m.Residual = max(m.Residual, residual)
		holds = holds && residual <= min(mostResidual, max(p.half*widened(p.freedom, len(points)), p.floor))
	}
	return m, holds
}

// widened returns how many times as wide an interval must be, so that so many of them hold together
// with 95% (Bonferroni).
func widened(freedom float64, intervals int) float64 {
	t := distuv.StudentsT{Sigma: 1, Nu: freedom}
	return t.Quantile(1-0.025/float64(intervals)) / t.Quantile(0.975)
}
