//go:build linux && cgo

package gpu

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"descent/dataset"
	"descent/gpu/graph"
	"descent/shaders"
)

// trainingPlan compiles one of the graph's training steps on random data.
func trainingPlan(t *testing.T, n, p int, compile func(*graph.LeastSquares) (*graph.Plan, error)) *graph.Plan {
	t.Helper()
	plan, err := compile(graph.NewLeastSquares(n, p, graph.Values(random(n*p, 1), p), graph.Values(random(n, 2), 1)))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// descendedOn returns the variables that a plan changes after steps of an executor of it, or of
// another form of it.
func descendedOn(t *testing.T, x executor, plan *graph.Plan, p, steps int) []float64 {
	t.Helper()
	for _, n := range plan.Nodes {
		if n.Op != graph.Variable {
			continue
		}
		start := random(p+1, 3)
		if n.Name == "rate" {
			start = []float64{gentle(p)}
		}
		if err := x.Set(n.Name, start); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Run(steps); err != nil {
		t.Fatal(err)
	}
	var all []float64
	for _, n := range plan.Assigns {
		v := make([]float64, n.Shape.Len())
		if err := x.Get(n.Inputs[0].Name, v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v...)
	}
	return all
}

func TestTheExecutorGivesAnOptimizedPlanTheSameBits(t *testing.T) {
	c := testContext(t)
	for _, step := range graph.TrainingSteps {
		for _, s := range []struct{ n, p int }{{1, 1}, {2, 1}, {256, 1}, {513, 1}, {1025, 3}, {3, 1500}, {40, 39}, {3000, 7}} {
			plan := trainingPlan(t, s.n, s.p, step.Compile)
			optimized := plan.Optimize().Plan
			for _, precision := range precisions {
				for _, limit := range []int64{math.MaxInt64, 4096} {
					t.Run(fmt.Sprintf("%s/N=%d P=%d/%v/%d", step.Name, s.n, s.p, precision, limit), func(t *testing.T) {
						want := descendedOn(t, testExecutor(t, c, plan, precision, limit), plan, s.p, 5)
						x := testExecutor(t, c, optimized, precision, limit)
						for range 2 { // what was computed once is there for all runs
							if got := descendedOn(t, x, plan, s.p, 5); !slices.Equal(got, want) {
								t.Fatalf("got %v, want %v", got, want)
							}
						}
					})
				}
			}
		}
	}
}

// The formulas of the training steps, and one with all that a formula can have, in the two
// executors.
func TestFusedOperationsRoundAsSeparateOnes(t *testing.T) {
	c := testContext(t)
	for _, precision := range precisions {
		for _, size := range []int{1, 2, 255, 257, 1000} {
			var g graph.Graph
			shape := graph.Shape{Rows: size, Cols: 1}
			v, s := g.Variable("v", shape), constant(&g, "s", 1, 1)
			u := []*graph.Node{g.Variable("u0", shape), g.Variable("u1", graph.Scalar), g.Variable("u2", shape), g.Variable("u3", shape), g.Variable("u4", shape), g.Variable("u5", shape)}
			n := s
			for i, in := range u {
				term := in
				if i < shaders.MaxFactors {
					term = g.Scale("", in, 1/float64(i+3))
				}
				n = []func(string, *graph.Node, *graph.Node) *graph.Node{g.Sub, g.Add, g.Mul}[i%3]("", n, term)
			}
			plan, err := g.Compile(g.Assign("a", v, g.Sub("", n, g.Square("", v))))
			if err != nil {
				t.Fatal(err)
			}
			o := plan.Optimize()
			if len(o.Plan.Assigns[0].Inputs) != shaders.MaxInputs+1 || len(o.Plan.Nodes) != 7 {
				t.Fatalf("not fused to one:\n%v", o.Plan)
			}
			x := testExecutor(t, c, o.Plan, precision, math.MaxInt64)
			setAll := func(set func(string, []float64) error) {
				for i, n := range append(u, v) {
					values := random(n.Shape.Len(), uint64(i))
					if err := set(n.Name, values); err != nil {
						t.Fatal(err)
					}
				}
			}
			setAll(x.Set)
			got := values(t, x, "v", size)
			var want []float64
			if precision == dataset.Float32 {
				twin := graph.NewExecutor[float32](plan)
				setAll(twin.Set)
				want = values(t, twin, "v", size)
			} else {
				twin := graph.NewExecutor[float64](plan)
				setAll(twin.Set)
				want = values(t, twin, "v", size)
			}
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("%v, %d elements: element %d is %.17g, in Go %.17g", precision, size, i, got[i], want[i])
				}
			}
		}
	}
}

// What the training steps are fused into is among the kernels that `make shadercheck` looks at.
func TestTheKernelsOfOptimizedStepsAreVariants(t *testing.T) {
	known := map[string]bool{}
	for _, k := range shaders.Variants() {
		known[k.Name] = true
	}
	for _, step := range graph.TrainingSteps {
		plan := trainingPlan(t, 10, 2, step.Compile)
		for _, plan := range []*graph.Plan{plan, plan.Optimize().Plan} {
			l, err := lower(plan, dataset.Float64, math.MaxInt64)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range append(l.once, l.dispatches...) {
				if !known[d.kernel.Name] {
					t.Errorf("%s: %q is no variant", step.Name, d.kernel.Name)
				}
			}
		}
	}
}
