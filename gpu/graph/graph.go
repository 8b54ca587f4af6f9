// Package graph builds computations on matrices as graphs of named nodes, as TensorFlow does. A
// graph is built once, and every shape is checked. Gradients differentiates it. Compile makes a
// Plan of it, and Optimize makes the plan shorter. An executor runs the plan many times: Executor
// here in plain Go, or the executor of package gpu on OpenGL.
//
// Where things are:
//
//	graph.go        Op, Node, Graph: building; shape.go the shapes and their check
//	gradients.go    Gradients: reverse-mode differentiation
//	plan.go         Plan: what one step computes, in order
//	executor.go     Executor, the twin in Go; kernels.go what its operations compute
//	step.go         LeastSquares and its training steps
//	optimize.go     Plan.Optimize, and hoisting out of the step; explain.go tells what was done
//	fuse.go         element-wise nodes joined to one; expression.go what such a node computes
//	recognize.go    the least-squares step found in a plan
//	algebra.go      sums of products of matrices, for that; expand.go multiplies a node out to one
package graph

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// An Op is what a node computes from its inputs.
type Op uint8

// The operations. A and B are the inputs, r×c matrices unless said otherwise; in
// Sub, Add and Mul an operand of 1×1 broadcasts to the shape of the other.
const (
	Constant   Op = iota // values fixed when the graph is built
	Variable             // values kept between steps, changed by Assign
	MatMul               // A·B, the m×n product of m×k and k×n
	Transpose            // Aᵀ, c×r
	Sub                  // A − B
	Add                  // A + B
	Mul                  // A∘B, element by element
	Scale                // factor·A, the factor fixed when the graph is built
	Square               // A∘A
	ReduceMean           // the mean of all elements of A, 1×1
	Assign               // A ← B at the end of the step; A is a Variable
	// Several of Sub to Square, Scale among them, in one: made by Plan.Optimize.
	Fused
)

var opNames = [...]string{"Constant", "Variable", "MatMul", "Transpose", "Sub", "Add", "Mul", "Scale", "Square", "ReduceMean", "Assign", "Fused"}

func (op Op) String() string { return opNames[op] }

// A Source gives the values of a constant, a few rows at a time, so that a large
// matrix need not exist in memory a second time: it fills dst with the
// row-major values of whole rows, the first of which is row.
type Source func(dst []float64, row int)

// Values is the Source of a row-major matrix with cols columns. It keeps data.
func Values(data []float64, cols int) Source {
	return func(dst []float64, row int) { copy(dst, data[row*cols:]) }
}

// A Node is a matrix in a graph: an input, or the result of an operation. Nodes
// are made by the methods of Graph and not changed afterwards.
type Node struct {
	Name   string // unique in the graph
	Op     Op
	Shape  Shape
	Inputs []*Node // operands, in the order of the operation
	Factor float64 // of a Scale
	Source Source  // of a Constant
	// Expression is what a Fused computes, and what an Assign stores that computes it
	// itself: input 0, its variable, is then the old value. It is nil in other nodes.
	Expression *Expression

	graph *Graph
}

// A Graph holds nodes in the order in which they were made, so inputs always come before
// the nodes that use them. The zero Graph is empty and ready. The first error
// sticks: from then on every method that makes a node returns nil, so a whole
// graph can be written down before Err is looked at.
type Graph struct {
	nodes []*Node
	named map[string]*Node
	err   error
}

// Err returns the first error met while building.
func (g *Graph) Err() error { return g.err }

// Node returns the node of that name, or nil.
func (g *Graph) Node(name string) *Node { return g.named[name] }

// Constant adds a matrix with the given row-major values, which it keeps. An empty name,
// here and in every other method, stands for one that is made up.
func (g *Graph) Constant(name string, shape Shape, values []float64) *Node {
	if shape.check() == nil && len(values) != shape.Len() {
		return g.fail("node %q: Constant %v holds %d values, not %d", name, shape, shape.Len(), len(values))
	}
	return g.Lazy(name, shape, Values(values, shape.Cols))
}

// Lazy adds a constant whose values come from a Source whenever an executor loads it.
func (g *Graph) Lazy(name string, shape Shape, source Source) *Node {
	if source == nil {
		return g.fail("node %q: a Constant needs a source", name)
	}
	return g.add(&Node{Name: name, Op: Constant, Shape: shape, Source: source})
}

// Variable adds a matrix that keeps its values between steps. They start as zeros.
func (g *Graph) Variable(name string, shape Shape) *Node {
	return g.add(&Node{Name: name, Op: Variable, Shape: shape})
}

// MatMul adds the matrix product a·b.
func (g *Graph) MatMul(name string, a, b *Node) *Node { return g.apply(name, MatMul, 0, a, b) }

// Transpose adds aᵀ.
func (g *Graph) Transpose(name string, a *Node) *Node { return g.apply(name, Transpose, 0, a) }

// Sub adds a − b.
func (g *Graph) Sub(name string, a, b *Node) *Node { return g.apply(name, Sub, 0, a, b) }

// Add adds a + b.
func (g *Graph) Add(name string, a, b *Node) *Node { return g.apply(name, Add, 0, a, b) }

// Mul adds the element-wise product of a and b.
func (g *Graph) Mul(name string, a, b *Node) *Node { return g.apply(name, Mul, 0, a, b) }

// Scale adds factor·a.
func (g *Graph) Scale(name string, a *Node, factor float64) *Node {
	return g.apply(name, Scale, factor, a)
}

// Square adds a∘a.
func (g *Graph) Square(name string, a *Node) *Node { return g.apply(name, Square, 0, a) }

// ReduceMean adds the mean of all elements of a.
func (g *Graph) ReduceMean(name string, a *Node) *Node { return g.apply(name, ReduceMean, 0, a) }

// Assign adds variable ← value, which happens at the end of a step: everything
// else in the step, other assignments too, reads the old value. The node is for
// Compile alone; no other node can use it.
func (g *Graph) Assign(name string, variable, value *Node) *Node {
	return g.apply(name, Assign, 0, variable, value)
}

// apply adds the result of an operation after checking its inputs.
func (g *Graph) apply(name string, op Op, factor float64, inputs ...*Node) *Node {
	if g.err != nil {
		return nil
	}
	for i, in := range inputs {
		switch {
		case in == nil:
			return g.fail("node %q: %v: operand %d is nil", name, op, i+1)
		case in.graph != g:
			return g.fail("node %q: %v: operand %q is a node of another graph", name, op, in.Name)
		case in.Op == Assign:
			return g.fail("node %q: %v: operand %q is an Assign, which happens at the end of a step", name, op, in.Name)
		}
	}
	shape, err := resultShape(op, inputs)
	if err != nil {
		return g.fail("node %q: %v of %s: %w", name, op, shapes(inputs), err)
	}
	return g.add(&Node{Name: name, Op: op, Shape: shape, Inputs: inputs, Factor: factor})
}

// add appends a node, naming it if it has no name.
func (g *Graph) add(n *Node) *Node {
	if g.err != nil {
		return nil
	}
	if n.Name == "" {
		n.Name = g.unused(strings.ToLower(n.Op.String()))
	}
	if g.named[n.Name] != nil {
		return g.fail("node %q: the graph has a node of that name, a %v", n.Name, g.named[n.Name].Op)
	}
	if err := n.Shape.check(); err != nil {
		return g.fail("node %q: %v: %w", n.Name, n.Op, err)
	}
	if g.named == nil {
		g.named = map[string]*Node{}
	}
	n.graph = g
	g.named[n.Name] = n
	g.nodes = append(g.nodes, n)
	return n
}

// unused returns name, or name_2, name_3 and so on, whichever is free.
func (g *Graph) unused(name string) string {
	free := name
	for i := 2; g.named[free] != nil; i++ {
		free = fmt.Sprintf("%s_%d", name, i)
	}
	return free
}

func (g *Graph) fail(format string, args ...any) *Node {
	if g.err == nil {
		g.err = fmt.Errorf(format, args...)
	}
	return nil
}

// String lists the nodes, a line each: name, operation, shape, inputs.
func (g *Graph) String() string { return list(g.nodes) }

func list(nodes []*Node) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, n := range nodes {
		fmt.Fprintf(w, "%s\t%v\t%v", n.Name, n.Op, n.Shape)
		if formula := n.Formula(); formula != "" {
			fmt.Fprintf(w, "\t%s", formula)
		}
		fmt.Fprintln(w)
	}
	w.Flush()
	return b.String()
}

// Formula lists the inputs of n and its factor, and is what it computes of them where that is
// an Expression: "w ← w − rate∘g".
func (n *Node) Formula() string {
	if n.Expression != nil {
		formula := n.Expression.infix(n.Inputs)
		if n.Op == Assign {
			formula = n.Inputs[0].Name + " ← " + formula
		}
		return formula
	}
	var inputs []string
	for _, in := range n.Inputs {
		inputs = append(inputs, in.Name)
	}
	if n.Op == Scale {
		inputs = append(inputs, fmt.Sprint(n.Factor))
	}
	return strings.Join(inputs, ", ")
}
