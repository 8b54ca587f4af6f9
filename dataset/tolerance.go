package dataset

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
)

// Tolerance returns the largest difference from At, in any entry, that rounding explains in a
// contender of the Trajectory's precision. It needs 0 < rate < MaxRate.
//
// Let u be the unit roundoff. The roundings of one epoch are:
//   - P+2 for a residual
//   - 1 for its product with x
//   - at most s = SumDepth for the sum of the products
//   - 5 for the scale rate·2/N, its factors, and its product with the gradient
//
// By the usual bound for products and sums (Higham, Accuracy and Stability of Numerical
// Algorithms, 2nd edition, sections 3.1 and 4.2), the step is off by at most
// c·u·rate·(2/N)·|X|ᵀ(|X||w| + |d|), with c = P+8+s. This holds for contenders that form Xw
// first and for contenders that form XᵀX. The subtraction from w is off by u·|w|. In norms, the
// error of one epoch is
//
//	δ = u·(W + c·rate·(2/N)·(‖X‖_F²·W + ‖X‖_F·‖d‖))
//
// W bounds ‖w‖ on the whole path. In the directions with rate·λ ≤ 1 the path is monotone, so
// its two ends bound it. In the other directions it swings around w*, by at most its first
// distance from w*.
//
// An error made j epochs ago has been multiplied by (I − rate·A)ʲ since. The norm of that is
// ρʲ, with ρ = max|1 − rate·λ|. So all errors add up to
//
//	u·‖w₀‖ + δ·Σ_{j<k} ρʲ
//
// The first term is the rounding of w₀ itself. This bound is of first order in u and holds for
// the worst case; typical errors are some hundred times smaller.
//
// For Float64 the tolerance is at least 1e-9·max(‖w₀‖∞, ‖w_k‖∞), which leaves room for running
// sums. ‖w*‖ is not in this scale: on an ill-conditioned problem it can be many orders of
// magnitude greater than any w_k.
func (t *Trajectory) Tolerance(w0 []float64, rate float64, epochs int) float64 {
	return t.tolerance(w0, t.At(w0, rate, epochs), rate, epochs)
}

// tolerance is Tolerance for a caller that already has wk, the result of At.
func (t *Trajectory) tolerance(w0, wk []float64, rate float64, epochs int) float64 {
	var bound2, sum float64 // W², Σρʲ
	for i, v := range t.v {
		z := rate * t.eigenvalue(i)
		start := floats.Dot(v, w0)
		reach := max(math.Abs(start), math.Abs(floats.Dot(v, wk)))
		if z > 1 {
			goal := t.beta[i] / t.sigma[i]
			reach = math.Abs(goal) + math.Abs(start-goal)
		}
		bound2 += reach * reach
		sum = max(sum, geometric(z, epochs))
	}
	u, w := t.prec.Unit(), math.Sqrt(bound2)
	c := float64(len(w0)-1) + 8 + SumDepth
	step := c * rate * 2 / float64(t.n) * t.normX * (t.normX*w + t.normD)
	derived := u*floats.Norm(w0, 2) + u*(w+step)*sum
	if t.prec == Float32 {
		return derived
	}
	inf := math.Inf(1)
	return max(derived, 1e-9*max(floats.Norm(w0, inf), floats.Norm(wk, inf)))
}

// geometric returns Σ |1−z|ʲ over j < k.
func geometric(z float64, k int) float64 {
	gap := min(z, 2-z) // 1 − |1−z|
	if gap == 0 {
		return float64(k)
	}
	return progress(gap, k) / gap
}

// Check compares all entries of w with the exact w_k. It returns the largest difference, or NaN
// if any difference is NaN. It returns an error that names the entry if the difference is more
// than Tolerance, and an error if the length of w or w0 is not P+1.
func (t *Trajectory) Check(w0, w []float64, rate float64, epochs int) (maxErr float64, err error) {
	for _, weights := range [][]float64{w0, w} {
		if len(weights) != len(t.v) {
			return math.NaN(), fmt.Errorf("%d weights, not %d: the intercept and one for each feature", len(weights), len(t.v))
		}
	}
	want := t.At(w0, rate, epochs)
	worst := 0
	for j := range w {
		if diff := math.Abs(w[j] - want[j]); !(diff <= maxErr) && !math.IsNaN(maxErr) {
			worst, maxErr = j, diff
		}
	}
	if tol := t.tolerance(w0, want, rate, epochs); !(maxErr <= tol) {
		return maxErr, fmt.Errorf("w[%d] is %g, but %g after %d exact epochs: off by %.3g, more than the %.3g that %s rounding explains",
			worst, w[worst], want[worst], epochs, maxErr, tol, t.prec)
	}
	return maxErr, nil
}
