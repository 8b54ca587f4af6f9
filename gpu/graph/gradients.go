package graph

import (
	"errors"
	"fmt"
)

// Gradients adds the nodes that compute ∂cost/∂x, a matrix of the shape of x, and returns
// the last. The cost is 1×1; x is usually a variable, but any node will do.
//
// It is reverse-mode differentiation (Linnainmaa, 1970): from the cost back to x, each
// node passes the derivative with respect to itself, its adjoint, on to its inputs,
// by the rule of its operation, and what reaches a node over several ways adds up. An adjoint whose
// elements are all equal, as the one of a mean's input, stays a 1×1 node that
// broadcasts wherever the next rule allows it.
func Gradients(cost, x *Node) (*Node, error) {
	switch {
	case cost == nil || x == nil:
		return nil, errors.New("gradients: a node is nil")
	case cost.graph != x.graph:
		return nil, fmt.Errorf("gradients: cost %q and %q are nodes of different graphs", cost.Name, x.Name)
	case cost.Shape != Scalar:
		return nil, fmt.Errorf("gradients: cost %q is %v, not 1×1", cost.Name, cost.Shape)
	case cost.graph.err != nil:
		return nil, cost.graph.err
	}
	g := cost.graph
	order := g.needed(cost)
	depends := map[*Node]bool{x: true}
	for _, n := range order {
		for _, in := range n.Inputs {
			depends[n] = depends[n] || depends[in]
		}
	}
	if !depends[cost] {
		return nil, fmt.Errorf("gradients: cost %q does not depend on %q", cost.Name, x.Name)
	}

	d := differentiation{g, cost}
	adjoint := map[*Node]*Node{cost: g.Constant(d.name(cost), Scalar, []float64{1})}
	for i := len(order) - 1; order[i] != x; i-- {
		n := order[i]
		for j, in := range n.Inputs {
			if !depends[n] || !depends[in] {
				continue
			}
			part := d.pullback(n, j, adjoint[n])
			if adjoint[in] != nil {
				part = g.Add(d.name(in), adjoint[in], part)
			}
			adjoint[in] = part
		}
	}
	return d.fill(adjoint[x], x.Shape), g.err
}

// differentiation is one call of Gradients.
type differentiation struct {
	*Graph
	cost *Node
}

func (d differentiation) name(n *Node) string {
	return d.unused(fmt.Sprintf("∂%s/∂%s", d.cost.Name, n.Name))
}

// pullback adds the share of input i in the adjoint dy of n. With y the value of n:
//
//	y = A·B      dA = dy·Bᵀ            dB = Aᵀ·dy
//	y = Aᵀ       dA = dyᵀ
//	y = A ± B    dA = dy               dB = ±dy
//	y = A∘B      dA = dy∘B             dB = dy∘A
//	y = f·A      dA = f·dy
//	y = A∘A      dA = 2·A∘dy
//	y = mean A   dA = dy/n, the same for all n elements
//
// and an operand that was broadcast gets the sum of its share over all elements.
func (d differentiation) pullback(n *Node, i int, dy *Node) *Node {
	in := n.Inputs[i]
	name := d.name(in)
	switch n.Op {
	case MatMul:
		if i == 0 {
			return d.MatMul(name, d.fill(dy, n.Shape), d.Transpose("", n.Inputs[1]))
		}
		return d.MatMul(name, d.Transpose("", n.Inputs[0]), d.fill(dy, n.Shape))
	case Transpose:
		if dy.Shape == Scalar {
			return dy
		}
		return d.Transpose(name, dy)
	case Sub:
		if i == 1 {
			dy = d.Scale(name, dy, -1)
		}
		return d.unbroadcast(dy, in, n)
	case Add:
		return d.unbroadcast(dy, in, n)
	case Mul:
		return d.unbroadcast(d.Mul(name, dy, n.Inputs[1-i]), in, n)
	case Scale:
		return d.Scale(name, dy, n.Factor)
	case Square:
		return d.Mul(name, d.Scale("", in, 2), dy)
	case ReduceMean:
		return d.Scale(name, dy, 1/float64(in.Shape.Len()))
	}
	panic("graph: no derivative of " + n.Op.String())
}

// unbroadcast sums a share over all elements of n if its operand was broadcast.
func (d differentiation) unbroadcast(share, operand, n *Node) *Node {
	if operand.Shape == n.Shape {
		return share
	}
	if share.Shape != Scalar {
		share = d.ReduceMean("", share)
	}
	return d.Scale(d.name(operand), share, float64(n.Shape.Len()))
}

// fill broadcasts an adjoint to the full shape where an operation needs it in full.
func (d differentiation) fill(adjoint *Node, shape Shape) *Node {
	if adjoint.Shape == shape {
		return adjoint
	}
	ones := d.Lazy(d.unused("ones"), shape, func(dst []float64, _ int) {
		for i := range dst {
			dst[i] = 1
		}
	})
	return d.Mul("", ones, adjoint)
}
