// Package dataset holds least-squares problems: a seeded generator, the exact solution, and
// the exact path of gradient descent, which checks the answer of every backend. The readers
// of CSV and .npy files are in dataset/file. Package dataset imports no other package of
// this module, so no backend can share code with what checks it.
package dataset

import "fmt"

// A Problem is a linear least-squares problem: find w that minimises
//
//	MSE(w) = (1/N) Σᵢ (w₀ + Σⱼ wⱼ₊₁·X[i,j] − D[i])²
//
// X is row-major N×P and does not hold the column of ones: the model adds the
// intercept, so w has length P+1 and w[0] is the intercept. All values are finite.
type Problem struct {
	X []float64 // N×P, row-major: X[i*P+j] is feature j of sample i
	D []float64 // N targets
	N int       // samples, at least 1
	P int       // features, at least 1
}

// Row returns the P features of sample i, sharing memory with X.
func (p *Problem) Row(i int) []float64 { return p.X[i*p.P : (i+1)*p.P] }

// Check reports a Problem whose lengths do not agree with N and P. It does not look
// at the values: whatever reads data refuses NaN and Inf at their place in the input.
func (p *Problem) Check() error {
	switch {
	case p.N < 1 || p.P < 1:
		return fmt.Errorf("a problem needs at least 1 sample and 1 feature, not N=%d, P=%d", p.N, p.P)
	case len(p.X) != p.N*p.P:
		return fmt.Errorf("the problem's X holds %d values, not N×P = %d×%d", len(p.X), p.N, p.P)
	case len(p.D) != p.N:
		return fmt.Errorf("the problem's D holds %d values, not N = %d", len(p.D), p.N)
	}
	return nil
}
