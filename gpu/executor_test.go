//go:build linux && cgo

package gpu

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"descent/dataset"
	"descent/gpu/device"
	"descent/gpu/graph"
)

var precisions = []dataset.Precision{dataset.Float64, dataset.Float32}

// testExecutor makes an executor for a plan that is closed at the test's end.
func testExecutor(t *testing.T, c *device.Context, plan *graph.Plan, precision dataset.Precision, maxBytes int64) executor {
	t.Helper()
	x, err := newExecutor(targetOn(c, precision, maxBytes), plan)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

// values runs a step and reads a node of length values.
func values(t *testing.T, x interface {
	Run(int) error
	Get(string, []float64) error
}, name string, length int) []float64 {
	t.Helper()
	if err := x.Run(1); err != nil {
		t.Fatal(err)
	}
	dst := make([]float64, length)
	if err := x.Get(name, dst); err != nil {
		t.Fatal(err)
	}
	return dst
}

// constant adds random values in [−1, 1) that are the same numbers in both precisions.
func constant(g *graph.Graph, name string, rows, cols int) *graph.Node {
	v := random(rows*cols, uint64(rows+3*cols))
	for i := range v {
		v[i] = float64(float32(v[i]))
	}
	return g.Constant(name, graph.Shape{Rows: rows, Cols: cols}, v)
}

// agree holds a node on OpenGL against the same node in Go in float64. scale bounds the
// sum of the sizes of the terms of an element, which take depth roundings.
func agree(t *testing.T, c *device.Context, precision dataset.Precision, maxBytes int64, g *graph.Graph, n *graph.Node, scale, depth float64) {
	t.Helper()
	plan, err := g.Compile(n)
	if err != nil {
		t.Fatal(err)
	}
	agreeOn(t, testExecutor(t, c, plan, precision, maxBytes), plan, precision, n, scale, depth)
}

// agreeOn is agree for an executor of the plan.
func agreeOn(t *testing.T, x executor, plan *graph.Plan, precision dataset.Precision, n *graph.Node, scale, depth float64) {
	t.Helper()
	got := values(t, x, n.Name, n.Shape.Len())
	want := values(t, graph.NewExecutor[float64](plan), n.Name, n.Shape.Len())
	// The twin's own sums take about 40 roundings in float64.
	tol := scale * (depth*precision.Unit() + 40*0x1p-53)
	if depth == 0 {
		tol = 0
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= tol) {
			t.Fatalf("%v %v: element %d is %.17g, its twin %.17g, tolerance %.2g", n.Op, n.Shape, i, got[i], want[i], tol)
		}
	}
}

func TestElementwiseShadersAgreeWithTheirTwin(t *testing.T) {
	c := testContext(t)
	for _, precision := range precisions {
		for _, size := range []int{1, 2, 15, 16, 17, 255, 256, 257, 1000} {
			var g graph.Graph
			a, b, s := constant(&g, "a", size, 1), constant(&g, "b", size, 1), constant(&g, "s", 1, 1)
			for _, n := range []*graph.Node{
				g.Sub("", a, b), g.Add("", a, b), g.Mul("", a, b), g.Mul("", a, a), g.Square("", a), g.Scale("", a, -1.75),
				g.Sub("", a, s), g.Sub("", s, a), g.Add("", s, b), g.Mul("", s, b), g.Mul("", s, s),
			} {
				agree(t, c, precision, math.MaxInt64, &g, n, 2, 1)
			}
		}
	}
}

// Past 65,535 work groups of 256 each invocation takes several elements.
func TestMoreElementsThanADispatchHasInvocations(t *testing.T) {
	c := testContext(t)
	const size = 65535*256 + 257
	var g graph.Graph
	a := g.Lazy("a", graph.Shape{Rows: size, Cols: 1}, func(dst []float64, row int) {
		for i := range dst {
			dst[i] = float64((row + i) % 1024)
		}
	})
	// Small integers: exact.
	agree(t, c, dataset.Float32, math.MaxInt64, &g, g.Scale("", a, 2), 0, 0)
}

// A dispatch has fewer groups than tiles only in matrices that the storage blocks of some
// drivers do not hold, so here each is left a single group in the axes that tiles go along.
func TestOneWorkGroupTakesAllTilesInTurn(t *testing.T) {
	c := testContext(t)
	for _, precision := range precisions {
		var g graph.Graph
		tall, long, pair := constant(&g, "tall", 1000, 3), constant(&g, "long", 20, 2500), constant(&g, "pair", 3, 2)
		column, square := constant(&g, "column", 2500, 1), constant(&g, "square", 50, 50)
		for _, tt := range []struct {
			n            *graph.Node
			scale, depth float64
		}{
			{g.Scale("", tall, 2), 0, 0},
			{g.Transpose("", tall), 0, 0},
			{g.Transpose("", long), 0, 0},
			{g.Transpose("", square), 0, 0},
			{g.MatMul("", tall, pair), 3, 60},
			{g.MatMul("", long, column), 1250, 60},
			{g.MatMul("", square, square), 25, 60},
			{g.MatMul("", g.Transpose("", tall), tall), 500, 60},
		} {
			plan, err := g.Compile(tt.n)
			if err != nil {
				t.Fatal(err)
			}
			x := testExecutor(t, c, plan, precision, math.MaxInt64).(*glExecutor)
			for i := range x.commands {
				x.commands[i].x, x.commands[i].z = 1, 1
				if tt.n.Op == graph.Transpose { // elsewhere y counts parts
					x.commands[i].y = 1
				}
			}
			agreeOn(t, x, plan, precision, tt.n, tt.scale, tt.depth)
		}
	}
}

func TestTransposeMovesEveryElement(t *testing.T) {
	c := testContext(t)
	for _, precision := range precisions {
		for _, rows := range []int{1, 2, 31, 33, 257, 1000} {
			for _, cols := range []int{1, 2, 17, 32, 65, 1025} {
				var g graph.Graph
				agree(t, c, precision, math.MaxInt64, &g, g.Transpose("", constant(&g, "a", rows, cols)), 0, 0)
			}
		}
	}
}

func TestMatMulAgreesWithItsTwin(t *testing.T) {
	c := testContext(t)
	type shape struct{ m, n, k int }
	shapes := []shape{{2, 1, 100_000}, {1, 1, 1_000_000}, {3, 5, 100_000}, {65, 1, 10_000}, {10_000, 1, 2}, {10_000, 1, 65}, {100, 100, 1000}}
	for _, k := range []int{1, 2, 15, 16, 17, 255, 256, 257, 1000} {
		shapes = append(shapes, []shape{{1, 1, k}, {2, 1, k}, {1, 2, k}, {17, 3, k}, {16, 16, k}, {257, 1, k}, {1, 257, k}, {33, 65, k}}...)
	}
	for _, precision := range precisions {
		for _, s := range shapes {
			t.Run(fmt.Sprintf("%v/%dx%dx%d", precision, s.m, s.n, s.k), func(t *testing.T) {
				var g graph.Graph
				n := g.MatMul("", constant(&g, "a", s.m, s.k), constant(&g, "b", s.k, s.n))
				// Random products average ¼ in size; 48 roundings in matmul.comp and 12 in
				// matmul_reduce.comp.
				agree(t, c, precision, math.MaxInt64, &g, n, 1+float64(s.k)/2, 60)
			})
		}
	}
}

func TestReduceMeanAgreesWithItsTwin(t *testing.T) {
	c := testContext(t)
	for _, precision := range precisions {
		for _, size := range []int{1, 2, 255, 256, 257, 2048, 2049, 100_000, 1_000_000} {
			var g graph.Graph
			agree(t, c, precision, math.MaxInt64, &g, g.ReduceMean("", constant(&g, "a", size, 1)), 1, 24)
		}
	}
}

// Each invocation adds a one and then 255 terms of 2⁻²⁵, which a plain float32 sum would all lose,
// as would a compensated one if the driver's compiler simplified it.
func TestSumsAreCompensatedOnThisDriver(t *testing.T) {
	c := testContext(t)
	const size, ones = 1 << 24, 1 << 16
	var g graph.Graph
	mean := g.ReduceMean("", g.Lazy("a", graph.Shape{Rows: size, Cols: 1}, func(dst []float64, row int) {
		for i := range dst {
			dst[i] = 0x1p-25
			if row+i < ones {
				dst[i] = 1
			}
		}
	}))
	plan, err := g.Compile(mean)
	if err != nil {
		t.Fatal(err)
	}
	got := values(t, testExecutor(t, c, plan, dataset.Float32, math.MaxInt64), mean.Name, 1)[0] * size
	// An invocation keeps its sum to 2⁻²⁴, so all together to 2⁻⁸; the tree
	// rounds 16 times by at most 2⁻²⁴ of the sum.
	if want := ones + (size-ones)*0x1p-25; !(math.Abs(got-want) <= 0x1p-8+16*ones*0x1p-24) {
		t.Errorf("the sum is %.10g, want %.10g", got, want)
	}
}

func TestCutMatricesGiveWhatWholeOnesGive(t *testing.T) {
	c := testContext(t)
	const limit = 4096
	for _, precision := range precisions {
		for _, s := range []struct{ rows, cols int }{{513, 1}, {1025, 1}, {3000, 3}, {3, 3000}, {40, 40}} {
			t.Run(fmt.Sprintf("%v/%dx%d", precision, s.rows, s.cols), func(t *testing.T) {
				var g graph.Graph
				a, b := constant(&g, "a", s.rows, s.cols), constant(&g, "b", s.rows, s.cols)
				v, u := constant(&g, "v", s.cols, 1), constant(&g, "u", 1, s.rows)
				sum := float64(max(s.rows, s.cols))
				agree(t, c, precision, limit, &g, g.Sub("", a, b), 2, 1)
				agree(t, c, precision, limit, &g, g.Mul("", a, g.ReduceMean("", b)), 1, 28)
				agree(t, c, precision, limit, &g, g.ReduceMean("", a), 1, 24)
				agree(t, c, precision, limit, &g, g.Transpose("", a), 0, 0)
				agree(t, c, precision, limit, &g, g.MatMul("", a, v), 1+sum/2, 60)
				agree(t, c, precision, limit, &g, g.MatMul("", u, a), 1+sum/2, 60)
			})
		}
	}
}

func TestAssignmentsOnTheDeviceReadOldValues(t *testing.T) {
	c := testContext(t)
	var g graph.Graph
	shape := graph.Shape{Rows: 600, Cols: 1}
	a, b := g.Variable("a", shape), g.Variable("b", shape)
	plan, err := g.Compile(g.Assign("", a, b), g.Assign("", b, g.Add("", a, b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int64{math.MaxInt64, 4096} {
		x := testExecutor(t, c, plan, dataset.Float64, limit)
		one := make([]float64, 600)
		for i := range one {
			one[i] = float64(i)
		}
		if err := x.Set("b", one); err != nil {
			t.Fatal(err)
		}
		if err := x.Run(10); err != nil {
			t.Fatal(err)
		}
		// Fibonacci numbers, times i: a is F(10), b is F(11).
		for name, factor := range map[string]float64{"a": 55, "b": 89} {
			got := make([]float64, 600)
			if err := x.Get(name, got); err != nil {
				t.Fatal(err)
			}
			for i := range got {
				if got[i] != factor*float64(i) {
					t.Fatalf("%s[%d] = %g, want %g", name, i, got[i], factor*float64(i))
				}
			}
		}
	}
}

func TestTheExecutorSaysWhatIsWrong(t *testing.T) {
	c := testContext(t)
	var g graph.Graph
	plan, err := g.Compile(g.Square("q", g.Variable("v", graph.Shape{Rows: 2, Cols: 1})))
	if err != nil {
		t.Fatal(err)
	}
	x := testExecutor(t, c, plan, dataset.Float32, math.MaxInt64)
	for _, tt := range []struct {
		err  error
		want string
	}{
		{x.Set("v", make([]float64, 3)), `node "v": Variable 2×1 holds 2 values, not 3`},
		{x.Get("q", make([]float64, 1)), `node "q": Square 2×1 holds 2 values, not 1`},
		{x.Set("q", make([]float64, 2)), `node "q": a Square has no values to set`},
		{x.Get("none", make([]float64, 1)), `node "none": not in the plan`},
		{x.Run(-1), `gpu: -1 steps`},
	} {
		if tt.err == nil || tt.err.Error() != tt.want {
			t.Errorf("got %v, want %s", tt.err, tt.want)
		}
	}
}

// 4 TiB of numbers, in panels that each fit: refused before anything is reserved.
func TestMoreThanTheMemoryIsRefusedWithItsSizes(t *testing.T) {
	c := testContext(t)
	if c.Device().CheckRoom(math.MaxInt64, "") == nil {
		t.Logf("%s does not tell its memory", c.Device().Renderer)
		return
	}
	var g graph.Graph
	plan, err := g.Compile(g.Lazy("X", graph.Shape{Rows: 1 << 40, Cols: 1}, nothing))
	if err != nil {
		t.Fatal(err)
	}
	_, err = newExecutor(newTarget(c, dataset.Float32), plan)
	if !errors.Is(err, device.Limit) || !strings.Contains(err.Error(), " buffers would take 4 TiB, and ") || !strings.HasSuffix(err.Error(), " free") {
		t.Errorf("got %v", err)
	}
}

func TestAProbeChangesNothingForAnExecutor(t *testing.T) {
	c := testContext(t)
	var g graph.Graph
	n := g.MatMul("", constant(&g, "a", 1000, 3), constant(&g, "b", 3, 2))
	plan, err := g.Compile(n)
	if err != nil {
		t.Fatal(err)
	}
	x := testExecutor(t, c, plan, dataset.Float32, math.MaxInt64)
	agreeOn(t, x, plan, dataset.Float32, n, 3, 60)
	if _, err := c.Probe(); err != nil {
		t.Fatal(err)
	}
	agreeOn(t, x, plan, dataset.Float32, n, 3, 60)
}
