package gpu

import (
	"errors"
	"fmt"
	"sync/atomic"

	"descent/gpu/graph"
)

// buildAuto builds the form "gl": it starts from the graph with its gradient by reverse-mode
// differentiation.
func buildAuto(t *target, obs observations) (descender, error) {
	plan, err := obs.graph().ByGradients()
	if err != nil {
		return nil, err
	}
	return buildPlan(t, plan.Optimize())
}

// buildPlan builds the fastest form for the least-squares step. Any other step runs node by node.
// The plan's variables of w and the rate have these names.
func buildPlan(t *target, o *graph.Optimized) (descender, error) {
	reason := o.Reason
	if o.Step != nil {
		d, err := newChooser(t).buildStep(o.Step)
		var other otherStep
		if !errors.As(err, &other) {
			return d, err
		}
		reason = other.Error()
	}
	run, err := newExecutor(t, o.Plan)
	if err != nil {
		return nil, err
	}
	return nodesDescent{graphDescent{run}, reason}, nil
}

// An otherStep says why a least-squares step is not the step of Backend.Descend.
type otherStep string

func (e otherStep) Error() string { return string(e) }

// buildStep builds a form for the data of a step. The forms multiply by 2/N and add a column of
// ones, so the step's factor and the first column of X have to be the same.
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
	d, err := c.build(observationsFrom(n, p, withoutOnes(s.X.Source, p, &others), s.D.Source))
	if err != nil {
		return nil, err
	}
	if others.Load() {
		return nil, errors.Join(otherStep("X does not begin with a column of ones"), d.Close())
	}
	return d, nil
}

// withoutOnes takes the first column from a source of p+1 columns. It sets others if that column
// holds anything but ones.
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

// A nodesDescent is a step that runs as the graph that it is.
type nodesDescent struct {
	graphDescent
	reason string
}

func (n nodesDescent) note() string { return "gl-graph, optimised: " + n.reason }
