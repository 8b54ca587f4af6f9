package dataset

import (
	"fmt"
	"math"
	"slices"
)

// A Scaling is the change of units z[j] = (x[j] − Mean[j]) / Scale[j] of each feature, and the
// same for the target.
type Scaling struct {
	Mean, Scale             []float64 // length P
	TargetMean, TargetScale float64
}

// A ColumnError says why one feature cannot be used.
type ColumnError struct {
	Column int // the feature's index, from 0
	Reason string
}

func (e *ColumnError) Error() string { return fmt.Sprintf("feature %d: %s", e.Column, e.Reason) }

// Standardize returns a new Problem and the Scaling that made it from p. Every feature and the
// target are moved and scaled to mean 0 and population standard deviation 1.
//
// The error is a *ColumnError for a constant feature, and for a feature with a spread that
// float64 cannot square. A target of these kinds stays as it is and shares memory with p.
//
// The target is scaled because a descent in float32 would otherwise round the residuals to the
// resolution of the target's offset. The mean of a new column is 0 up to half a unit in the
// last place of Mean, in units of Scale.
func Standardize(p *Problem) (*Problem, *Scaling, error) {
	if err := p.Check(); err != nil {
		return nil, nil, err
	}
	mean, sd := moments(p)
	for j := range sd {
		switch {
		case isConstant(p, j):
			return nil, nil, &ColumnError{j, fmt.Sprintf("every value is %g, which the intercept covers; leave it out", p.X[j])}
		case !(sd[j] > 0) || math.IsInf(sd[j], 0) || math.IsInf(mean[j], 0):
			return nil, nil, &ColumnError{j, fmt.Sprintf("mean %g and standard deviation %g are past the range of float64; change its unit", mean[j], sd[j])}
		}
	}
	z := &Problem{X: make([]float64, len(p.X)), D: p.D, N: p.N, P: p.P}
	rescale(z.X, p, mean, sd)
	s := &Scaling{Mean: mean, Scale: sd, TargetScale: 1}
	target := &Problem{X: p.D, N: p.N, P: 1}
	if mean, sd := moments(target); !isConstant(target, 0) && sd[0] > 0 && !math.IsInf(sd[0], 0) && !math.IsInf(mean[0], 0) {
		z.D = make([]float64, p.N)
		rescale(z.D, target, mean, sd)
		s.TargetMean, s.TargetScale = mean[0], sd[0]
	}
	return z, s, nil
}

// Unscale returns weights in the user's units from weights w of the standardised problem, both
// of length P+1:
//
//	vⱼ = TargetScale·wⱼ/Scaleⱼ for each feature
//	v₀ = TargetMean + TargetScale·w₀ − Σⱼ Meanⱼ·vⱼ for the intercept
//
// The new weights predict from x, in the target's units, what w predicts from z.
func (s *Scaling) Unscale(w []float64) []float64 {
	out := slices.Clone(w)
	intercept := compensated{hi: s.TargetMean}
	intercept.add(s.TargetScale * w[0])
	for j := range s.Scale {
		out[j+1] = s.TargetScale * w[j+1] / s.Scale[j]
		product := -s.Mean[j] * out[j+1]
		intercept.add(product)
		intercept.lo += math.FMA(-s.Mean[j], out[j+1], -product)
	}
	out[0] = intercept.value()
	return out
}

// moments returns each feature's mean and population standard deviation in two passes. The
// second pass takes deviations from the rounded mean. Their sum shows the mean's rounding
// error, which is then taken off the variance (Chan, Golub and LeVeque, 1983).
func moments(p *Problem) (mean, sd []float64) {
	n := float64(p.N)
	mean = sumRows(p.N, p.P, func(lo, hi int, acc []compensated) {
		for i := lo; i < hi; i++ {
			for j, x := range p.Row(i) {
				acc[j].add(x)
			}
		}
	})
	for j := range mean {
		mean[j] /= n
	}
	deviations := sumRows(p.N, 2*p.P, func(lo, hi int, acc []compensated) {
		for i := lo; i < hi; i++ {
			for j, x := range p.Row(i) {
				d := x - mean[j]
				acc[j].add(d * d)
				acc[p.P+j].add(d)
			}
		}
	})
	sd = deviations[:p.P]
	for j := range sd {
		off := deviations[p.P+j]
		sd[j] = math.Sqrt(max(0, sd[j]-off*off/n) / n)
	}
	return mean, sd
}

// rescale sets z, N×P, to (x − mean)/scale for each feature x of p. z may be p.X.
func rescale(z []float64, p *Problem, mean, scale []float64) {
	forChunks(p.N, sumChunk, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := z[i*p.P : (i+1)*p.P]
			for j, x := range p.Row(i) {
				row[j] = (x - mean[j]) / scale[j]
			}
		}
	})
}

// isConstant reports whether feature j has the same value in all rows. The standard deviation
// cannot tell: rounding makes it more than 0 for a column of 0.1.
func isConstant(p *Problem, j int) bool {
	for i := range p.N {
		if p.X[i*p.P+j] != p.X[j] {
			return false
		}
	}
	return true
}
