package dataset

import (
	"fmt"
	"math"
	"slices"
)

// A Scaling is the affine change of units z[j] = (x[j] − Mean[j]) / Scale[j] of
// each feature, and of the target likewise.
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

// Standardize returns p with every feature, and the target, moved and scaled to mean
// 0 and population standard deviation 1, and the Scaling that did it. A target that
// has no such deviation, since it is constant or float64 cannot square its spread, is
// left as it is and shared with p. Without the target's part a descent in float32
// would round residuals to the resolution of the target's offset.
// The mean of a new column is 0 within the resolution of the old one: half a unit
// in the last place of Mean, in units of Scale. A constant feature is a
// *ColumnError, and so is one whose spread float64 cannot square.
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

// Unscale takes weights for the standardised problem, length P+1, back to the
// user's units:
//
//	vⱼ = TargetScale·wⱼ/Scaleⱼ for each feature
//	v₀ = TargetMean + TargetScale·w₀ − Σⱼ Meanⱼ·vⱼ for the intercept
//
// so that the model predicts from x what the old one did from z, in the target's units.
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

// moments returns each feature's mean and population standard deviation, in two
// passes: deviations are taken from the rounded mean, and what their own sum says
// of its rounding is taken off the variance (Chan, Golub and LeVeque, 1983).
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

// rescale sets z, N×P, to (x − mean)/scale of the features of p. z may be p.X.
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

// isConstant reports whether feature j has one value throughout. The standard
// deviation does not tell: that of a column of 0.1 is rounding, not 0.
func isConstant(p *Problem, j int) bool {
	for i := range p.N {
		if p.X[i*p.P+j] != p.X[j] {
			return false
		}
	}
	return true
}
