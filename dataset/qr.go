package dataset

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
)

// A triangle is the upper triangular R of the QR factorisation of [1 X d], m×m and
// row-major with m = P+2:
//
//	R = ⎡ R₁  Qᵀd ⎤   R₁ is the R of [1 X]: R₁ᵀR₁ = [1 X]ᵀ[1 X];
//	    ⎣ 0    r  ⎦   |r| is the norm of the least-squares residual
type triangle struct {
	m int
	r []float64
}

// qrChunks is the number of parallel parts of a factorisation. It is a constant and not the
// number of cores, so that every machine rounds alike.
const qrChunks = 64

// rankTolerance·(P+1), as a share of a column's norm, decides whether the column depends on
// the columns before it. The column's projection on these columns is taken off; a remainder
// below this share is rounding. Rounding leaves up to 2⁻⁴⁷ of a constant. A feature at 1e9
// with a spread of 1 leaves 2⁻³⁰.
const rankTolerance = 0x1p-44

// factor computes the triangle of p with its values rounded to prec. The method is TSQR
// (Demmel, Grigori, Hoemmen and Langou, 2012). Each of up to qrChunks parts absorbs its rows
// in blocks. Then the first part's triangle absorbs the other triangles in order. Each part
// needs the memory of one block and one triangle; p is not copied.
func factor(p *Problem, prec Precision) (*triangle, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	m := p.P + 2
	block := min(max(1<<15/m, 128), 1024) // a block stays in a core's own cache
	part := max((p.N-1)/qrChunks+1, block, 8*m)
	parts := mapChunks(p.N, part, func(lo, hi int) *triangle {
		t := &triangle{m, make([]float64, m*m)}
		b := make([]float64, min(block, hi-lo)*m)
		for ; lo < hi; lo += block {
			rows := min(block, hi-lo)
			loadBlock(b, p, lo, rows, prec)
			t.absorb(b, rows)
		}
		return t
	})
	t := parts[0]
	for _, part := range parts[1:] {
		t.absorb(part.columns(), m)
	}
	return t, t.checkFinite(prec)
}

// loadBlock sets b to the rows [lo, lo+rows) of [1 X d], column-major, rounded to prec.
func loadBlock(b []float64, p *Problem, lo, rows int, prec Precision) {
	for i := range b[:rows] {
		b[i] = 1
	}
	for j := range p.P {
		column := b[(j+1)*rows : (j+2)*rows]
		x := p.X[lo*p.P+j:]
		for i := range column {
			column[i] = prec.round(x[i*p.P])
		}
	}
	target := b[(p.P+1)*rows : (p.P+2)*rows]
	for i, d := range p.D[lo : lo+rows] {
		target[i] = prec.round(d)
	}
}

// absorb replaces R by the R of [R; B]. B is rows×m, column-major, and is overwritten.
// Householder reflection j makes column j of B zero. Of R it changes only row j. It is
// v = (1 at row j of R, B[:,j]/(α−β)), [R; B] ← [R; B] − τv(vᵀ[R; B]), as in LAPACK's DTPQRT2.
func (t *triangle) absorb(b []float64, rows int) {
	for j := range t.m {
		v := b[j*rows : (j+1)*rows]
		row := t.row(j)
		norm := math.Sqrt(floats.Dot(v, v))
		if norm < 0x1p-480 {
			norm = floats.Norm(v, 2) // slower, but no square underflows
		}
		if norm < 0x1p-1000 {
			continue // zero, or too small to have a reciprocal in float64
		}
		alpha := row[j]
		beta := -math.Copysign(math.Hypot(alpha, norm), alpha)
		floats.Scale(1/(alpha-beta), v)
		tau := (beta - alpha) / beta
		row[j] = beta
		for k := j + 1; k < t.m; k++ {
			column := b[k*rows : (k+1)*rows]
			s := tau * (row[k] + floats.Dot(v, column))
			row[k] -= s
			floats.AddScaled(column, -s, v)
		}
	}
}

func (t *triangle) row(i int) []float64 { return t.r[i*t.m : (i+1)*t.m] }

// column returns a copy of the first rows entries of column j.
func (t *triangle) column(j, rows int) []float64 {
	c := make([]float64, rows)
	for i := range c {
		c[i] = t.r[i*t.m+j]
	}
	return c
}

// columns returns R column-major.
func (t *triangle) columns() []float64 {
	out := make([]float64, 0, len(t.r))
	for j := range t.m {
		out = append(out, t.column(j, t.m)...)
	}
	return out
}

// checkFinite returns an error for the first column with squares that overflow. It leaves room
// for the eigenvalues of (2/N)R₁ᵀR₁, which are at most twice the sum of R₁'s squares.
func (t *triangle) checkFinite(prec Precision) error {
	for j := range t.m {
		c := t.column(j, t.m)
		if bound := 2 * float64(t.m) * floats.Dot(c, c); !math.IsNaN(bound) && !math.IsInf(bound, 0) {
			continue
		}
		reason := fmt.Sprintf("values that are not finite, or too large to be squared, in %s arithmetic; change the unit", prec)
		if j == t.m-1 {
			return fmt.Errorf("the target has %s", reason)
		}
		return &ColumnError{j - 1, "it has " + reason}
	}
	return nil
}

// dependent returns the features that are linear combinations of the intercept and the
// features before them. It runs Gram-Schmidt on the columns of R₁, twice for orthogonality.
// Each remainder is compared with its column's norm, so a feature's unit does not matter.
func (t *triangle) dependent() []int {
	n := t.m - 1
	tolerance := rankTolerance * float64(n)
	full := true
	for j := range n {
		full = full && math.Abs(t.r[j*t.m+j]) > tolerance*floats.Norm(t.column(j, n), 2)
	}
	if full {
		return nil // Gram-Schmidt would find the same remainders, R₁'s diagonal
	}
	var features []int
	var basis [][]float64
	for j := range n {
		c := t.column(j, n)
		norm := floats.Norm(c, 2)
		for range 2 {
			for _, q := range basis {
				floats.AddScaled(c, -floats.Dot(q, c), q)
			}
		}
		left := floats.Norm(c, 2)
		if left <= tolerance*norm {
			features = append(features, j-1)
			continue
		}
		floats.Scale(1/left, c)
		basis = append(basis, c)
	}
	return features
}

// solve returns the w of R₁w = Qᵀd by back substitution. R₁ has full rank.
func (t *triangle) solve() []float64 {
	n := t.m - 1
	w := make([]float64, n)
	for i := n - 1; i >= 0; i-- {
		row := t.row(i)
		w[i] = (row[n] - floats.Dot(row[i+1:n], w[i+1:])) / row[i]
	}
	return w
}
