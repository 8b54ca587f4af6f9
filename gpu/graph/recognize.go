package graph

import (
	"fmt"
	"strings"
)

// A Step is the training step of least squares by gradient descent,
//
//	W ← W − Rate·Factor·Xᵀ·(X·W − D)
//
// as one operation, which a device may do in better ways than node by node: to rounding,
// not to the last bit, it is what the plan computes.
type Step struct {
	X, D   *Node   // constants, N×(P+1) and N×1
	W      *Node   // the variable, (P+1)×1
	Rate   *Node   // a 1×1 variable, or nil where the rate is a number, which is then in Factor
	Factor float64 // positive: 2/N where the cost is the mean of the squared residuals
}

func (s *Step) String() string {
	var factors []string
	if s.Rate != nil {
		factors = append(factors, s.Rate.Name)
	}
	if s.Factor != 1 {
		factors = append(factors, number(s.Factor))
	}
	factors = append(factors, s.X.Name+"ᵀ")
	return fmt.Sprintf("%[1]s ← %[1]s − %[2]s·(%[3]s·%[1]s − %[4]s)", s.W.Name, strings.Join(factors, "·"), s.X.Name, s.D.Name)
}

// recognize returns the Step that p is, or the reason why it is none, and what its assignment
// stores as a formula. The value assigned is expanded to a sum of products and compared with those
// of the steps that the plan's constants and variables allow, so that it does not matter how it was
// written.
func recognize(p *Plan) (step *Step, value, reason string) {
	switch {
	case len(p.Assigns) == 0:
		return nil, "", "it assigns to no variable"
	case len(p.Assigns) > 1:
		var names []string
		for _, n := range p.Assigns {
			names = append(names, n.Inputs[0].Name)
		}
		return nil, "", fmt.Sprintf("it assigns to %d variables, %s, and the least-squares step to one", len(names), strings.Join(names, " and "))
	}
	x := expanded{}
	s := x.assigned(p.Assigns[0])
	w := p.Assigns[0].Inputs[0]
	value = fmt.Sprintf("%s ← %v", w.Name, s)
	switch {
	case len(p.Wanted) > 0:
		return nil, value, fmt.Sprintf("the value of %s is wanted too, which the least-squares step does not leave behind", p.Wanted[0].Name)
	case w.Shape.Cols != 1:
		return nil, value, fmt.Sprintf("%s is %v, and the least-squares step is for one column", w.Name, w.Shape)
	}
	step, reason = x.match(p, w, s)
	return step, value, reason
}

// A guess is a step and by what the value assigned differs from it.
type guess struct {
	Step
	rest sum
}

// match looks for the step that stores s in w.
func (x expanded) match(p *Plan, w *Node, s sum) (*Step, string) {
	var best *guess
	for _, g := range x.guesses(p, w, s) {
		if best == nil || len(g.rest) < len(best.rest) || len(g.rest) == len(best.rest) && best.D == nil {
			best = &g
		}
	}
	switch {
	case best == nil:
		return nil, fmt.Sprintf("nothing in the new value of %s is a number times Xᵀ·X·%[1]s for a constant matrix X", w.Name)
	case len(best.rest) > 0 && best.D != nil:
		return nil, fmt.Sprintf("the new value of %s is that of %v, and %v more", w.Name, &best.Step, best.rest)
	case best.D == nil:
		return nil, fmt.Sprintf("the new value of %s has no term %sᵀ·d for a constant d with the factor of %[2]sᵀ·%[2]s·%[1]s", w.Name, best.X.Name)
	case best.Factor < 0:
		return nil, fmt.Sprintf("its sign is wrong: it climbs from the least squares, by the factor %s", number(best.Factor))
	}
	return &best.Step, ""
}

// guesses returns the steps, with targets and without, that have the term of s with Xᵀ·X·w.
func (x expanded) guesses(p *Plan, w *Node, s sum) (all []guess) {
	constants, rates := []*Node{}, []*Node{nil}
	for _, n := range p.all() {
		switch {
		case n.Op == Constant:
			constants = append(constants, n)
		case n.Op == Variable && n.Shape == Scalar && n != w:
			rates = append(rates, n)
		}
	}
	for _, a := range constants {
		if a.Shape.Cols != w.Shape.Rows || a.Shape == Scalar {
			continue
		}
		for _, rate := range rates {
			scaled := alone(a).transpose()
			if rate != nil {
				scaled = scaled.times(alone(rate))
			}
			slope := scaled.times(alone(a)).times(alone(w))
			factor := -s.of(slope[0])
			if factor == 0 {
				continue
			}
			rest := s.plus(-1, alone(w)).plus(factor, slope)
			all = append(all, guess{Step{X: a, W: w, Rate: rate, Factor: factor}, rest})
			for _, d := range constants {
				if d.Shape == (Shape{a.Shape.Rows, 1}) {
					all = append(all, guess{Step{a, d, w, rate, factor}, rest.plus(-factor, scaled.times(x.node(d)))})
				}
			}
		}
	}
	return all
}
