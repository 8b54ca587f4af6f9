package graph

import (
	"fmt"
	"strconv"
	"strings"
)

// The bounds of an Expression in one node. An OpenGL 4.3 device shows a shader at least 8
// storage blocks, one of which takes the result.
const (
	MaxOperands   = 7
	MaxFactors    = 4
	maxOperations = 16
)

// An Expression is a tree of element-wise operations, each rounded on its own, so that it
// gives the bits that a node for each would give. A leaf is an input of the node that the
// expression belongs to.
type Expression struct {
	Op       Op            // Sub, Add, Mul, Scale or Square, where there are operands
	Operands []*Expression // none in a leaf
	Input    int           // of a leaf: which of the node's inputs it is
	Factor   float64       // of a Scale
}

// Elementwise returns what n computes element by element: its own operation, or the expression of a
// Fused and of an Assign that computes what it stores. It is nil for other nodes.
func (n *Node) Elementwise() *Expression {
	switch n.Op {
	case Fused, Assign:
		return n.Expression
	case Sub, Add, Mul, Scale, Square:
		e := &Expression{Op: n.Op, Factor: n.Factor}
		for i := range n.Inputs {
			e.Operands = append(e.Operands, &Expression{Input: i})
		}
		return e
	}
	return nil
}

func (e *Expression) leaf() bool { return len(e.Operands) == 0 }

// reads returns the operands of n, each as often as it is one.
func (n *Node) reads() []*Node {
	if n.Expression == nil {
		return n.Inputs
	}
	return n.Expression.leaves(n.Inputs)
}

func (e *Expression) leaves(inputs []*Node) []*Node {
	if e.leaf() {
		return []*Node{inputs[e.Input]}
	}
	var all []*Node
	for _, operand := range e.Operands {
		all = append(all, operand.leaves(inputs)...)
	}
	return all
}

// count returns the number of operations, and how many of them are a Scale.
func (e *Expression) count() (operations, factors int) {
	if e.leaf() {
		return 0, 0
	}
	operations = 1
	if e.Op == Scale {
		factors = 1
	}
	for _, operand := range e.Operands {
		o, f := operand.count()
		operations, factors = operations+o, factors+f
	}
	return operations, factors
}

// infix writes e as a formula of the names of inputs: "w − rate∘(0.2·e)". Parentheses show
// the order of the roundings.
func (e *Expression) infix(inputs []*Node) string {
	if e.leaf() {
		return inputs[e.Input].Name
	}
	operand := func(i, above int) string {
		text := e.Operands[i].infix(inputs)
		if !e.Operands[i].leaf() && e.Operands[i].precedence() <= above {
			text = "(" + text + ")"
		}
		return text
	}
	mine := e.precedence()
	switch e.Op {
	case Scale:
		return number(e.Factor) + "·" + operand(0, mine)
	case Square:
		return "(" + e.Operands[0].infix(inputs) + ")²"
	}
	sign := map[Op]string{Sub: " − ", Add: " + ", Mul: "∘"}[e.Op]
	return operand(0, mine-1) + sign + operand(1, mine)
}

// precedence is higher for an operation that binds its operands more closely.
func (e *Expression) precedence() int {
	switch e.Op {
	case Sub, Add:
		return 1
	case Mul, Scale:
		return 2
	}
	return 3
}

// number writes a factor for people, to six digits.
func number(x float64) string {
	text := strconv.FormatFloat(x, 'g', 6, 64)
	if digits, negative := strings.CutPrefix(text, "-"); negative {
		return "−" + digits
	}
	return text
}

// An instruction of a compiled expression pushes an element of an input on a stack, or puts the
// result of an operation in the place of its operands on top of it.
type instruction[T Real] struct {
	op     Op
	input  []T // to push; nil for an operation
	stride int // of input: 0 for a single number, which broadcasts
	factor T
}

// compile turns e into instructions, the last of which leaves the result.
func compile[T Real](e *Expression, inputs [][]T) []instruction[T] {
	if e.leaf() {
		in := inputs[e.Input]
		return []instruction[T]{{input: in, stride: min(1, len(in)-1)}}
	}
	var code []instruction[T]
	for _, operand := range e.Operands {
		code = append(code, compile(operand, inputs)...)
	}
	return append(code, instruction[T]{op: e.Op, factor: T(e.Factor)})
}

// check says what is wrong with an expression of a node with so many inputs.
func (e *Expression) check(inputs int) error {
	switch operations, factors := e.count(); {
	case inputs > MaxOperands:
		return fmt.Errorf("%d inputs, and %d is the most", inputs, MaxOperands)
	case factors > MaxFactors:
		return fmt.Errorf("%d factors, and %d is the most", factors, MaxFactors)
	case operations > maxOperations:
		return fmt.Errorf("%d operations, and %d is the most", operations, maxOperations)
	}
	return nil
}
