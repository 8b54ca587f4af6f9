package graph

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestGradientsRefuses(t *testing.T) {
	var g, other Graph
	v, w := g.Variable("v", Shape{2, 1}), g.Variable("w", Shape{2, 1})
	mse := g.ReduceMean("mse", g.Square("", v))
	for _, tt := range []struct {
		cost, x *Node
		want    string
	}{
		{g.Square("q", v), v, `gradients: cost "q" is 2×1, not 1×1`},
		{mse, w, `gradients: cost "mse" does not depend on "w"`},
		{mse, other.Variable("z", Scalar), `gradients: cost "mse" and "z" are nodes of different graphs`},
		{mse, nil, `gradients: a node is nil`},
	} {
		before := g.String()
		if _, err := Gradients(tt.cost, tt.x); err == nil || err.Error() != tt.want {
			t.Errorf("got %v, want %s", err, tt.want)
		}
		if after := g.String(); after != before {
			t.Errorf("%s: the refused call changed the graph:\n%s", tt.want, after)
		}
	}
}

// A random graph over a 3×3 variable v and a 1×1 variable s: each node is 3×3 or
// 1×1, so that any two can be combined, by every operation that has a derivative.
func randomCost(t *rapid.T, g *Graph) (cost, v, s *Node) {
	value := rapid.Float64Range(-1, 1)
	v, s = g.Variable("v", Shape{3, 3}), g.Variable("s", Scalar)
	nodes := []*Node{v, s, g.Constant("k", Shape{3, 3}, rapid.SliceOfN(value, 9, 9).Draw(t, "k"))}
	pick := func(label string) *Node { return rapid.SampledFrom(nodes).Draw(t, label) }
	for i := range rapid.IntRange(1, 8).Draw(t, "nodes") {
		a, b := pick(fmt.Sprint("a", i)), pick(fmt.Sprint("b", i))
		var n *Node
		switch op := rapid.SampledFrom([]Op{MatMul, Transpose, Sub, Add, Mul, Scale, Square, ReduceMean}).Draw(t, "op"); op {
		case MatMul:
			if a.Shape != b.Shape {
				continue
			}
			n = g.MatMul("", a, b)
		case Transpose:
			n = g.Transpose("", a)
		case Sub:
			n = g.Sub("", a, b)
		case Add:
			n = g.Add("", a, b)
		case Mul:
			n = g.Mul("", a, b)
		case Scale:
			n = g.Scale("", a, rapid.Float64Range(-2, 2).Draw(t, "factor"))
		case Square:
			n = g.Square("", a)
		case ReduceMean:
			n = g.ReduceMean("", a)
		}
		nodes = append(nodes, n)
	}
	// Mul by v and s makes the cost depend on both.
	last := nodes[len(nodes)-1]
	return g.ReduceMean("cost", g.Mul("", g.Mul("", last, v), s)), v, s
}

func TestGradientsAgreeWithFiniteDifferences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var g Graph
		cost, v, s := randomCost(t, &g)
		dv, err := Gradients(cost, v)
		if err != nil {
			t.Fatal(err)
		}
		ds, err := Gradients(cost, s)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := g.Compile(cost, dv, ds)
		if err != nil {
			t.Fatal(err)
		}
		if dv.Shape != v.Shape || ds.Shape != s.Shape {
			t.Fatalf("gradients of shapes %v, %v for %v, %v", dv.Shape, ds.Shape, v.Shape, s.Shape)
		}
		x := NewExecutor[float64](plan)
		value := rapid.Float64Range(-1, 1)
		at := append(rapid.SliceOfN(value, 9, 9).Draw(t, "v"), value.Draw(t, "s"))
		evaluate := func(name string, length int) []float64 {
			dst := make([]float64, length)
			for _, err := range []error{x.Set("v", at[:9]), x.Set("s", at[9:]), x.Run(1), x.Get(name, dst)} {
				if err != nil {
					t.Fatal(err)
				}
			}
			return dst
		}
		gradient := append(evaluate(dv.Name, 9), evaluate(ds.Name, 1)...)
		for i, analytic := range gradient {
			centre := at[i]
			f := func(h float64) float64 { at[i] = centre + h; return evaluate("cost", 1)[0] }
			// Two central differences, of steps h and 2h, cancel each other's h²
			// term. What remains is of the order h⁴·f⁽⁵⁾; their difference from
			// each other bounds it with much room, since it still has the h² term.
			// Rounding adds about ε|f|/h.
			const h = 1e-3
			near, far := (f(h)-f(-h))/(2*h), (f(2*h)-f(-2*h))/(4*h)
			at[i] = centre
			numeric := near + (near-far)/3
			tolerance := 1e-9*(1+math.Abs(numeric)+math.Abs(f(0))) + math.Abs(near-far)/10
			if !(math.Abs(analytic-numeric) <= tolerance) {
				t.Fatalf("derivative %d: %g, finite differences say %g ± %g, in\n%v", i, analytic, numeric, tolerance, &g)
			}
		}
	})
}

func TestGradientOfACostByItselfIsOne(t *testing.T) {
	var g Graph
	v := g.Variable("v", Scalar)
	d, err := Gradients(v, v)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := g.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, NewExecutor[float64](plan), d.Name, 1)[0]; got != 1 {
		t.Errorf("dv/dv = %g", got)
	}
}
