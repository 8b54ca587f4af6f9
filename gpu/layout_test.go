package gpu

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"descent/dataset"
	"descent/gpu/device"
	"descent/gpu/graph"
)

// nothing is a source for graphs that are laid out and never loaded.
func nothing([]float64, int) {}

func leastSquaresPlan(t testing.TB, n, p int) *graph.Plan {
	t.Helper()
	plan, err := graph.NewLeastSquares(n, p, nothing, nothing).ByHand()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// cuts writes the shapes of the panels of each node that has several.
func cuts(tensors map[string]*tensor) map[string]string {
	all := map[string]string{}
	for name, t := range tensors {
		if len(t.panels) == 1 {
			continue
		}
		var shapes []string
		for _, p := range t.panels {
			shapes = append(shapes, fmt.Sprintf("%d×%d", p.rows, p.cols))
		}
		all[name] = strings.Join(shapes, " ")
	}
	return all
}

func TestAnAxisIsCutTheSameInAllNodesThatShareIt(t *testing.T) {
	for _, tt := range []struct {
		name  string
		n, p  int
		bytes int64 // of a storage block; elements take 4
		want  map[string]string
	}{
		{"all fits", 10, 1, 80, map[string]string{}},
		{"one element too many", 11, 1, 80, map[string]string{
			"X": "10×2 1×2", "d": "10×1 1×1", "y": "10×1 1×1", "e": "10×1 1×1", "Xᵀ": "2×10 2×1"}},
		{"more features than samples", 2, 9, 48, map[string]string{
			"X": "2×6 2×4", "Xᵀ": "6×2 4×2", "w": "6×1 4×1", "Xᵀe": "6×1 4×1", "g": "6×1 4×1", "mul": "6×1 4×1", "sub": "6×1 4×1"}},
		{"square", 4, 3, 48, map[string]string{
			"X": "3×4 1×4", "d": "3×1 1×1", "y": "3×1 1×1", "e": "3×1 1×1", "Xᵀ": "4×3 4×1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, err := lower(leastSquaresPlan(t, tt.n, tt.p), dataset.Float32, tt.bytes)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, cuts(l.tensors)); diff != "" {
				t.Error(diff)
			}
			for slot, size := range l.sizes {
				if size < 1 || int64(size) > tt.bytes {
					t.Errorf("buffer %d has %d bytes, a block holds %d", slot, size, tt.bytes)
				}
			}
		})
	}
}

func TestWhatCannotBeCutIsRefusedWithItsSizes(t *testing.T) {
	vector := func(g *graph.Graph, n int) *graph.Node { return g.Lazy("e", graph.Shape{Rows: n, Cols: 1}, nothing) }
	for _, tt := range []struct {
		name  string
		bytes int64
		build func(g *graph.Graph) *graph.Node
		want  string
	}{
		{"a line too long", 4096, func(g *graph.Graph) *graph.Node {
			return g.Square("q", g.Lazy("X", graph.Shape{Rows: 2000, Cols: 1000}, nothing))
		}, `node "X": 2000×1000 values of 8 bytes: one line of them takes 7.812 KiB, and a storage block of this device holds 4 KiB`},
		{"an outer product", 4096, func(g *graph.Graph) *graph.Node {
			e := vector(g, 100)
			return g.MatMul("outer", e, g.Transpose("", e))
		}, `node "outer": 100×100 values of 8 bytes would have to be cut both ways to fit storage blocks of 4 KiB`},
		{"too many panels", 4096, func(g *graph.Graph) *graph.Node { return g.Square("", vector(g, 1<<40)) },
			`node "e": 1099511627776×1 values of 8 bytes would have to be cut into 2147483648 panels to fit storage blocks of 4 KiB`},
		{"partial sums that do not fit", 4096, func(g *graph.Graph) *graph.Node {
			x := g.Lazy("X", graph.Shape{Rows: 20, Cols: 10_000}, nothing)
			return g.MatMul("gram", x, g.Transpose("", x))
		}, `node "gram": 400 partial sums of 3.125 KiB do not fit a storage block of 4 KiB`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var g graph.Graph
			plan, err := g.Compile(tt.build(&g))
			if err != nil {
				t.Fatal(err)
			}
			_, err = lower(plan, dataset.Float64, tt.bytes)
			if !errors.Is(err, device.Limit) || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
