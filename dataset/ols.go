package dataset

import (
	"fmt"
	"strings"
)

// A RankError says that more than one w minimises the squared error, because some columns of
// [1 X] are linear combinations of the columns before them.
type RankError struct {
	Rank      int   // numerical rank of [1 X]
	Cols      int   // P+1
	N         int   // rows
	Dependent []int // features, from 0, that depend on the intercept and earlier features
}

func (e *RankError) Error() string {
	if e.N < e.Cols {
		return fmt.Sprintf("rank-deficient: %d samples (rank %d) do not determine %d weights; add samples or drop features", e.N, e.Rank, e.Cols)
	}
	const shown = 8
	subject, object := "feature", "it"
	if len(e.Dependent) > 1 {
		subject, object = "features", "them"
	}
	names := strings.Trim(fmt.Sprint(e.Dependent[:min(shown, len(e.Dependent))]), "[]")
	if more := len(e.Dependent) - shown; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("rank-deficient: rank %d of %d columns; constant, or a linear combination of features before: %s %s; leave %s out",
		e.Rank, e.Cols, subject, names, object)
}

// OLS returns the w, of length P+1, that minimises MSE(w) exactly. It takes the Householder QR
// of [1 X] and substitutes back. This is as accurate as the pseudo-inverse, and it does not
// square the condition number, as the normal equations do. OLS reads p once, in parallel, and
// needs little memory. The error is a *RankError if w is not unique, and a *ColumnError if the
// squares of a feature overflow.
func OLS(p *Problem) ([]float64, error) {
	t, err := factor(p, Float64)
	if err != nil {
		return nil, err
	}
	if dependent := t.dependent(); len(dependent) > 0 {
		return nil, &RankError{Rank: p.P + 1 - len(dependent), Cols: p.P + 1, N: p.N, Dependent: dependent}
	}
	return t.solve(), nil
}
