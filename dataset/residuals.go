package dataset

import "math"

// ResidualStats says how well weights w fit a Problem. The residual of row i is
// eᵢ = w₀ + Σⱼ wⱼ₊₁·X[i,j] − D[i].
type ResidualStats struct {
	SSE          float64 // Σ eᵢ²
	SST          float64 // Σ (D[i] − mean D)²
	R2           float64 // 1 − SSE/SST; NaN for constant targets
	StdErr       float64 // residual standard error √(SSE/(N−P−1)); NaN if N ≤ P+1
	GradientNorm float64 // ‖(2/N)[1 X]ᵀe‖₂, 0 at the optimum
}

// Residuals returns the statistics of w, of length P+1. Its sums are compensated, and they
// have the same bits on any number of cores.
func (p *Problem) Residuals(w []float64) ResidualStats {
	n := float64(p.N)
	mean := sumRows(p.N, 1, func(lo, hi int, acc []compensated) {
		for _, d := range p.D[lo:hi] {
			acc[0].add(d)
		}
	})[0] / n
	const sse, sst, deviation, gradient = 0, 1, 2, 3 // places among the sums
	sums := sumRows(p.N, gradient+p.P+1, func(lo, hi int, acc []compensated) {
		for i := lo; i < hi; i++ {
			row := p.Row(i)
			e := w[0] - p.D[i]
			for j, x := range row {
				e += w[j+1] * x
			}
			acc[sse].add(e * e)
			acc[sst].add((p.D[i] - mean) * (p.D[i] - mean))
			acc[deviation].add(p.D[i] - mean)
			acc[gradient].add(e)
			for j, x := range row {
				acc[gradient+1+j].add(e * x)
			}
		}
	})
	s := ResidualStats{SSE: sums[sse], R2: math.NaN(), StdErr: math.NaN()}
	// The mean is rounded. The sum of the deviations gives its rounding error, taken off here.
	s.SST = max(0, sums[sst]-sums[deviation]*sums[deviation]/n)
	if s.SST > 0 {
		s.R2 = 1 - s.SSE/s.SST
	}
	if free := p.N - p.P - 1; free > 0 {
		s.StdErr = math.Sqrt(s.SSE / float64(free))
	}
	for _, g := range sums[gradient:] {
		s.GradientNorm = math.Hypot(s.GradientNorm, 2/n*g)
	}
	return s
}
