// Package dataset holds least-squares problems, solves them exactly, and computes the exact
// path of gradient descent. Each backend's answer is checked against that path. Package
// dataset imports no other package of this module, so no backend shares code with its check;
// package dataset/file reads problems from CSV and .npy files.
//
// The files:
//
//	dataset.go      Problem
//	generate.go     Generate draws a synthetic problem from a seed
//	standardize.go  Standardize brings every column to mean 0 and standard deviation 1
//	qr.go           the QR factorisation of [1 X d], in parallel
//	ols.go          OLS solves a problem exactly
//	residuals.go    how well weights fit a problem: R², standard error, gradient
//	trajectory.go   Trajectory, the oracle: the exact weights after any number of epochs
//	tolerance.go    the error that rounding explains, and Trajectory.Check
//	precision.go    Precision, float64 or float32
//	parallel.go     chunks and sums that have the same bits on any number of cores
package dataset

import "fmt"

// A Problem is a linear least-squares problem: find w that minimises
//
//	MSE(w) = (1/N) Σᵢ (w₀ + Σⱼ wⱼ₊₁·X[i,j] − D[i])²
//
// X does not hold the column of ones: the model adds the intercept. So w has length P+1, and
// w[0] is the intercept. All values are finite.
type Problem struct {
	X []float64 // N×P, row-major: X[i*P+j] is feature j of row i
	D []float64 // N targets
	N int       // rows, at least 1
	P int       // features, at least 1
}

// Row returns the P features of row i. They share memory with X.
func (p *Problem) Row(i int) []float64 { return p.X[i*p.P : (i+1)*p.P] }

// Check returns an error if the lengths of X and D disagree with N and P. It does not look at
// the values: a reader of data refuses NaN and Inf at their place in the input.
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
