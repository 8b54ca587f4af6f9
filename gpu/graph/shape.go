package graph

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// A Shape is the size of a matrix, stored row-major.
type Shape struct{ Rows, Cols int }

// Scalar is the shape of a single number.
var Scalar = Shape{1, 1}

func (s Shape) String() string { return fmt.Sprintf("%d×%d", s.Rows, s.Cols) }

// Len returns the number of elements.
func (s Shape) Len() int { return s.Rows * s.Cols }

// T returns the shape of the transpose.
func (s Shape) T() Shape { return Shape{s.Cols, s.Rows} }

func (s Shape) check() error {
	switch {
	case s.Rows < 1 || s.Cols < 1:
		return fmt.Errorf("shape %v: both sizes must be at least 1", s)
	case s.Rows > math.MaxInt/s.Cols:
		return fmt.Errorf("shape %v: more than %d elements", s, math.MaxInt)
	}
	return nil
}

// resultShape is the shape rule of each operation.
func resultShape(op Op, in []*Node) (Shape, error) {
	a := in[0].Shape
	switch op {
	case Transpose:
		return a.T(), nil
	case Scale, Square:
		return a, nil
	case ReduceMean:
		return Scalar, nil
	}
	b := in[1].Shape
	switch {
	case op == MatMul && a.Cols != b.Rows:
		return Shape{}, fmt.Errorf("inner dimensions %d and %d differ", a.Cols, b.Rows)
	case op == MatMul:
		return Shape{a.Rows, b.Cols}, nil
	case op == Assign && in[0].Op != Variable:
		return Shape{}, fmt.Errorf("%q is a %v, not a Variable", in[0].Name, in[0].Op)
	case op == Assign && a != b:
		return Shape{}, errors.New("the shapes differ")
	case a == b || b == Scalar:
		return a, nil
	case a == Scalar:
		return b, nil
	}
	return Shape{}, errors.New("the shapes differ, and neither is 1×1")
}

// shapes lists the shapes of nodes as in "3×2 and 4×1".
func shapes(nodes []*Node) string {
	var list []string
	for _, n := range nodes {
		list = append(list, n.Shape.String())
	}
	return strings.Join(list, " and ")
}
