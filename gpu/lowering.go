package gpu

import (
	"fmt"
	"slices"

	"descent/dataset"
	"descent/gpu/device"
	"descent/gpu/graph"
	"descent/shaders"
)

// A lowering is a plan in terms of the device: buffers, and the dispatches of one step.
type lowering struct {
	tensors    map[string]*tensor // of every node, by name
	sizes      []int              // bytes of the buffer of each slot
	once       []dispatch         // before the first step
	dispatches []dispatch
	limit      int // elements in a buffer
	real       shaders.Real
	size       int // bytes of an element
}

// A dispatch is one run of a kernel. Its slots are numbers of buffers.
type dispatch struct {
	kernel   shaders.Kernel
	operands []int // at shaders.InputBindings
	result   int
	uniforms []uint32  // in the order of shaders.Uniforms
	factors  []float64 // none, one, or the four of elementwise.comp
	x, y, z  int       // work groups
	barrier  bool      // it has to wait for dispatches before it
}

// lower turns a plan into dispatches: one for every panel of every node, and one more for sums that
// come in parts. No buffer holds more than maxBytes.
func lower(plan *graph.Plan, precision dataset.Precision, maxBytes int64) (*lowering, error) {
	l := &lowering{tensors: map[string]*tensor{}, real: realOf(precision), size: precision.Bytes()}
	l.limit = int(min(maxBytes/int64(l.size), shaders.MaxElements))
	tensors, err := layout(plan, l.limit, l.size)
	if err != nil {
		return nil, err
	}
	for _, n := range slices.Concat(plan.Once, plan.Nodes) {
		l.tensors[n.Name] = tensors[n]
		for _, p := range tensors[n].panels {
			l.sizes = append(l.sizes, p.len()*l.size)
		}
	}
	if l.once, err = l.sequence(plan.Once, tensors); err != nil {
		return nil, err
	}
	l.dispatches, err = l.sequence(slices.Concat(plan.Nodes, plan.Assigns), tensors)
	if err != nil {
		return nil, err
	}
	return l, nil
}

// sequence returns the dispatches of nodes, one after the other.
func (l *lowering) sequence(nodes []*graph.Node, tensors map[*graph.Node]*tensor) ([]dispatch, error) {
	l.dispatches = nil
	for _, n := range nodes {
		var in []*tensor
		for _, input := range n.Inputs {
			in = append(in, tensors[input])
		}
		if err := l.node(n, tensors[n], in); err != nil {
			return nil, fmt.Errorf("node %q: %w", n.Name, err)
		}
	}
	l.placeBarriers()
	return l.dispatches, nil
}

// node adds the dispatches of one node.
func (l *lowering) node(n *graph.Node, out *tensor, in []*tensor) error {
	switch n.Op {
	case graph.Constant, graph.Variable:
	case graph.MatMul:
		return l.matMul(out, in[0], in[1])
	case graph.ReduceMean:
		return l.reduceMean(out, in[0])
	case graph.Transpose:
		for i, p := range in[0].panels {
			tile := shaders.TransposeTileFor(p.rows, p.cols)
			l.add(dispatch{kernel: shaders.Transpose(l.real, tile), operands: []int{p.slot}, result: out.panels[i].slot,
				uniforms: uniforms(p.rows, p.cols), x: shaders.Groups(p.rows, tile.Rows), y: shaders.Groups(p.cols, tile.Cols)})
		}
	case graph.Assign:
		if n.Expression != nil {
			l.elementwise(n, in[0], in)
			return nil
		}
		for i, p := range in[1].panels {
			l.add(dispatch{kernel: shaders.Assign(l.real), operands: []int{p.slot}, result: in[0].panels[i].slot,
				uniforms: uniforms(p.len()), x: shaders.Groups(p.len(), shaders.LocalSize)})
		}
	default:
		l.elementwise(n, out, in)
	}
	return nil
}

// matMul multiplies panel by panel. Operands cut along the inner dimension add parts to one sum.
// Otherwise the result is cut as one of the operands is.
func (l *lowering) matMul(out, a, b *tensor) error {
	if _, inner := a.cut(); inner {
		return l.product(out.panels[0], a.panels, b.panels)
	}
	for i, p := range out.panels {
		if err := l.product(p, []panel{a.panel(i)}, []panel{b.panel(i)}); err != nil {
			return err
		}
	}
	return nil
}

// product adds up the products of pairs of panels: out = Σ a[i]·b[i].
func (l *lowering) product(out panel, a, b []panel) error {
	size := out.len()
	maxParts := l.limit / size / len(a)
	var parts int
	var tiles []dispatch
	for i := range a {
		m, n, k := out.rows, out.cols, a[i].cols
		tile := shaders.MatMulTileFor(m, n, k)
		span := tile.Span(m, n, k, max(1, maxParts))
		d := dispatch{kernel: shaders.MatMul(l.real, tile), operands: []int{a[i].slot, b[i].slot}, result: out.slot,
			uniforms: uniforms(m, n, k, span, parts), x: shaders.Groups(m, tile.M), y: (k + span - 1) / span, z: shaders.Groups(n, tile.N)}
		tiles, parts = append(tiles, d), parts+d.y
	}
	if parts == 1 {
		l.add(tiles[0])
		return nil
	}
	sums, err := l.scratch(size, parts)
	if err != nil {
		return err
	}
	for _, d := range tiles {
		d.result = sums
		l.add(d)
	}
	block := shaders.ReduceBlockFor(size)
	l.add(dispatch{kernel: shaders.MatMulReduce(l.real, block), operands: []int{sums}, result: out.slot,
		uniforms: uniforms(size, parts), x: shaders.Groups(size, block)})
	return nil
}

// reduceMean sums each panel in parts and then the parts.
func (l *lowering) reduceMean(out, a *tensor) error {
	kernel := shaders.ReduceMean(l.real)
	var parts int
	var sums []dispatch
	for _, p := range a.panels {
		d := dispatch{kernel: kernel, operands: []int{p.slot}, uniforms: uniforms(p.len(), parts), factors: []float64{1}, x: shaders.ReduceMeanGroups(p.len())}
		sums, parts = append(sums, d), parts+d.x
	}
	last := dispatch{kernel: kernel, result: out.panels[0].slot, uniforms: uniforms(parts, 0), factors: []float64{1 / float64(a.shape.Len())}, x: 1}
	if parts == 1 {
		last.operands, last.uniforms = sums[0].operands, sums[0].uniforms
		l.add(last)
		return nil
	}
	slot, err := l.scratch(1, parts)
	if err != nil {
		return err
	}
	for _, d := range sums {
		d.result = slot
		l.add(d)
	}
	last.operands = []int{slot}
	l.add(last)
	return nil
}

// scratch returns the slot of a new buffer for parts sums of size elements.
func (l *lowering) scratch(size, parts int) (slot int, err error) {
	if size > l.limit/parts {
		return 0, &device.Error{Kind: device.Limit, Detail: fmt.Sprintf("%d partial sums of %s do not fit a storage block of %s", parts, device.FormatBytes(size*l.size), device.FormatBytes(l.limit*l.size))}
	}
	l.sizes = append(l.sizes, size*parts*l.size)
	return len(l.sizes) - 1, nil
}

func (l *lowering) add(d dispatch) {
	d.y, d.z = max(d.y, 1), max(d.z, 1)
	l.dispatches = append(l.dispatches, d)
}

// placeBarriers marks the dispatches that have to wait for others: those that read what was written
// since the last barrier, those that overwrite what may still be read, and the first, because it
// follows the step before. Two dispatches that write one slot write different parts of it. A
// dispatch that reads the old value of the variable that it writes reads what the step before has
// written.
func (l *lowering) placeBarriers() {
	var read, written map[int]bool
	for i := range l.dispatches {
		d := &l.dispatches[i]
		d.barrier = i == 0 || read[d.result] || slices.ContainsFunc(d.operands, func(slot int) bool { return written[slot] })
		if d.barrier {
			read, written = map[int]bool{}, map[int]bool{}
		}
		for _, slot := range d.operands {
			read[slot] = true
		}
		written[d.result] = true
	}
}

// bytes is the size of all buffers.
func (l *lowering) bytes() int {
	total := 0
	for _, s := range l.sizes {
		total += s
	}
	return total
}

func uniforms(values ...int) []uint32 {
	u := make([]uint32, len(values))
	for i, v := range values {
		u[i] = uint32(v)
	}
	return u
}
