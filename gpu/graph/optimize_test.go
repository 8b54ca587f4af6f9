package graph

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// compiled is g.Compile for targets that are right.
func compiled(t testing.TB, g *Graph, targets ...*Node) *Plan {
	t.Helper()
	plan, err := g.Compile(targets...)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// randomPlan is a step over variables and constants of 3×3 and 1×1, so that any two nodes can be
// combined, which assigns to some of the variables and wants the values of some nodes.
func randomPlan(t *rapid.T) *Plan {
	var g Graph
	value := rapid.Float64Range(-1, 1)
	square, single := Shape{3, 3}, Scalar
	nodes := []*Node{
		g.Variable("v", square), g.Variable("u", square), g.Variable("s", single),
		g.Constant("k", square, rapid.SliceOfN(value, 9, 9).Draw(t, "k")), g.Constant("c", single, []float64{value.Draw(t, "c")}),
	}
	variables := nodes[:3]
	pick := func(label string) *Node { return rapid.SampledFrom(nodes).Draw(t, label) }
	for i := range rapid.IntRange(1, 25).Draw(t, "nodes") {
		a, b := pick(fmt.Sprint("a", i)), pick(fmt.Sprint("b", i))
		op := rapid.SampledFrom([]Op{Sub, Add, Mul, Scale, Sub, Add, Mul, Scale, Square, Transpose, MatMul, ReduceMean}).Draw(t, "op")
		switch {
		case op == Scale:
			nodes = append(nodes, g.Scale("", a, rapid.Float64Range(-2, 2).Draw(t, "factor")))
		case op == Square || op == Transpose || op == ReduceMean:
			nodes = append(nodes, g.apply("", op, 0, a))
		case op != MatMul || a.Shape == b.Shape:
			nodes = append(nodes, g.apply("", op, 0, a, b))
		}
	}
	targets := []*Node{pick("wanted")}
	for _, v := range variables {
		if n := pick("new " + v.Name); n.Shape == v.Shape {
			targets = append(targets, g.Assign("", v, n))
		}
	}
	plan, err := g.Compile(targets...)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// sameBits has a plan and another form of it take steps and compares everything that can be
// read from both.
func sameBits[T Real](t *rapid.T, plan, other *Plan, start []float64) {
	x, y := NewExecutor[T](plan), NewExecutor[T](other)
	read := func(x *Executor[T], n *Node) []float64 {
		dst := make([]float64, n.Shape.Len())
		if err := x.Get(n.Name, dst); err != nil {
			t.Fatal(err)
		}
		return dst
	}
	for _, n := range plan.Nodes {
		if n.Op == Variable {
			for _, x := range []*Executor[T]{x, y} {
				if err := x.Set(n.Name, start[:n.Shape.Len()]); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for step := range 3 {
		for _, x := range []*Executor[T]{x, y} {
			if err := x.Run(1); err != nil {
				t.Fatal(err)
			}
		}
		for _, n := range append(other.all(), other.Wanted...) {
			if n.Op == Assign {
				continue
			}
			want, got := read(x, n), read(y, n)
			for i := range want {
				if math.Float64bits(got[i]) != math.Float64bits(want[i]) && !(math.IsNaN(got[i]) && math.IsNaN(want[i])) {
					t.Fatalf("step %d: %s[%d] is %g, and was %g, in\n%v\nwhich was\n%v", step, n.Name, i, got[i], want[i], other, plan)
				}
			}
		}
	}
}

func TestAnOptimizedPlanGivesTheSameBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := randomPlan(t)
		before := plan.String()
		o := plan.Optimize()
		if plan.String() != before {
			t.Fatalf("the plan was\n%s\nand is now\n%v", before, plan)
		}
		start := rapid.SliceOfN(rapid.Float64Range(-1, 1), 9, 9).Draw(t, "start")
		sameBits[float64](t, plan, o.Plan, start)
		sameBits[float32](t, plan, o.Plan, start)
		sameBits[float64](t, plan, o.Plan.Optimize().Plan, start)
		for _, n := range append(o.Plan.Nodes, o.Plan.Assigns...) {
			if e := n.Elementwise(); e != nil {
				inputs := len(n.Inputs)
				if n.Op == Assign {
					inputs--
				}
				if err := e.check(inputs); err != nil {
					t.Fatalf("%s: %v", n.Name, err)
				}
			}
		}
		o.Explain()
	})
}

// vector is the shape of the nodes of whatIsHoistedAndFused.
var vector = Shape{4, 1}

// whatIsHoistedAndFused are graphs on a vector k of constants and two variables v and u, all 4×1.
var whatIsHoistedAndFused = []struct {
	name  string
	build func(g *Graph, v, u, k *Node) []*Node // targets
	want  string                                // the plan
}{
	{"constants are computed once, and so is what they give", func(g *Graph, v, u, k *Node) []*Node {
		return []*Node{g.MatMul("y", g.Transpose("kt", g.Square("k2", k)), v)}
	}, `
k   Constant   4×1
k2  Square     4×1  k
kt  Transpose  1×4  k2
v   Variable   4×1
y   MatMul     1×1  kt, v
`},
	{"a chain is one node", func(g *Graph, v, u, k *Node) []*Node {
		return []*Node{g.Square("q", g.Sub("b", g.Scale("a", v, 2), k))}
	}, `
k  Constant  4×1
v  Variable  4×1
q  Fused     4×1  (2·v − k)²
`},
	{"two chains meet in a tree", func(g *Graph, v, u, k *Node) []*Node {
		return []*Node{g.Mul("m", g.Sub("a", v, k), g.Add("b", u, v))}
	}, `
k  Constant  4×1
v  Variable  4×1
u  Variable  4×1
m  Fused     4×1  (v − k)∘(u + v)
`},
	{"what two nodes read stays", func(g *Graph, v, u, k *Node) []*Node {
		a := g.Sub("a", v, k)
		return []*Node{g.Add("b", g.Scale("c", a, 2), g.MatMul("d", k, g.ReduceMean("m", a)))}
	}, `
k  Constant    4×1
v  Variable    4×1
a  Sub         4×1  v, k
m  ReduceMean  1×1  a
d  MatMul      4×1  k, m
b  Fused       4×1  2·a + d
`},
	{"what one node reads twice stays", func(g *Graph, v, u, k *Node) []*Node {
		a := g.Sub("a", v, k)
		return []*Node{g.Mul("b", a, a)}
	}, `
k  Constant  4×1
v  Variable  4×1
a  Sub       4×1  v, k
b  Mul       4×1  a, a
`},
	{"what is wanted stays", func(g *Graph, v, u, k *Node) []*Node {
		a := g.Sub("a", v, k)
		return []*Node{a, g.Square("b", a)}
	}, `
k  Constant  4×1
v  Variable  4×1
a  Sub       4×1  v, k
b  Square    4×1  a
`},
	{"an assignment computes its value, from the old one too", func(g *Graph, v, u, k *Node) []*Node {
		return []*Node{g.Assign("t", v, g.Sub("a", v, g.Mul("b", k, u)))}
	}, `
k  Constant  4×1
v  Variable  4×1
u  Variable  4×1
t  Assign    4×1  v ← v − k∘u
`},
	{"a variable that only scales itself", func(g *Graph, v, u, k *Node) []*Node {
		return []*Node{g.Assign("t", v, g.Scale("a", v, 2))}
	}, `
v  Variable  4×1
t  Assign    4×1  v ← 2·v
`},
	{"an assignment does not read what another changes", func(g *Graph, v, u, k *Node) []*Node {
		return []*Node{g.Assign("t", v, g.Add("a", v, u)), g.Assign("r", u, g.Sub("b", k, g.Scale("c", u, 2)))}
	}, `
k  Constant  4×1
v  Variable  4×1
u  Variable  4×1
a  Add       4×1  v, u
t  Assign    4×1  v, a
r  Assign    4×1  u ← k − 2·u
`},
	{"a swap", func(g *Graph, v, u, k *Node) []*Node {
		return []*Node{g.Assign("t", v, u), g.Assign("r", u, v)}
	}, `
v            Variable  4×1
u            Variable  4×1
old u for t  Scale     4×1  u, 1
old v for r  Scale     4×1  v, 1
t            Assign    4×1  v, old u for t
r            Assign    4×1  u, old v for r
`},
	{"no more operands than storage blocks", func(g *Graph, v, u, k *Node) []*Node {
		sum := v
		for i := range 8 {
			sum = g.Add("", sum, g.Variable(fmt.Sprint("x", i), vector))
		}
		return []*Node{sum}
	}, `
v      Variable  4×1
x0     Variable  4×1
x1     Variable  4×1
add_2  Fused     4×1  v + x0 + x1
x2     Variable  4×1
x3     Variable  4×1
x4     Variable  4×1
x5     Variable  4×1
x6     Variable  4×1
x7     Variable  4×1
add_8  Fused     4×1  add_2 + x2 + x3 + x4 + x5 + x6 + x7
`},
}

func TestWhatIsHoistedAndFused(t *testing.T) {
	for _, tt := range whatIsHoistedAndFused {
		t.Run(tt.name, func(t *testing.T) {
			var g Graph
			k := g.Constant("k", vector, []float64{1, 2, 3, 4})
			v, u := g.Variable("v", vector), g.Variable("u", vector)
			got := compiled(t, &g, tt.build(&g, v, u, k)...).Optimize().Plan.String()
			if diff := cmp.Diff(strings.TrimPrefix(tt.want, "\n"), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExplainTellsWhatWasDone(t *testing.T) {
	none := func([]float64, int) {}
	for _, step := range TrainingSteps {
		t.Run(step.Name, func(t *testing.T) {
			plan, err := step.Compile(NewLeastSquares(10_000, 1, none, none))
			if err != nil {
				t.Fatal(err)
			}
			got, golden := plan.Optimize().Explain(), filepath.Join("testdata", step.Name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("not as %s has it (-update rewrites it):\n%s", golden, diff)
			}
		})
	}
}
