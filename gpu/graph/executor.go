package graph

import "fmt"

// An Executor runs the steps of a plan in plain Go, all arithmetic in T. It is the twin of
// the OpenGL executor: the same nodes, one after the other, each with a result of its own,
// and sums that go through as few roundings. A step allocates nothing.
type Executor[T Real] struct {
	values map[string][]T   // of every node of the plan, by name
	nodes  map[string]*Node // their operations and shapes
	steps  []func()
}

// NewExecutor reserves memory for every node of a plan, loads its constants and computes
// what depends on them alone. It keeps no reference to their sources.
func NewExecutor[T Real](plan *Plan) *Executor[T] {
	x := &Executor[T]{values: map[string][]T{}, nodes: map[string]*Node{}}
	for _, n := range plan.Once {
		if step := x.add(n); step != nil {
			step()
		}
	}
	for _, n := range plan.Nodes {
		if step := x.add(n); step != nil {
			x.steps = append(x.steps, step)
		}
	}
	for _, n := range plan.Assigns {
		x.steps = append(x.steps, x.assignment(n))
	}
	return x
}

// add reserves memory for a node, fills it if it is a constant, and returns the function
// that computes it, or nil for an input of the graph.
func (x *Executor[T]) add(n *Node) func() {
	x.nodes[n.Name] = &Node{Name: n.Name, Op: n.Op, Shape: n.Shape}
	x.values[n.Name] = make([]T, n.Shape.Len())
	switch n.Op {
	case Constant:
		x.load(n)
		return nil
	case Variable:
		return nil
	}
	return x.operation(n)
}

// load converts a constant a block of rows at a time.
func (x *Executor[T]) load(n *Node) {
	cols := n.Shape.Cols
	rows := max(1, (1<<16)/cols)
	staging := make([]float64, min(rows, n.Shape.Rows)*cols)
	values := x.values[n.Name]
	for row := 0; row < n.Shape.Rows; row += rows {
		part := values[row*cols : min(row+rows, n.Shape.Rows)*cols]
		n.Source(staging[:len(part)], row)
		convert(part, staging)
	}
}

// operation returns the function that computes n from its inputs.
func (x *Executor[T]) operation(n *Node) func() {
	out, a := x.values[n.Name], x.values[n.Inputs[0].Name]
	rows, cols := n.Inputs[0].Shape.Rows, n.Inputs[0].Shape.Cols
	switch n.Op {
	case Transpose:
		return func() { transpose(out, a, rows, cols) }
	case ReduceMean:
		return func() { out[0] = reduceMean(a, T(1/float64(len(a)))) }
	case MatMul:
		b := x.values[n.Inputs[1].Name]
		return func() { matMul(out, a, b, cols) }
	}
	return x.expression(out, n)
}

// assignment returns the function that gives a variable its new value.
func (x *Executor[T]) assignment(n *Node) func() {
	variable := x.values[n.Inputs[0].Name]
	if n.Expression != nil {
		return x.expression(variable, n)
	}
	value := x.values[n.Inputs[1].Name]
	return func() { copy(variable, value) }
}

// expression returns the function that computes the element-wise n in one pass.
func (x *Executor[T]) expression(out []T, n *Node) func() {
	var inputs [][]T
	for _, in := range n.Inputs {
		inputs = append(inputs, x.values[in.Name])
	}
	code := compile(n.Elementwise(), inputs)
	return func() { elementwise(out, code) }
}

// Run takes steps steps.
func (x *Executor[T]) Run(steps int) error {
	if steps < 0 {
		return fmt.Errorf("graph: %d steps", steps)
	}
	for range steps {
		for _, step := range x.steps {
			step()
		}
	}
	return nil
}

// Set gives a variable new values, rounded to T.
func (x *Executor[T]) Set(variable string, values []float64) error {
	if err := CheckSet(x.nodes[variable], variable, len(values)); err != nil {
		return err
	}
	convert(x.values[variable], values)
	return nil
}

// Get copies the values of any node of the plan to dst: of a variable its present ones, of other
// nodes those of the last step.
func (x *Executor[T]) Get(name string, dst []float64) error {
	if err := CheckGet(x.nodes[name], name, len(dst)); err != nil {
		return err
	}
	convert(dst, x.values[name])
	return nil
}

// CheckSet says what is wrong with giving n, which the caller's plan has under that
// name or which is nil, length values; for executors.
func CheckSet(n *Node, name string, length int) error {
	if n != nil && n.Op != Variable {
		return fmt.Errorf("node %q: a %v has no values to set", name, n.Op)
	}
	return CheckGet(n, name, length)
}

// CheckGet says what is wrong with reading length values from n; for executors.
func CheckGet(n *Node, name string, length int) error {
	if n == nil {
		return fmt.Errorf("node %q: not in the plan", name)
	}
	if length != n.Shape.Len() {
		return fmt.Errorf("node %q: %v %v holds %d values, not %d", name, n.Op, n.Shape, n.Shape.Len(), length)
	}
	return nil
}

// convert sets dst[i] = src[i], rounded to the type of dst.
func convert[D, S Real](dst []D, src []S) {
	for i := range dst {
		dst[i] = D(src[i])
	}
}
