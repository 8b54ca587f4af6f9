package graph

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// inputs adds the constants that the tests below combine.
func inputs(g *Graph) map[string]*Node {
	in := map[string]*Node{}
	for name, s := range map[string]Shape{"s": Scalar, "a32": {3, 2}, "b24": {2, 4}, "c41": {4, 1}, "d32": {3, 2}} {
		in[name] = g.Constant(name, s, make([]float64, s.Len()))
	}
	in["v"] = g.Variable("v", Shape{3, 2})
	return in
}

func TestShapesFollowFromTheInputs(t *testing.T) {
	var g Graph
	in := inputs(&g)
	for _, tt := range []struct {
		node *Node
		want Shape
	}{
		{g.MatMul("", in["a32"], in["b24"]), Shape{3, 4}},
		{g.Transpose("", in["b24"]), Shape{4, 2}},
		{g.Sub("", in["a32"], in["d32"]), Shape{3, 2}},
		{g.Add("", in["s"], in["d32"]), Shape{3, 2}},
		{g.Mul("", in["a32"], in["s"]), Shape{3, 2}},
		{g.Mul("", in["s"], in["s"]), Scalar},
		{g.Scale("", in["c41"], 3), Shape{4, 1}},
		{g.Square("", in["b24"]), Shape{2, 4}},
		{g.ReduceMean("", in["b24"]), Scalar},
		{g.Assign("", in["v"], in["a32"]), Shape{3, 2}},
	} {
		if g.Err() != nil {
			t.Fatal(g.Err())
		}
		if tt.node.Shape != tt.want {
			t.Errorf("%v of %s is %v, want %v", tt.node.Op, shapes(tt.node.Inputs), tt.node.Shape, tt.want)
		}
	}
}

func TestBadNodesAreNamed(t *testing.T) {
	var other Graph
	foreign := other.Variable("z", Scalar)
	for _, tt := range []struct {
		want  string
		build func(g *Graph, in map[string]*Node)
	}{
		{`node "y": MatMul of 3×2 and 4×1: inner dimensions 2 and 4 differ`,
			func(g *Graph, in map[string]*Node) { g.MatMul("y", in["a32"], in["c41"]) }},
		{`node "e": Sub of 3×2 and 2×4: the shapes differ, and neither is 1×1`,
			func(g *Graph, in map[string]*Node) { g.Sub("e", in["a32"], in["b24"]) }},
		{`node "": Mul of 4×1 and 3×2: the shapes differ, and neither is 1×1`,
			func(g *Graph, in map[string]*Node) { g.Mul("", in["c41"], in["a32"]) }},
		{`node "t": Assign of 3×2 and 1×1: the shapes differ`,
			func(g *Graph, in map[string]*Node) { g.Assign("t", in["v"], in["s"]) }},
		{`node "t": Assign of 3×2 and 3×2: "a32" is a Constant, not a Variable`,
			func(g *Graph, in map[string]*Node) { g.Assign("t", in["a32"], in["d32"]) }},
		{`node "y": Add: operand "t" is an Assign, which happens at the end of a step`,
			func(g *Graph, in map[string]*Node) { g.Add("y", in["v"], g.Assign("t", in["v"], in["a32"])) }},
		{`node "y": Add: operand 2 is nil`,
			func(g *Graph, in map[string]*Node) { g.Add("y", in["v"], nil) }},
		{`node "y": Square: operand "z" is a node of another graph`,
			func(g *Graph, in map[string]*Node) { g.Square("y", foreign) }},
		{`node "v": the graph has a node of that name, a Variable`,
			func(g *Graph, in map[string]*Node) { g.Square("v", in["s"]) }},
		{`node "k": Constant 2×2 holds 4 values, not 3`,
			func(g *Graph, in map[string]*Node) { g.Constant("k", Shape{2, 2}, make([]float64, 3)) }},
		{`node "k": a Constant needs a source`,
			func(g *Graph, in map[string]*Node) { g.Lazy("k", Shape{2, 2}, nil) }},
		{`node "k": Constant: shape 0×2: both sizes must be at least 1`,
			func(g *Graph, in map[string]*Node) { g.Constant("k", Shape{0, 2}, nil) }},
		{`node "k": Variable: shape 4611686018427387904×2: more than 9223372036854775807 elements`,
			func(g *Graph, in map[string]*Node) { g.Variable("k", Shape{1 << 62, 2}) }},
	} {
		var g Graph
		in := inputs(&g)
		tt.build(&g, in)
		if g.Err() == nil || g.Err().Error() != tt.want {
			t.Errorf("got %v, want %s", g.Err(), tt.want)
		}
		// Later nodes neither panic nor replace the first error.
		if n := g.Square("later", g.MatMul("", in["a32"], in["a32"])); n != nil || g.Err().Error() != tt.want {
			t.Errorf("after %q: node %v, error %v", tt.want, n, g.Err())
		}
		if _, err := g.Compile(in["v"]); err == nil || err.Error() != tt.want {
			t.Errorf("Compile after %q: %v", tt.want, err)
		}
	}
}

func TestCompileRefusesBadTargets(t *testing.T) {
	var other Graph
	foreign := other.Variable("z", Scalar)
	for _, tt := range []struct {
		want    string
		targets func(g *Graph, v *Node) []*Node
	}{
		{`compile: a step needs a target`, func(g *Graph, v *Node) []*Node { return nil }},
		{`compile: target 2 is nil`, func(g *Graph, v *Node) []*Node { return []*Node{v, nil} }},
		{`compile: target "z" is a node of another graph`, func(g *Graph, v *Node) []*Node { return []*Node{foreign} }},
		{`compile: "p" and "q" both assign to "v"`, func(g *Graph, v *Node) []*Node {
			return []*Node{g.Assign("p", v, g.Square("", v)), g.Assign("q", v, g.Scale("", v, 2))}
		}},
	} {
		var g Graph
		_, err := g.Compile(tt.targets(&g, g.Variable("v", Scalar))...)
		if err == nil || err.Error() != tt.want {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}

func TestAPlanHoldsEachNeededNodeOnce(t *testing.T) {
	m := NewLeastSquares(10, 1, Values(make([]float64, 10), 1), Values(make([]float64, 10), 1))
	m.ReduceMean("mse", m.Square("e²", m.E)) // not needed by the step
	plan, err := m.ByHand()
	if err != nil {
		t.Fatal(err)
	}
	want := `
X       Constant   10×2
d       Constant   10×1
w       Variable   2×1
rate    Variable   1×1
y       MatMul     10×1  X, w
e       Sub        10×1  y, d
Xᵀ      Transpose  2×10  X
Xᵀe     MatMul     2×1   Xᵀ, e
g       Scale      2×1   Xᵀe, 0.2
mul     Mul        2×1   rate, g
sub     Sub        2×1   w, mul
assign  Assign     2×1   w, sub
`
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), plan.String()); diff != "" {
		t.Error(diff)
	}
	if got := m.String(); !strings.Contains(got, "mse ") {
		t.Errorf("the graph's listing lacks mse:\n%s", got)
	}
}

func TestAssignmentsReadOldValues(t *testing.T) {
	var g Graph
	a, b, c := g.Variable("a", Scalar), g.Variable("b", Scalar), g.Variable("c", Scalar)
	plan, err := g.Compile(g.Assign("", a, b), g.Assign("", b, a), g.Assign("", c, g.Add("", a, c)))
	if err != nil {
		t.Fatal(err)
	}
	x := NewExecutor[float64](plan)
	set(t, x, "a", 1)
	set(t, x, "b", 2)
	for step, want := range [][]float64{{1, 2, 0}, {2, 1, 1}, {1, 2, 3}, {2, 1, 4}} {
		got := []float64{get(t, x, "a", 1)[0], get(t, x, "b", 1)[0], get(t, x, "c", 1)[0]}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("a, b, c after %d steps: %s", step, diff)
		}
		if err := x.Run(1); err != nil {
			t.Fatal(err)
		}
	}
}

func set[T Real](t testing.TB, x *Executor[T], name string, values ...float64) {
	t.Helper()
	if err := x.Set(name, values); err != nil {
		t.Fatal(err)
	}
}

func get[T Real](t testing.TB, x *Executor[T], name string, length int) []float64 {
	t.Helper()
	values := make([]float64, length)
	if err := x.Get(name, values); err != nil {
		t.Fatal(err)
	}
	return values
}
