package shaders

import (
	"fmt"
	"strings"
)

// An Op is an operation of elementwise.comp.
type Op string

const (
	Sub    Op = "SUB"
	Add    Op = "ADD"
	Mul    Op = "MUL"
	Scale  Op = "SCALE" // of a factor and an operand
	Square Op = "SQUARE"
)

// A Formula is what elementwise.comp computes, in terms of its macros: SUB(IN0,SCALE(FACTOR0,IN1)).
type Formula string

// Old is the element of the result that is overwritten.
const Old Formula = "OLD"

// MaxInputs and MaxFactors are how many of each a Formula may have.
const (
	MaxInputs  = 7 // with the result the 8 storage blocks that OpenGL 4.3 promises a shader
	MaxFactors = 4
)

// Input is the element of an input, which has the binding InputBindings[i].
func Input(i int) Formula { return Formula(fmt.Sprintf("IN%d", i)) }

// InputBindings are the bindings of the inputs of elementwise.comp; the first two are those
// of the operands of all shaders.
var InputBindings = [MaxInputs]int{BindingA, BindingB, BindingC, BindingD, BindingE, BindingF, BindingG}

// Factor is element i of the uniform factor.
func Factor(i int) Formula { return Formula(fmt.Sprintf("FACTOR%d", i)) }

// Of applies op to its operands.
func (op Op) Of(operands ...Formula) Formula {
	var list []string
	for _, f := range operands {
		list = append(list, string(f))
	}
	return Formula(fmt.Sprintf("%s(%s)", op, strings.Join(list, ",")))
}

// Elementwise is the kernel of elementwise.comp for a formula, whose inputs and factors count from
// 0.
func Elementwise(number Real, f Formula) Kernel {
	inputs := 0
	for strings.Contains(string(f), string(Input(inputs))) {
		inputs++
	}
	macros := []string{define("INPUTS", inputs), "EXPRESSION=" + string(f)}
	if strings.Contains(string(f), string(Factor(0))) {
		macros = append([]string{"VEC4=" + map[Real]string{Float: "vec4", Double: "dvec4"}[number]}, macros...)
	}
	return kernel("elementwise", number, macros...)
}

// formulas lists those that Variants has: every operation by itself, what the training steps of
// gpu/graph are fused into, and one with all that there can be. There is no end of others.
func formulas() []Formula {
	in, factor := Input, Factor
	all := []Formula{
		Sub.Of(in(0), in(1)), Add.Of(in(0), in(1)), Mul.Of(in(0), in(1)), Scale.Of(factor(0), in(0)), Square.Of(in(0)),

		// A step by hand.
		Sub.Of(Old, Mul.Of(in(0), Scale.Of(factor(0), in(1)))),
		// By gradients, with momentum.
		Sub.Of(Old, Mul.Of(in(0), in(1))),
		// By gradients, with a ridge penalty: its two formulas.
		Mul.Of(Scale.Of(factor(0), Sub.Of(in(0), in(1))), in(2)),
		Sub.Of(Old, Mul.Of(in(0), Add.Of(Mul.Of(Scale.Of(factor(0), Old), in(1)), in(2)))),
		// The velocity of momentum.
		Add.Of(Scale.Of(factor(0), in(0)), Scale.Of(factor(1), in(1))),
	}
	everything := Square.Of(Old)
	for i := range MaxInputs {
		term := in(i)
		if i < MaxFactors {
			term = Scale.Of(factor(i), term)
		}
		everything = []Op{Sub, Add, Mul}[i%3].Of(everything, term)
	}
	return append(all, everything)
}
