package graph

import (
	"errors"
	"fmt"
	"slices"
)

// A Plan is what one step of a graph computes.
type Plan struct {
	// Once are nodes that depend on constants alone, and these constants, where Optimize has
	// found them: an executor computes them when it loads the plan.
	Once []*Node
	// Nodes are all others that the step needs, each once, inputs before the nodes that use them.
	Nodes []*Node
	// Assigns happen after all Nodes are computed, in any order: none reads what
	// another has written.
	Assigns []*Node
	// Wanted are the targets that are no assignments: values for somebody to read after a step.
	Wanted []*Node
}

// Compile plans the step that computes the targets: assignments, and other nodes
// whose values are wanted.
func (g *Graph) Compile(targets ...*Node) (*Plan, error) {
	if g.err != nil {
		return nil, g.err
	}
	assigned := map[*Node]*Node{}
	for i, t := range targets {
		switch {
		case t == nil:
			return nil, fmt.Errorf("compile: target %d is nil", i+1)
		case t.graph != g:
			return nil, fmt.Errorf("compile: target %q is a node of another graph", t.Name)
		case t.Op == Assign && assigned[t.Inputs[0]] != nil:
			return nil, fmt.Errorf("compile: %q and %q both assign to %q", assigned[t.Inputs[0]].Name, t.Name, t.Inputs[0].Name)
		case t.Op == Assign:
			assigned[t.Inputs[0]] = t
		}
	}
	if len(targets) == 0 {
		return nil, errors.New("compile: a step needs a target")
	}
	plan := &Plan{}
	for _, t := range targets {
		if t.Op != Assign {
			plan.Wanted = append(plan.Wanted, t)
		}
	}
	for _, n := range g.needed(targets...) {
		if n.Op != Assign {
			plan.Nodes = append(plan.Nodes, n)
			continue
		}
		// A variable that takes the value of another that changes in the same
		// step, as in a swap, must take the old one: it is copied first.
		if value := n.Inputs[1]; assigned[value] != nil {
			old := &Node{Name: "old " + value.Name + " for " + n.Name, Op: Scale, Shape: value.Shape, Inputs: []*Node{value}, Factor: 1}
			plan.Nodes = append(plan.Nodes, old)
			n = &Node{Name: n.Name, Op: Assign, Shape: n.Shape, Inputs: []*Node{n.Inputs[0], old}}
		}
		plan.Assigns = append(plan.Assigns, n)
	}
	return plan, nil
}

// String lists the nodes in the order of the step, assignments last, and before all
// others those that are computed once.
func (p *Plan) String() string { return list(p.all()) }

// all returns all nodes of the plan, inputs before the nodes that use them.
func (p *Plan) all() []*Node { return slices.Concat(p.Once, p.Nodes, p.Assigns) }

// needed returns the nodes that the targets depend on, and the targets, in the order of
// the graph.
func (g *Graph) needed(targets ...*Node) []*Node {
	marked := map[*Node]bool{}
	for _, t := range targets {
		marked[t] = true
	}
	for i := len(g.nodes) - 1; i >= 0; i-- {
		if n := g.nodes[i]; marked[n] {
			for _, in := range n.Inputs {
				marked[in] = true
			}
		}
	}
	var order []*Node
	for _, n := range g.nodes {
		if marked[n] {
			order = append(order, n)
		}
	}
	return order
}
