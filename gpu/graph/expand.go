package graph

// expanded turns nodes into sums.
type expanded map[*Node]sum

// node returns n as a sum of products of constants, variables and nodes that are neither sums nor
// products.
func (x expanded) node(n *Node) sum {
	if s, ok := x[n]; ok {
		return s
	}
	s, ok := x.expand(n)
	if !ok || len(s) > maxTerms {
		s = alone(n)
	}
	x[n] = s
	return s
}

// alone is n as a sum of one term. The 1×1 case goes through times, which knows scalars.
func alone(n *Node) sum {
	return sum{term{number: 1}.times(term{number: 1, matrix: product{{node: n}}})}
}

// expand applies the rule of n's operation. It returns false where n is no sum of products.
func (x expanded) expand(n *Node) (sum, bool) {
	switch n.Op {
	case Constant:
		if n.Shape != Scalar {
			return nil, false
		}
		var value [1]float64
		n.Source(value[:], 0)
		return sum{term{number: value[0]}}, true
	case MatMul:
		return x.node(n.Inputs[0]).expand(x.node(n.Inputs[1]))
	case Transpose:
		return x.node(n.Inputs[0]).transpose(), true
	case ReduceMean:
		return x.node(n.Inputs[0]), n.Inputs[0].Shape == Scalar
	}
	if e := n.Elementwise(); e != nil {
		s, _, ok := x.expression(e, n.Inputs)
		return s, ok
	}
	return nil, false
}

// expression expands element-wise operations. Products of matrices, element by element, are no
// products of this algebra; nor is a scalar that is added to every element of a matrix in it.
func (x expanded) expression(e *Expression, inputs []*Node) (s sum, shape Shape, ok bool) {
	if e.leaf() {
		in := inputs[e.Input]
		return x.node(in), in.Shape, true
	}
	a, shape, ok := x.expression(e.Operands[0], inputs)
	b, other := a, shape
	if ok && len(e.Operands) == 2 {
		b, other, ok = x.expression(e.Operands[1], inputs)
	}
	if !ok {
		return nil, shape, false
	}
	switch e.Op {
	case Scale:
		return sum{}.plus(e.Factor, a), shape, true
	case Sub:
		return a.plus(-1, b), shape, shape == other
	case Add:
		return a.plus(1, b), shape, shape == other
	}
	if shape == Scalar {
		shape = other
	} else if other != Scalar {
		return nil, shape, false
	}
	s, ok = a.expand(b)
	return s, shape, ok
}

// assigned is the sum that an Assign stores.
func (x expanded) assigned(n *Node) sum {
	if n.Expression == nil {
		return x.node(n.Inputs[1])
	}
	return x.node(&Node{Name: "the new " + n.Inputs[0].Name, Op: Fused, Shape: n.Shape, Inputs: n.Inputs, Expression: n.Expression})
}
