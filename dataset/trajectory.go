package dataset

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// SumDepth is the largest number of roundings that a value may pass through in a
// contender's sum over the samples. A running sum in f32 passes N; a contender sums
// in a tree, in blocks, compensated, or in f64.
const SumDepth = 128

// A Trajectory is the exact path of gradient descent on one Problem: what every
// backend's answer is compared with. It runs no epochs. With A = (2/N)·XᵀX, X having its
// leading column of ones, the update w ← w − rate·(2/N)·Xᵀ(Xw − d) is linear, and
//
//	w_k = w* + (I − rate·A)ᵏ(w₀ − w*)
//
// for any least-squares solution w*. With X = QR by Householder reflections and
// R = UΣVᵀ, so that A = VΛVᵀ with Λ = (2/N)Σ², that is
//
//	w_k = w₀ + V·diag((1 − (1−rate·λᵢ)ᵏ)/σᵢ)·(Uᵀ Qᵀd − ΣVᵀw₀)
//
// the form used here: it does not pass through w*, which can be far larger than any
// w_k where a σᵢ is small. Where σᵢ = 0 the factor is 0: w₀'s component stays.
type Trajectory struct {
	prec    Precision
	n       int
	sigma   []float64   // σ, descending; 0 beyond the numerical rank
	v       [][]float64 // v[i] is the eigenvector of A for sigma[i]
	beta    []float64   // UᵀQᵀd
	optimum []float64
	normX   float64 // ‖X‖_F, the ones included
	normD   float64 // ‖d‖₂
}

// NewTrajectory factorises p in one pass. With Float32 every value of X and D is
// first rounded to float32: that is the problem which an f32 contender holds.
func NewTrajectory(p *Problem, prec Precision) (*Trajectory, error) {
	r, err := factor(p, prec)
	if err != nil {
		return nil, err
	}
	n := p.P + 1
	r1 := mat.NewDense(r.m, r.m, r.r).Slice(0, n, 0, n)
	var svd mat.SVD
	if !svd.Factorize(r1, mat.SVDThin) {
		return nil, fmt.Errorf("the singular values of the %d×%d problem did not converge", p.N, n)
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	qtd := r.column(n, n)
	t := &Trajectory{prec: prec, n: p.N, sigma: svd.Values(nil), normX: mat.Norm(r1, 2), normD: floats.Norm(r.column(n, r.m), 2)}
	for i := range n {
		t.v = append(t.v, mat.Col(nil, i, &v))
		t.beta = append(t.beta, floats.Dot(mat.Col(nil, i, &u), qtd))
	}
	dependent := r.dependent()
	clear(t.sigma[n-len(dependent):])
	if len(dependent) == 0 {
		t.optimum = r.solve()
		return t, nil
	}
	t.optimum = make([]float64, n)
	for i, sigma := range t.sigma[:n-len(dependent)] {
		floats.AddScaled(t.optimum, t.beta[i]/sigma, t.v[i])
	}
	return t, nil
}

// At returns w_k for k = epochs, at least 0, from w0 of length P+1.
func (t *Trajectory) At(w0 []float64, rate float64, epochs int) []float64 {
	w := slices.Clone(w0)
	for i, sigma := range t.sigma {
		if sigma > 0 {
			gain := progress(rate*t.eigenvalue(i), epochs) / sigma
			floats.AddScaled(w, gain*(t.beta[i]-sigma*floats.Dot(t.v[i], w0)), t.v[i])
		}
	}
	return w
}

// Optimum returns the least-squares solution w*, that of least norm where there are
// several.
func (t *Trajectory) Optimum() []float64 { return slices.Clone(t.optimum) }

// Eigenvalues returns those of A = (2/N)·XᵀX, the largest first.
func (t *Trajectory) Eigenvalues() []float64 {
	lambda := make([]float64, len(t.sigma))
	for i := range lambda {
		lambda[i] = t.eigenvalue(i)
	}
	return lambda
}

func (t *Trajectory) eigenvalue(i int) float64 { return 2 / float64(t.n) * t.sigma[i] * t.sigma[i] }

// Condition returns λmax/λmin of A, +Inf where X is rank-deficient. The epochs that
// a digit of w* costs grow in proportion to it.
func (t *Trajectory) Condition() float64 {
	ratio := t.sigma[0] / t.sigma[len(t.sigma)-1]
	return ratio * ratio
}

// MaxRate returns 2/λmax: descent converges for rates below it and diverges above.
func (t *Trajectory) MaxRate() float64 { return 2 / t.eigenvalue(0) }

// progress returns 1 − (1−z)ᵏ, the part of the way to the optimum that k epochs go
// in a direction with z = rate·λ, without cancellation for small z.
func progress(z float64, k int) float64 {
	switch {
	case k == 0:
		return 0
	case z <= 1:
		return -math.Expm1(float64(k) * math.Log1p(-z))
	case k%2 == 0:
		return -math.Expm1(float64(k) * math.Log1p(z-2))
	}
	return 1 + math.Exp(float64(k)*math.Log1p(z-2)) // 1−z < 0: an odd power is past the optimum
}

// A RateError is a rate at which gradient descent does not converge.
type RateError struct {
	Rate    float64
	Limit   float64 // 2/λmax
	Largest float64 // a rate of four digits, less than 0.2% below Limit, that converges
}

func (e *RateError) Error() string {
	if !(e.Rate > 0) || math.IsInf(e.Rate, 0) {
		return fmt.Sprintf("rate %g is not a finite number above 0; this problem allows up to %g", e.Rate, e.Largest)
	}
	return fmt.Sprintf("rate %g diverges: it is not below 2/λmax = %g; this problem allows up to %g", e.Rate, e.Limit, e.Largest)
}

// CheckRate returns a *RateError unless 0 < rate < MaxRate.
func (t *Trajectory) CheckRate(rate float64) error {
	if limit := t.MaxRate(); !(rate > 0 && rate < limit) {
		return &RateError{Rate: rate, Limit: limit, Largest: roundDown(limit)}
	}
	return nil
}

// roundDown returns a four-digit decimal less than 0.2% below x: taking off 0.1% is
// more than rounding to four digits, or to float32, can put back on.
func roundDown(x float64) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x*(1-1e-3), 'e', 3, 64), 64)
	return y
}
