package dataset

import (
	"errors"
	"fmt"
	"strings"
)

// ErrRankDeficient marks a *RankError.
var ErrRankDeficient = errors.New("rank-deficient")

// A RankError says that more than one w minimises the squared error: some columns
// of [1 X] are linear combinations of the ones before them.
type RankError struct {
	Rank      int   // numerical rank of [1 X]
	Cols      int   // P+1
	N         int   // samples
	Dependent []int // features, from 0, that depend on the intercept and the features before them
}

func (e *RankError) Error() string {
	if e.N < e.Cols {
		return fmt.Sprintf("%v: %d samples (rank %d) do not determine %d weights; add samples or drop features", ErrRankDeficient, e.N, e.Rank, e.Cols)
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
	return fmt.Sprintf("%v: rank %d of %d columns; constant, or a linear combination of features before: %s %s; leave %s out",
		ErrRankDeficient, e.Rank, e.Cols, subject, names, object)
}

// Is makes errors.Is(err, ErrRankDeficient) hold.
func (e *RankError) Is(target error) bool { return target == ErrRankDeficient }

// OLS returns the w, length P+1, that minimises MSE(w) exactly: Householder QR of
// [1 X], then back substitution, which is as accurate as the pseudo-inverse and does not
// square the condition number as the normal equations do. It reads p once, in
// parallel, in little memory of its own. The error is a *RankError where w is not
// unique, and a *ColumnError where a feature's squares overflow.
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
