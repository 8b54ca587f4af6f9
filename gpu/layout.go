package gpu

import (
	"cmp"
	"fmt"
	"slices"

	"descent/gpu/device"
	"descent/gpu/graph"
)

// A tensor is a matrix of a plan on the device. A matrix that is larger than a storage block is cut
// along one axis into panels. Each panel is a row-major matrix in a buffer of its own.
type tensor struct {
	op     graph.Op
	shape  graph.Shape
	panels []panel
}

// A panel is rows×cols elements of a tensor from row and col on.
type panel struct {
	row, col   int
	rows, cols int
	slot       int // its buffer
}

func (p panel) len() int { return p.rows * p.cols }

// maxPanels is how many panels of a matrix are still a sensible number of dispatches.
const maxPanels = 1 << 16

// panel returns panel i of a tensor, or the only one.
func (t *tensor) panel(i int) panel { return t.panels[min(i, len(t.panels)-1)] }

// cut reports whether t is in several panels, and whether these are side by side rather than one
// below the other.
func (t *tensor) cut() (cut, sideBySide bool) {
	return len(t.panels) > 1, len(t.panels) > 1 && t.panels[1].col > 0
}

// layout decides how the nodes of a plan are cut, so that no panel has more than limit elements of
// size bytes. It numbers the slots from 0.
//
// Operations work panel by panel. Some pair axes, such as the columns of A and the rows of B in
// A·B, and paired axes have to be cut at the same places. So paired axes form a class, and layout
// cuts classes: for each matrix that is too large, the class of its longer axis.
func layout(plan *graph.Plan, limit, size int) (map[*graph.Node]*tensor, error) {
	axes := pairAxes(plan)
	nodes := slices.Concat(plan.Once, plan.Nodes)
	order := slices.Clone(nodes)
	slices.SortStableFunc(order, func(a, b *graph.Node) int { return cmp.Compare(b.Shape.Len(), a.Shape.Len()) })
	for _, n := range order {
		rows, cols := axes.of(n)
		if rows.block*cols.block <= limit {
			continue
		}
		long, across := rows, cols
		if cols.block < cols.extent || rows.block == rows.extent && cols.extent > rows.extent {
			long, across = cols, rows
		}
		if across.block > limit {
			return nil, &device.Error{Kind: device.Limit, Detail: fmt.Sprintf("node %q: %v values of %d bytes: one line of them takes %s, and a storage block of this device holds %s",
				n.Name, n.Shape, size, device.FormatBytes(across.block*size), device.FormatBytes(limit*size))}
		}
		long.block = limit / across.block
	}

	tensors := map[*graph.Node]*tensor{}
	slot := 0
	for _, n := range nodes {
		rows, cols := axes.of(n)
		if rows.block < rows.extent && cols.block < cols.extent {
			return nil, &device.Error{Kind: device.Limit, Detail: fmt.Sprintf("node %q: %v values of %d bytes would have to be cut both ways to fit storage blocks of %s",
				n.Name, n.Shape, size, device.FormatBytes(limit*size))}
		}
		if panels := (n.Shape.Len()-1)/(rows.block*cols.block) + 1; panels > maxPanels {
			return nil, &device.Error{Kind: device.Limit, Detail: fmt.Sprintf("node %q: %v values of %d bytes would have to be cut into %d panels to fit storage blocks of %s",
				n.Name, n.Shape, size, panels, device.FormatBytes(limit*size))}
		}
		t := &tensor{op: n.Op, shape: n.Shape}
		for row := 0; row < rows.extent; row += rows.block {
			for col := 0; col < cols.extent; col += cols.block {
				t.panels = append(t.panels, panel{row, col, min(rows.block, rows.extent-row), min(cols.block, cols.extent-col), slot})
				slot++
			}
		}
		tensors[n] = t
	}
	return tensors, nil
}

// An axis is a class of paired axes: extent elements, block of them in a panel.
type axis struct {
	extent, block int
	joined        *axis // the class that this one was joined to, or nil
}

func (a *axis) root() *axis {
	for a.joined != nil {
		a = a.joined
	}
	return a
}

// axisTable holds the classes of the rows and of the columns of each node.
type axisTable map[*graph.Node][2]*axis

func (t axisTable) of(n *graph.Node) (rows, cols *axis) { return t[n][0].root(), t[n][1].root() }

// pairAxes finds the classes of a plan.
func pairAxes(plan *graph.Plan) axisTable {
	t := axisTable{}
	for _, n := range slices.Concat(plan.Once, plan.Nodes) {
		t[n] = [2]*axis{{extent: n.Shape.Rows, block: n.Shape.Rows}, {extent: n.Shape.Cols, block: n.Shape.Cols}}
		t.pair(n, n.Inputs)
	}
	for _, n := range plan.Assigns {
		t.pair(n.Inputs[0], n.Inputs[1:])
	}
	return t
}

// pair joins the axes of n and its inputs that the operation pairs.
func (t axisTable) pair(n *graph.Node, inputs []*graph.Node) {
	rows, cols := t.of(n)
	switch n.Op {
	case graph.MatMul:
		aRows, aCols := t.of(inputs[0])
		bRows, bCols := t.of(inputs[1])
		join(rows, aRows)
		join(cols, bCols)
		join(aCols, bRows)
	case graph.Transpose:
		aRows, aCols := t.of(inputs[0])
		join(rows, aCols)
		join(cols, aRows)
	case graph.ReduceMean:
	default:
		for _, in := range inputs {
			if in.Shape == n.Shape { // a 1×1 operand that broadcasts is read whole
				inRows, inCols := t.of(in)
				join(rows, inRows)
				join(cols, inCols)
			}
		}
	}
}

func join(a, b *axis) {
	if a, b = a.root(), b.root(); a != b {
		b.joined = a
	}
}
