package dataset

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// SumDepth is the largest number of roundings that a term may pass through in a contender's sum
// over the rows. In a running sum in f32 a term passes through up to N roundings, which is too
// many. So a contender sums in a tree, in blocks, with compensation, or in f64.
const SumDepth = 128

// A Trajectory is the exact path of gradient descent on one Problem. Every backend's answer is
// compared with it. It runs no epochs, because a closed form gives the weights after k epochs.
//
// Let X include its leading column of ones, and let A = (2/N)·XᵀX. The update
// w ← w − rate·(2/N)·Xᵀ(Xw − d) is linear, so for any least-squares solution w*
//
//	w_k = w* + (I − rate·A)ᵏ(w₀ − w*)
//
// Let X = QR by Householder reflections and R = UΣVᵀ. Then A = VΛVᵀ with Λ = (2/N)Σ², and
//
//	w_k = w₀ + V·diag((1 − (1−rate·λᵢ)ᵏ)/σᵢ)·(Uᵀ Qᵀd − ΣVᵀw₀)
//
// The code uses the second form because it does not compute w*: if a σᵢ is small, w* can be
// far larger than any w_k. If σᵢ = 0, the factor is 0, and that component of w₀ stays.
type Trajectory struct {
	prec  Precision
	n     int
	sigma []float64   // σ, descending; 0 beyond the numerical rank
	v     [][]float64 // v[i] is the eigenvector of A for sigma[i]
	beta  []float64   // UᵀQᵀd
	normX float64     // ‖X‖_F, the ones included
	normD float64     // ‖d‖₂
}

// NewTrajectory factorises p in one pass. With Float32 every value of X and D is first rounded
// to float32, because an f32 contender holds the rounded values.
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
	clear(t.sigma[n-len(r.dependent()):])
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

// GradientShare returns the norm of the gradient after k = epochs from w₀ = 0, divided by its norm
// at the start. With the gradient A(w − w*) it is
//
//	‖ΣUᵀQᵀd·(1−rate·Λ)ᵏ‖ / ‖ΣUᵀQᵀd‖
//
// Rounding is not part of it: a contender's gradient does not shrink that far.
func (t *Trajectory) GradientShare(rate float64, epochs int) float64 {
	now, start := 0.0, 0.0
	for i, sigma := range t.sigma {
		g := sigma * t.beta[i]
		start = math.Hypot(start, g)
		now = math.Hypot(now, g*math.Pow(1-rate*t.eigenvalue(i), float64(epochs)))
	}
	if start == 0 {
		return 0
	}
	return now / start
}

// Eigenvalues returns the eigenvalues of A = (2/N)·XᵀX, the largest first.
func (t *Trajectory) Eigenvalues() []float64 {
	lambda := make([]float64, len(t.sigma))
	for i := range lambda {
		lambda[i] = t.eigenvalue(i)
	}
	return lambda
}

func (t *Trajectory) eigenvalue(i int) float64 { return 2 / float64(t.n) * t.sigma[i] * t.sigma[i] }

// SafeRate returns 1/λmax, half of MaxRate, rounded to four digits.
func (t *Trajectory) SafeRate() float64 { return rounded(t.MaxRate() / 2) }

// MaxRate returns 2/λmax. Descent converges for rates below it and diverges for rates above it.
func (t *Trajectory) MaxRate() float64 { return 2 / t.eigenvalue(0) }

// progress returns 1 − (1−z)ᵏ without cancellation for small z. With z = rate·λ, this is the
// part of the way to the optimum that k epochs cover in the direction of λ.
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

// CheckRate returns a RateError unless 0 < rate < MaxRate.
func (t *Trajectory) CheckRate(rate float64) error {
	limit := t.MaxRate()
	if rate > 0 && rate < limit {
		return nil
	}
	return &RateError{rate, limit}
}

// A RateError says that descent does not converge at a rate on a problem.
type RateError struct {
	rate  float64
	limit float64 // 2/λmax of the problem
}

// Error suggests the largest rate that converges.
func (e *RateError) Error() string {
	if !(e.rate > 0) || math.IsInf(e.rate, 0) {
		return fmt.Sprintf("rate %g is not a finite number above 0; this problem allows up to %g", e.rate, roundDown(e.limit))
	}
	return fmt.Sprintf("rate %g diverges: it is not below 2/λmax = %g; this problem allows up to %g", e.rate, e.limit, roundDown(e.limit))
}

// Safe returns the SafeRate of the problem.
func (e *RateError) Safe() float64 { return rounded(e.limit / 2) }

// roundDown returns a decimal of four digits that is below x by less than 0.2%. It first takes
// off 0.1%, which is more than a rounding to four digits, or to float32, can add.
func roundDown(x float64) float64 {
	return rounded(x * (1 - 1e-3))
}

// rounded returns the decimal of four digits that is nearest to x.
func rounded(x float64) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 3, 64), 64)
	return y
}
