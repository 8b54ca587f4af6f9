package gpu

import (
	"descent/gpu/graph"
	"descent/shaders"
)

// What graph.Plan.Optimize fuses is a shaders.Formula.
const (
	_ = uint(shaders.MaxInputs - graph.MaxOperands)
	_ = uint(shaders.MaxFactors - graph.MaxFactors)
)

// elementwise computes the expression of n panel by panel. In an Assign, input 0 is the variable,
// and the formula's inputs are the others.
func (l *lowering) elementwise(n *graph.Node, out *tensor, in []*tensor) {
	f := formula{}
	if n.Op == graph.Assign {
		f.variables, in = 1, in[1:]
	}
	kernel := shaders.Elementwise(l.real, f.of(n.Elementwise()))
	var factors []float64
	if f.factors != nil {
		factors = append(f.factors, make([]float64, shaders.MaxFactors-len(f.factors))...)
	}
	for i, p := range out.panels {
		d := dispatch{kernel: kernel, result: p.slot, uniforms: uniforms(p.len()), factors: factors, x: shaders.Groups(p.len(), shaders.LocalSize)}
		for _, t := range in {
			d.operands, d.uniforms = append(d.operands, t.panel(i).slot), append(d.uniforms, uint32(stride(t)))
		}
		l.add(d)
	}
}

// A formula is an expression of the graph on its way to the shader's macros.
type formula struct {
	variables int // how many of the node's inputs, the first, are the result itself
	factors   []float64
}

func (f *formula) of(e *graph.Expression) shaders.Formula {
	switch {
	case len(e.Operands) == 0 && e.Input < f.variables:
		return shaders.Old
	case len(e.Operands) == 0:
		return shaders.Input(e.Input - f.variables)
	}
	var operands []shaders.Formula
	if e.Op == graph.Scale {
		operands = append(operands, shaders.Factor(len(f.factors)))
		f.factors = append(f.factors, e.Factor)
	}
	for _, operand := range e.Operands {
		operands = append(operands, f.of(operand))
	}
	return elementwiseOps[e.Op].Of(operands...)
}

var elementwiseOps = map[graph.Op]shaders.Op{
	graph.Sub: shaders.Sub, graph.Add: shaders.Add, graph.Mul: shaders.Mul, graph.Scale: shaders.Scale, graph.Square: shaders.Square,
}

// stride is the step between the elements of an operand: 0 for a single number, which
// broadcasts.
func stride(t *tensor) int { return min(1, t.shape.Len()-1) }
