package graph

import "slices"

// An Optimized is what Plan.Optimize has made of a plan.
type Optimized struct {
	Plan    *Plan   // the same values by fewer operations
	Step    *Step   // the least-squares step that the plan is, or nil
	Reason  string  // why there is no Step, where there is none
	Hoisted []*Node // what is computed once, without the constants
	Fused   []Fusion

	before *Plan
	value  string // what the only assignment stores, expanded
}

// A Fusion is a node of the new plan and the nodes of the old one that it stands for, in
// the order of their results.
type Fusion struct {
	Into *Node
	From []*Node
}

// Optimize returns a plan that computes the same values as p, to the last bit, with fewer
// operations in a step. It
//
//   - hoists: what depends on constants alone moves to Plan.Once;
//   - fuses: element-wise nodes whose results only one other node reads become a part of that
//     node, which computes them in the same pass; and where that one is an Assign, the
//     pass writes the variable itself;
//   - recognises the least-squares step, by algebra. See Step.
//
// The values of nodes that were fused into others cannot be read any more; targets of Compile stay.
// p and its graph are not changed, and p may be the Plan of an Optimized.
//
// On OpenGL the bits are the same as long as no matrix is cut. Where some are, they are
// unless what is left of the graph is cut at other places, as it can be where two matrices of the
// same size compete for where the axis that they share is cut.
func (p *Plan) Optimize() *Optimized {
	o := &Optimized{before: p}
	o.Step, o.value, o.Reason = recognize(p)
	hoisted := p.hoist()
	for _, n := range hoisted.Once[len(p.Once):] {
		if n.Op != Constant {
			o.Hoisted = append(o.Hoisted, n)
		}
	}
	o.Plan, o.Fused = hoisted.fuse()
	return o
}

// hoist moves what depends on constants alone to Once.
func (p *Plan) hoist() *Plan {
	moved := &Plan{Once: slices.Clone(p.Once), Assigns: p.Assigns, Wanted: p.Wanted}
	fixed := map[*Node]bool{}
	for _, n := range p.Once {
		fixed[n] = true
	}
	for _, n := range p.Nodes {
		fixed[n] = n.Op != Variable
		for _, in := range n.Inputs {
			fixed[n] = fixed[n] && fixed[in]
		}
		if fixed[n] {
			moved.Once = append(moved.Once, n)
		} else {
			moved.Nodes = append(moved.Nodes, n)
		}
	}
	return moved
}
