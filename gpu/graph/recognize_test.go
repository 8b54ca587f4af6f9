package graph

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

const samples = 10

// steps that are w ← w − rate·Factor·Xᵀ(Xw − d), however they are written.
var leastSquaresSteps = []struct {
	name   string
	factor float64
	number bool // the rate is one
	next   func(m *LeastSquares) *Node
}{
	{"rate on the right of Mul", 0.2, false, func(m *LeastSquares) *Node {
		return m.Sub("", m.W, m.Mul("", m.gradient(), m.Rate))
	}},
	{"no factor", 1, false, func(m *LeastSquares) *Node {
		return m.Sub("", m.W, m.Mul("", m.Rate, m.MatMul("", m.Transpose("", m.X), m.E)))
	}},
	{"factors split over several nodes", 0.2, false, func(m *LeastSquares) *Node {
		e := m.Scale("", m.E, 0.1)
		g := m.MatMul("", m.Transpose("", m.Scale("", m.X, 4)), e)
		return m.Sub("", m.W, m.Scale("", m.Mul("", m.Scale("", m.Rate, 3), g), 1.0/6))
	}},
	{"the residual's sign turned", 0.2, false, func(m *LeastSquares) *Node {
		e := m.Sub("", m.D, m.MatMul("", m.X, m.W))
		return m.Add("", m.W, m.Mul("", m.Rate, m.Scale("", m.MatMul("", m.Transpose("", m.X), e), 0.2)))
	}},
	{"signs turned twice", 0.2, false, func(m *LeastSquares) *Node {
		return m.Scale("", m.Sub("", m.Mul("", m.Rate, m.gradient()), m.W), -1)
	}},
	{"the rate multiplies the residual", 0.2, false, func(m *LeastSquares) *Node {
		g := m.MatMul("", m.Transpose("", m.X), m.Mul("", m.E, m.Rate))
		return m.Sub("", m.W, m.Scale("", g, 0.2))
	}},
	{"the rate is a number", 0.02, true, func(m *LeastSquares) *Node {
		return m.Sub("", m.W, m.Scale("", m.gradient(), 0.1))
	}},
	{"the rate is a constant", 0.02, true, func(m *LeastSquares) *Node {
		return m.Sub("", m.W, m.Mul("", m.Constant("", Scalar, []float64{0.1}), m.gradient()))
	}},
	{"the rate through a product of matrices", 0.2, false, func(m *LeastSquares) *Node {
		return m.Sub("", m.W, m.MatMul("", m.gradient(), m.Rate))
	}},
	{"a transpose of a transpose", 0.2, false, func(m *LeastSquares) *Node {
		x := m.Transpose("", m.Transpose("", m.X))
		e := m.Sub("", m.MatMul("", x, m.W), m.D)
		return m.Sub("", m.W, m.Mul("", m.Rate, m.Scale("", m.MatMul("", m.Transpose("", x), e), 0.2)))
	}},
	{"the gradient as a row", 0.2, false, func(m *LeastSquares) *Node {
		row := m.MatMul("", m.Transpose("", m.E), m.X)
		return m.Sub("", m.W, m.Mul("", m.Rate, m.Scale("", m.Transpose("", row), 0.2)))
	}},
	{"multiplied out", 0.2, false, func(m *LeastSquares) *Node {
		t := m.Transpose("", m.X)
		g := m.Sub("", m.MatMul("", m.MatMul("", t, m.X), m.W), m.MatMul("", t, m.D))
		return m.Sub("", m.W, m.Mul("", m.Rate, m.Scale("", g, 0.2)))
	}},
	{"what is added is taken away again", 0.2, false, func(m *LeastSquares) *Node {
		return m.Sub("", m.Add("", m.Sub("", m.W, m.Mul("", m.Rate, m.gradient())), m.W), m.W)
	}},
	{"the gradient of eᵀe/N", 0.2, false, func(m *LeastSquares) *Node {
		g, err := Gradients(m.Scale("", m.MatMul("", m.Transpose("", m.E), m.E), 1/float64(samples)), m.W)
		if err != nil {
			panic(err)
		}
		return m.Sub("", m.W, m.Mul("", m.Rate, g))
	}},
	{"the gradient of mean(e·e)", 0.2, false, func(m *LeastSquares) *Node {
		g, err := Gradients(m.ReduceMean("", m.Mul("", m.E, m.E)), m.W)
		if err != nil {
			panic(err)
		}
		return m.Sub("", m.W, m.Mul("", m.Rate, g))
	}},
}

func TestTheLeastSquaresStepIsRecognisedHoweverItIsWritten(t *testing.T) {
	for _, tt := range leastSquaresSteps {
		t.Run(tt.name, func(t *testing.T) {
			m := NewLeastSquares(samples, 3, Values(random(3*samples, 1), 3), Values(random(samples, 2), 1))
			next := tt.next(m)
			isStep(t, m, compiled(t, &m.Graph, m.Assign("", m.W, next)), tt.factor, tt.number)
		})
	}
	for _, size := range []struct{ n, p int }{{1, 1}, {1, 3}, {2, 1}, {1, 0}, {3, 0}, {1000, 64}} {
		for _, step := range TrainingSteps[:2] {
			if size.n == 1 && size.p == 0 {
				continue // X is a number
			}
			m := NewLeastSquares(size.n, size.p, Values(random(size.n*size.p, 1), size.p), Values(random(size.n, 2), 1))
			plan, err := step.Compile(m)
			if err != nil {
				t.Fatal(err)
			}
			isStep(t, m, plan, 2/float64(size.n), false)
		}
	}
}

// A step written at random: scaled, transposed twice, turned and multiplied by the rate in any
// place.
func TestAnyWritingOfTheStepIsRecognised(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := NewLeastSquares(samples, 2, Values(random(2*samples, 1), 2), Values(random(samples, 2), 1))
		sign, factor := 1.0, 1.0
		choose := func(what string, n int) int { return rapid.IntRange(0, n-1).Draw(t, what) }
		scaled := func(what string, n *Node) *Node {
			if choose("scale "+what, 2) == 0 {
				return n
			}
			by := rapid.Float64Range(0.1, 3).Draw(t, "factor of "+what)
			factor *= by
			if choose("turn "+what, 2) == 1 {
				by, sign = -by, -sign
			}
			return m.Scale("", n, by)
		}
		rated := choose("rate", 4)
		place := func(here int, n *Node) *Node {
			switch {
			case rated != here:
				return n
			case choose("side", 2) == 0:
				return m.Mul("", n, m.Rate)
			}
			return m.Mul("", m.Rate, n)
		}
		x := m.X
		for range choose("transposes", 3) {
			x = m.Transpose("", m.Transpose("", x))
		}
		var e *Node
		switch y := m.MatMul("", x, m.W); choose("residual", 3) {
		case 0:
			e = m.Sub("", y, m.D)
		case 1:
			e, sign = m.Sub("", m.D, y), -sign
		case 2:
			e = m.Add("", m.Scale("", m.D, -1), y)
		}
		e = place(0, scaled("e", e))
		var g *Node
		switch left := scaled("X", x); choose("product", 3) {
		case 0:
			g = m.MatMul("", m.Transpose("", left), e)
		case 1:
			g = m.Transpose("", m.MatMul("", m.Transpose("", e), left))
		case 2:
			g = m.MatMul("", scaled("Xᵀ", m.Transpose("", left)), e)
		}
		g = place(2, scaled("g", place(1, g)))
		if rated == 3 {
			g = m.MatMul("", g, m.Rate)
		}
		isStep(t, m, assigned(t, m, g, sign), factor, false)
	})
}

// assigned compiles w ← w − g, or w ← g + w if sign is negative.
func assigned(t rapid.TB, m *LeastSquares, g *Node, sign float64) *Plan {
	next := m.Sub("", m.W, g)
	if sign < 0 {
		next = m.Add("", g, m.W)
	}
	plan, err := m.Compile(m.Assign("", m.W, next))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// isStep holds what is recognised in a plan, and in what Optimize makes of it, against the step of
// m.
func isStep(t rapid.TB, m *LeastSquares, plan *Plan, factor float64, number bool) {
	t.Helper()
	for _, o := range []*Optimized{plan.Optimize(), plan.Optimize().Plan.Optimize()} {
		s := o.Step
		switch {
		case s == nil:
			t.Errorf("not recognised: %s, in\n%v", o.Reason, o.before)
		case s.X != m.X || s.D != m.D || s.W != m.W || number != (s.Rate == nil) || !number && s.Rate != m.Rate:
			t.Errorf("recognised as %v", s)
		case !(math.Abs(s.Factor-factor) <= unequal*factor): // some roundings
			t.Errorf("factor %.17g, want %.17g", s.Factor, factor)
		}
	}
}

// step is a step down a gradient.
func step(m *LeastSquares, gradient *Node) []*Node { return []*Node{m.step(gradient)} }

// again is another matrix with the values of X.
func again(m *LeastSquares, name string) *Node { return m.Lazy(name, m.X.Shape, m.X.Source) }

// otherSteps are steps that are not the least-squares step, and why.
var otherSteps = []struct {
	name    string
	targets func(m *LeastSquares) []*Node
	want    string
}{
	{"a ridge penalty", func(m *LeastSquares) []*Node {
		return step(m, m.Add("", m.gradient(), m.Scale("", m.W, 0.1)))
	}, "the new value of w is that of w ← w − rate·0.2·Xᵀ·(X·w − d), and −0.1·rate·w more"},
	{"another matrix in the gradient", func(m *LeastSquares) []*Node {
		return step(m, m.MatMul("", m.Transpose("", again(m, "Z")), m.E))
	}, "nothing in the new value of w is a number times Xᵀ·X·w for a constant matrix X"},
	{"another matrix before the targets", func(m *LeastSquares) []*Node {
		x := m.Transpose("", m.X)
		return step(m, m.Sub("", m.MatMul("", x, m.MatMul("", m.X, m.W)), m.MatMul("", m.Transpose("", again(m, "Z")), m.D)))
	}, "the new value of w has no term Xᵀ·d for a constant d with the factor of Xᵀ·X·w"},
	{"the data in a variable", func(m *LeastSquares) []*Node {
		x := m.Variable("V", m.X.Shape)
		e := m.Sub("", m.MatMul("", x, m.W), m.D)
		return step(m, m.MatMul("", m.Transpose("", x), e))
	}, "nothing in the new value of w is a number times Xᵀ·X·w for a constant matrix X"},
	{"the targets in a variable", func(m *LeastSquares) []*Node {
		e := m.Sub("", m.MatMul("", m.X, m.W), m.Variable("t", m.D.Shape))
		return step(m, m.MatMul("", m.Transpose("", m.X), e))
	}, "the new value of w has no term Xᵀ·d for a constant d with the factor of Xᵀ·X·w"},
	{"no targets", func(m *LeastSquares) []*Node {
		return step(m, m.MatMul("", m.Transpose("", m.X), m.MatMul("", m.X, m.W)))
	}, "the new value of w has no term Xᵀ·d for a constant d with the factor of Xᵀ·X·w"},
	{"targets of half the weight", func(m *LeastSquares) []*Node {
		e := m.Sub("", m.MatMul("", m.X, m.W), m.Scale("", m.D, 0.5))
		return step(m, m.MatMul("", m.Transpose("", m.X), e))
	}, "the new value of w is that of w ← w − rate·Xᵀ·(X·w − d), and −0.5·rate·Xᵀ·d more"},
	{"the sum of the residual and the targets", func(m *LeastSquares) []*Node {
		e := m.Add("", m.MatMul("", m.X, m.W), m.D)
		return step(m, m.MatMul("", m.Transpose("", m.X), e))
	}, "the new value of w is that of w ← w − rate·Xᵀ·(X·w − d), and −2·rate·Xᵀ·d more"},
	{"an ascent", func(m *LeastSquares) []*Node {
		return []*Node{m.Assign("", m.W, m.Add("", m.W, m.Mul("", m.Rate, m.gradient())))}
	}, "its sign is wrong: it climbs from the least squares, by the factor −0.2"},
	{"a w that fades", func(m *LeastSquares) []*Node {
		return []*Node{m.Assign("", m.W, m.Sub("", m.Scale("", m.W, 0.9), m.Mul("", m.Rate, m.gradient())))}
	}, "the new value of w is that of w ← w − rate·0.2·Xᵀ·(X·w − d), and −0.1·w more"},
	{"the gradient alone", func(m *LeastSquares) []*Node {
		return []*Node{m.Assign("", m.W, m.Mul("", m.Rate, m.gradient()))}
	}, "the new value of w is that of w ← w − rate·−0.2·Xᵀ·(X·w − d), and −w more"},
	{"the rate squared", func(m *LeastSquares) []*Node {
		return step(m, m.Mul("", m.Rate, m.gradient()))
	}, "nothing in the new value of w is a number times Xᵀ·X·w for a constant matrix X"},
	{"squared residuals", func(m *LeastSquares) []*Node {
		return step(m, m.MatMul("", m.Transpose("", m.X), m.Square("", m.E)))
	}, "nothing in the new value of w is a number times Xᵀ·X·w for a constant matrix X"},
	{"the cost is wanted", func(m *LeastSquares) []*Node {
		return append(step(m, m.gradient()), m.mse())
	}, "the value of mse is wanted too, which the least-squares step does not leave behind"},
	{"the rate changes too", func(m *LeastSquares) []*Node {
		return append(step(m, m.gradient()), m.Assign("", m.Rate, m.Scale("", m.Rate, 0.9)))
	}, "it assigns to 2 variables, w and rate, and the least-squares step to one"},
	{"nothing is assigned", func(m *LeastSquares) []*Node { return []*Node{m.gradient()} }, "it assigns to no variable"},
	{"several columns of weights", func(m *LeastSquares) []*Node {
		w := m.Variable("W", Shape{m.X.Shape.Cols, 2})
		return []*Node{m.Assign("", w, m.Scale("", w, 0.5))}
	}, "W is 4×2, and the least-squares step is for one column"},
	{"a number for a matrix", func(m *LeastSquares) []*Node {
		w := m.Variable("b", Scalar)
		return []*Node{m.Assign("", w, m.Scale("", w, 0.5))}
	}, "nothing in the new value of b is a number times Xᵀ·X·b for a constant matrix X"},
}

func TestWhatIsNotTheLeastSquaresStepIsRefusedWithTheReason(t *testing.T) {
	for _, tt := range otherSteps {
		t.Run(tt.name, func(t *testing.T) {
			m := NewLeastSquares(samples, 3, Values(random(3*samples, 1), 3), Values(random(samples, 2), 1))
			o := compiled(t, &m.Graph, tt.targets(m)...).Optimize()
			if o.Step != nil || o.Reason != tt.want {
				t.Errorf("got %v, %q, want %q", o.Step, o.Reason, tt.want)
			}
			if again := o.Plan.Optimize(); again.Step != nil || again.Reason != tt.want {
				t.Errorf("of the optimised plan: got %v, %q, want %q", again.Step, again.Reason, tt.want)
			}
		})
	}
}

// A sum multiplied with itself over and over would have more terms than a memory holds.
func TestWhatIsTooLargeToMultiplyOutIsLeftAlone(t *testing.T) {
	var g Graph
	v, w := g.Variable("v", Scalar), g.Variable("w", Scalar)
	n := g.Add("", v, w)
	for range 40 {
		n = g.Square("", n)
	}
	o := compiled(t, &g, g.Assign("", v, n)).Optimize()
	if o.Step != nil || o.Reason == "" {
		t.Errorf("got %v, %q", o.Step, o.Reason)
	}
}

// What is recognised is what the plan computes: one step of each of the table, on small integers.
func TestTheRecognisedStepIsWhatThePlanComputes(t *testing.T) {
	x, d := []float64{1, 2, -3, 1, 0, 2}, []float64{4, -1, 2}
	const rate = 0.5
	for _, tt := range leastSquaresSteps {
		m := NewLeastSquares(3, 2, Values(x, 2), Values(d, 1))
		plan := compiled(t, &m.Graph, m.Assign("", m.W, tt.next(m)))
		step := plan.Optimize().Step
		if step == nil {
			t.Errorf("%s is not recognised", tt.name)
			continue
		}
		e := NewExecutor[float64](plan)
		w := []float64{1, -2, 3}
		set(t, e, "w", w...)
		factor := step.Factor
		if step.Rate != nil {
			set(t, e, "rate", rate)
			factor *= rate
		}
		if err := e.Run(1); err != nil {
			t.Fatal(err)
		}
		want := append([]float64(nil), w...)
		for i := range d {
			row := append([]float64{1}, x[2*i:2*i+2]...)
			residual := -d[i]
			for j := range row {
				residual += row[j] * w[j]
			}
			for j := range row {
				want[j] -= factor * row[j] * residual
			}
		}
		for j, got := range get(t, e, "w", 3) {
			// Terms of at most 100 in size, some 20 roundings.
			if !(math.Abs(got-want[j]) <= 1e-14*100) {
				t.Errorf("%s: w[%d] = %g, want %g", tt.name, j, got, want[j])
			}
		}
	}
}
