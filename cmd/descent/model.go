package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench/typeset"
	"descent/dataset"
	"descent/dataset/file"
)

// A model is a fitted linear model, in the units of the file.
type model struct {
	File         string        `json:"file"`
	Target       string        `json:"target"`
	Rows         int           `json:"samples"`
	Solver       string        `json:"solver"`
	Standardized bool          `json:"standardized"`
	Contender    string        `json:"contender,omitempty"`
	Algorithm    string        `json:"algorithm,omitempty"` // if the contender has another one
	Rate         float64       `json:"rate,omitempty"`
	Epochs       int           `json:"epochs,omitempty"`
	Time         time.Duration `json:"run_ns,omitempty"`
	// GradientShare is the norm of the gradient at the end, divided by its norm at the start.
	GradientShare float64 `json:"gradient_share,omitempty"`
	Ending        string  `json:"ending,omitempty"` // "tolerance", "rounding" or "epochs"

	Terms        []coefficient `json:"terms"`
	R2           *float64      `json:"r2"`             // null for a constant target
	StdErr       *float64      `json:"residual_error"` // null without degrees of freedom
	Freedom      int           `json:"degrees_of_freedom"`
	ExactR2      *float64      `json:"exact_r2"`
	MaxFromExact float64       `json:"max_relative_difference_from_exact"`
}

// A coefficient belongs to one feature, or is the intercept.
type coefficient struct {
	Name  string  `json:"name"`
	Value float64 `json:"coefficient"`
	Exact float64 `json:"exact"`
}

const intercept = "(intercept)"

// describe fills in the coefficients and how well they fit, in the units of the table. w and exact
// solve the standardised problem, or the table's own problem if s is nil.
func (m *model) describe(t *file.Table, s *dataset.Scaling, w, exact []float64) {
	if s != nil {
		w, exact = s.Unscale(w), s.Unscale(exact)
	}
	p := t.Problem
	m.Rows, m.Freedom = p.N, p.N-p.P-1
	for j, name := range append([]string{intercept}, t.Features...) {
		m.Terms = append(m.Terms, coefficient{name, w[j], exact[j]})
		if diff := math.Abs(w[j] - exact[j]); diff > 0 {
			m.MaxFromExact = max(m.MaxFromExact, diff/max(math.Abs(w[j]), math.Abs(exact[j])))
		}
	}
	stats := p.Residuals(w)
	m.R2, m.StdErr, m.ExactR2 = defined(stats.R2), defined(stats.StdErr), defined(p.Residuals(exact).R2)
}

// defined returns nil for NaN.
func defined(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	return &v
}

func (m *model) write(w io.Writer, format string) error {
	if format == "json" {
		return writeJSON(w, m)
	}
	_, err := io.WriteString(w, m.text())
	return err
}

func (m *model) text() string {
	out := &strings.Builder{}
	fmt.Fprintf(out, "%s: %s, %s, target %q\n", m.File, typeset.Plural(m.Rows, "sample"), typeset.Plural(len(m.Terms)-1, "feature"), m.Target)
	t := table.NewWriter()
	t.SuppressTrailingSpaces()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.Options{SeparateHeader: true}
	t.Style().Format.Header = text.FormatDefault
	exact, furthest := "", ""
	if m.Solver == "ols" {
		out.WriteString("exact least squares by QR\n\n")
		m.exactTerms(t)
	} else {
		out.WriteString(m.descent())
		m.descendedTerms(t)
		exact = fmt.Sprintf(" (exact: %s)", shown(m.ExactR2))
		furthest = fmt.Sprintf("largest relative difference from exact least squares: %.1e\n", m.MaxFromExact)
	}
	fmt.Fprintf(out, "%s\n\nR² %s%s", t.Render(), shown(m.R2), exact)
	fmt.Fprintf(out, ", residual standard error %s on %s of freedom\n%s", shown(m.StdErr), typeset.Plural(m.Freedom, "degree"), furthest)
	return out.String()
}

// descent returns the lines that say how the descent went.
func (m *model) descent() string {
	name, footnote := m.Contender, ""
	if m.Algorithm != "" {
		name, footnote = name+" †", "† another algorithm, "+m.Algorithm+"\n"
	}
	return fmt.Sprintf("gradient descent on %s: %d epochs at rate %.4g in %v; %s\n%s\n",
		name, m.Epochs, m.Rate, m.Time.Round(time.Microsecond), m.ending(), footnote)
}

func (m *model) exactTerms(t table.Writer) {
	t.AppendHeader(table.Row{"term", "coefficient"})
	for _, c := range m.Terms {
		t.AppendRow(table.Row{c.Name, fmt.Sprintf("%.8g", c.Value)})
	}
}

func (m *model) descendedTerms(t table.Writer) {
	t.AppendHeader(table.Row{"term", "coefficient", "exact least squares", "difference"})
	for _, c := range m.Terms {
		t.AppendRow(table.Row{c.Name, fmt.Sprintf("%.8g", c.Value), fmt.Sprintf("%.8g", c.Exact), fmt.Sprintf("%.1e", c.Value-c.Exact)})
	}
}

func shown(v *float64) string {
	if v == nil {
		return "undefined"
	}
	return fmt.Sprintf("%.6g", *v)
}

func (m *model) ending() string {
	share := fmt.Sprintf("the gradient is %.1e of its start", m.GradientShare)
	switch m.Ending {
	case "tolerance":
		return share
	case "rounding":
		return share + ", and rounding keeps it from shrinking"
	}
	return share + ", and --epochs ended it: more epochs would come nearer"
}

// standardize is dataset.Standardize, with errors that name the columns.
func standardize(t *file.Table) (*dataset.Problem, *dataset.Scaling, error) {
	p, s, err := dataset.Standardize(t.Problem)
	return p, s, inColumns(t, err)
}

// inColumns replaces an error that has the numbers of columns by one that has their names.
func inColumns(t *file.Table, err error) error {
	var column *dataset.ColumnError
	var rank *dataset.RankError
	switch {
	case errors.As(err, &column):
		name := t.Features[column.Column]
		return statusError{fmt.Errorf("column %q: %s", name, column.Reason), exitFailure, ignoreHint(name)}
	case errors.As(err, &rank) && len(rank.Dependent) > 0 && rank.N >= rank.Cols:
		var names, shown []string
		for _, j := range rank.Dependent {
			names, shown = append(names, t.Features[j]), append(shown, strconv.Quote(t.Features[j]))
		}
		return statusError{
			fmt.Errorf("rank-deficient: rank %d of %d; these columns are combinations of the intercept and those before them: %s", rank.Rank, rank.Cols, strings.Join(shown, ", ")),
			exitFailure, ignoreHint(names...),
		}
	}
	return err
}

// ignoreHint says how to leave columns out.
func ignoreHint(names ...string) string {
	list := strings.Join(names, ",")
	if strings.Count(list, ",") >= len(names) || strings.Contains(list, `"`) {
		return "add --ignore with their numbers, counted from 1"
	}
	return "add --ignore " + quoted(list)
}
