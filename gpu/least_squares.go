package gpu

import (
	"errors"
	"fmt"
	"sync/atomic"

	"descent/dataset"
	"descent/gpu/graph"
)

// NewAuto opens a context for a backend that takes the graph of gl-graph, with the gradient by reverse-mode
// differentiation, as what it is: it recognises the least-squares step and runs that in the form that is
// the fastest for its size on this device, which the first load of a size finds by trials.
func NewAuto(o Options, precision dataset.Precision) (*Backend, error) {
	return open(o, newAuto, precision)
}

// graph is that of linear regression on the samples.
func (s samples) graph() *graph.LeastSquares {
	return graph.NewLeastSquares(s.n, s.p, func(dst []float64, row int) {
		x, _ := s.rows(row, len(dst)/s.p)
		copy(dst, x)
	}, func(dst []float64, row int) {
		_, d := s.rows(row, len(dst))
		copy(dst, d)
	})
}

// buildAuto has the graph of least squares looked at.
func buildAuto(c *Context, s samples, precision dataset.Precision, maxBytes int64) (descender, error) {
	plan, err := s.graph().ByGradients()
	if err != nil {
		return nil, err
	}
	return buildPlan(c, plan.Optimize(), precision, maxBytes)
}

// buildPlan hands the least-squares step to the form that is the fastest for it, and has any other step run node by
// node. The plan's variables of w and the rate have these names.
func buildPlan(c *Context, o *graph.Optimized, precision dataset.Precision, maxBytes int64) (descender, error) {
	reason := o.Reason
	if o.Step != nil {
		d, err := newChooser(c, precision, maxBytes).buildStep(o.Step)
		var other otherStep
		if !errors.As(err, &other) {
			return d, err
		}
		reason = other.Error()
	}
	run, err := newExecutor(c, o.Plan, precision, maxBytes)
	if err != nil {
		return nil, err
	}
	return nodesDescent{graphDescent{run}, reason}, nil
}

// An otherStep says how a least-squares step is none of Backend.Descend's.
type otherStep string

func (e otherStep) Error() string { return string(e) }

// buildStep builds the samples of a step. The forms multiply by 2/N, and add a column of ones, which X has to have too.
func (c *chooser) buildStep(s *graph.Step) (descender, error) {
	n, p := s.X.Shape.Rows, s.X.Shape.Cols-1
	switch {
	case s.Rate == nil:
		return nil, otherStep("its rate is a constant")
	case s.Factor != 2/float64(n):
		return nil, otherStep(fmt.Sprintf("the gradient is %g·Xᵀ(Xw − d), not 2/N times that", s.Factor))
	case p < 1:
		return nil, otherStep("X has one column")
	}
	var others atomic.Bool
	d, err := c.build(samplesFrom(n, p, withoutOnes(s.X.Source, p, &others), s.D.Source))
	if err != nil {
		return nil, err
	}
	if others.Load() {
		return nil, errors.Join(otherStep("X does not begin with a column of ones"), d.Close())
	}
	return d, nil
}

// withoutOnes takes the first column from a source of p columns more, and sets others where it is not all ones.
func withoutOnes(x graph.Source, p int, others *atomic.Bool) graph.Source {
	return func(dst []float64, row int) {
		rows := len(dst) / p
		wide := make([]float64, rows*(p+1))
		x(wide, row)
		for i := range rows {
			copy(dst[i*p:(i+1)*p], wide[i*(p+1)+1:])
			if wide[i*(p+1)] != 1 {
				others.Store(true)
			}
		}
	}
}

// A nodesDescent is a step that is run as the graph that it is.
type nodesDescent struct {
	graphDescent
	reason string
}

func (n nodesDescent) note() string { return "gl-graph, optimised: " + n.reason }
