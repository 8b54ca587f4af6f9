package graph

import "slices"

// A fusion is a plan on its way to one with fewer element-wise nodes.
type fusion struct {
	uses     map[*Node]int  // how often operations of the step read a node
	kept     map[*Node]bool // nodes whose values are computed once, or wanted
	assigned map[*Node]bool // variables that change
	absorbed map[*Node]bool // nodes that are computed within the only one that reads them
}

// fuse merges element-wise nodes into the nodes that read them. All operands of such a node have
// its shape or are 1×1, so what is cut into panels on a device is cut alike.
func (p *Plan) fuse() (*Plan, []Fusion) {
	f := fusion{uses: map[*Node]int{}, kept: map[*Node]bool{}, assigned: map[*Node]bool{}, absorbed: map[*Node]bool{}}
	for _, n := range slices.Concat(p.Once, p.Wanted) {
		f.kept[n] = true
	}
	for _, n := range p.Assigns {
		f.assigned[n.Inputs[0]] = true
	}
	step := slices.Concat(p.Nodes, p.Assigns)
	for _, n := range step {
		for _, in := range n.reads() {
			f.uses[in]++
		}
	}
	for _, n := range slices.Backward(step) {
		if !f.absorbed[n] {
			f.grow(n)
		}
	}
	return f.rebuild(p)
}

// grow absorbs into root what it can of the tree of its operands, those nearest first.
func (f *fusion) grow(root *Node) {
	if root.Elementwise() == nil && root.Op != Assign {
		return
	}
	for queue := slices.Clone(root.Inputs); len(queue) > 0; queue = queue[1:] {
		in := queue[0]
		if in.Elementwise() == nil || f.uses[in] != 1 || f.kept[in] {
			continue
		}
		f.absorbed[in] = true
		if !f.fits(root) {
			delete(f.absorbed, in)
			continue
		}
		queue = append(queue, in.Inputs...)
	}
}

// fits reports whether root can compute what it has absorbed. As an Assign it must not
// read other variables that change, for which there is no order among assignments.
func (f *fusion) fits(root *Node) bool {
	m := f.merge(root)
	operands := m.inputs
	if root.Op == Assign {
		operands = operands[1:]
		for _, in := range operands {
			if f.assigned[in] {
				return false
			}
		}
	}
	return m.expression.check(len(operands)) == nil
}

// merged is a node with what it has absorbed.
type merged struct {
	expression *Expression // nil for an Assign that copies
	inputs     []*Node
	from       []*Node
}

// merge returns the expression of root over the nodes that are not absorbed.
func (f *fusion) merge(root *Node) *merged {
	m := &merged{}
	e := root.Elementwise()
	if root.Op == Assign {
		m.inputs = append(m.inputs, root.Inputs[0])
		if e == nil {
			e = &Expression{Input: 1}
		}
	}
	m.expression = f.inline(m, e, root.Inputs)
	m.from = append(m.from, root)
	return m
}

// inline returns e with absorbed inputs replaced by their expressions and the others
// numbered as m has them.
func (f *fusion) inline(m *merged, e *Expression, inputs []*Node) *Expression {
	if e.leaf() {
		in := inputs[e.Input]
		if f.absorbed[in] {
			inner := f.inline(m, in.Elementwise(), in.Inputs)
			m.from = append(m.from, in)
			return inner
		}
		i := slices.Index(m.inputs, in)
		if i < 0 {
			i = len(m.inputs)
			m.inputs = append(m.inputs, in)
		}
		return &Expression{Input: i}
	}
	whole := &Expression{Op: e.Op, Factor: e.Factor}
	for _, operand := range e.Operands {
		whole.Operands = append(whole.Operands, f.inline(m, operand, inputs))
	}
	return whole
}

// rebuild returns the plan without what was absorbed. Nodes that stay as they are stay the same
// nodes.
func (f *fusion) rebuild(p *Plan) (*Plan, []Fusion) {
	var fused []Fusion
	replaced := map[*Node]*Node{} // every node of p that is not absorbed by that of the new plan
	for _, n := range p.Once {
		replaced[n] = n
	}
	now := func(nodes []*Node) (now []*Node) {
		for _, n := range nodes {
			now = append(now, replaced[n])
		}
		return now
	}
	rebuild := func(nodes []*Node) (kept []*Node) {
		for _, n := range nodes {
			if f.absorbed[n] {
				continue
			}
			again := *n
			if slices.ContainsFunc(n.Inputs, func(in *Node) bool { return f.absorbed[in] }) {
				m := f.merge(n)
				again.Inputs, again.Expression = m.inputs, m.expression
				if n.Op != Assign {
					again.Op, again.Factor = Fused, 0
				}
				fused = append(fused, Fusion{Into: &again, From: m.from})
			}
			again.Inputs = now(again.Inputs)
			replaced[n] = n
			if again.Expression != n.Expression || !slices.Equal(again.Inputs, n.Inputs) {
				replaced[n] = &again
			}
			kept = append(kept, replaced[n])
		}
		return kept
	}
	q := &Plan{Once: p.Once, Nodes: rebuild(p.Nodes), Assigns: rebuild(p.Assigns)}
	q.Wanted = now(p.Wanted)
	return q, fused
}
