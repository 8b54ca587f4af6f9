package main

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"

	"descent/bench"
	"descent/dataset"
)

// A gomlx runs the descent as a graph of one epoch. Load compiles the graph for the shapes of the
// data, and Descend executes it once an epoch.
//
// These are the choices, with the alternatives that lost. Times are of an epoch at N = 10,000, P =
// 1, float64, on one thread of an AMD EPYC. The choices together give 18 µs.
//
//   - Precision: every tensor is float64, or every tensor is float32. simplego adds up in the
//     precision of the operands.
//   - Data: X and its transpose are both on the engine before the timed call, because
//     DotGeneral copies an operand whose contracted axis is not the last one. With X alone an
//     epoch takes 100 µs.
//   - One feature: Xw is w₁·x + w₀, two operations on vectors. With DotGeneral, which more
//     features need, an epoch takes 37 µs.
//   - dotgeneral_small: without it, DotGeneral uses another algorithm for Xw beyond N = 16,384
//     (float64) or 65,536 (float32). That algorithm pads w to a square. With X alone an epoch
//     at N = 1,000,000 then takes 320 ms, and 11 ms with dotgeneral_small.
//   - ops_sequential: no two operations of an epoch could run at the same time. The default, a
//     goroutine an operation, takes 3 to 15 µs more.
//   - The loop over epochs is in Go, because simplego has no While. Graphs of 16 epochs saved 1
//     µs an epoch, and would need a second graph for the remaining epochs. An epoch at N = 1
//     takes 1.8 µs, and leaves 0.8 KB of garbage.
//   - w goes from epoch to epoch as a donated buffer. No data are copied, and intermediate
//     results take turns in the engine's buffers.
//   - Synchronisation: Exec1 returns when w is there.
//   - Compiling is part of Load. The graph depends neither on the number of epochs nor on the
//     rate.
//   - Threads: see parallelism.
type gomlx[T float32 | float64] struct {
	threads  int // the most that it may use
	used     int // threads of an epoch of the loaded problem; threads before Load
	n, p     int
	engine   backends.Backend
	epoch    *graph.Exec
	x, xt, d *tensors.Tensor // see layout
}

// open returns a backend that uses at most threads threads.
func open[T float32 | float64](threads int) bench.Backend {
	return &gomlx[T]{threads: threads, used: threads}
}

// Load implements bench.Backend.
func (b *gomlx[T]) Load(p *dataset.Problem) error {
	if err := p.Check(); err != nil {
		return err
	}
	if err := b.Close(); err != nil {
		return err
	}
	workers := parallelism(p.N, p.P, b.threads)
	engine, err := simplego.New(fmt.Sprintf("dotgeneral_small,ops_sequential,parallelism=%d", workers))
	if err != nil {
		return err
	}
	b.engine, b.used = engine, max(1, workers)
	if err := b.upload(p, newLayout(p.N, b.used)); err != nil {
		return err
	}
	if err := b.compile(p.P); err != nil {
		return err
	}
	b.n, b.p = p.N, p.P
	return nil
}

// parallelFrom is the number of values in X, N·(P+1), from which waking threads pays. With P = 16,
// an epoch on 51,000 values took 48 µs on one thread and 61 µs on two. On 170,000 values it took
// 152 µs and 97 µs.
const parallelFrom = 1 << 17

// parallelism returns simplego's setting of that name: the number of goroutines among which
// DotGeneral, its only parallel operation, divides the batches. 0 means the caller's goroutine
// alone.
func parallelism(n, p, threads int) int {
	if threads == 1 || n*(p+1) < parallelFrom {
		return 0
	}
	return threads
}

// compile builds and compiles the graph for P = p and the shapes of the data.
func (b *gomlx[T]) compile(p int) (err error) {
	if b.epoch, err = graph.NewExec(b.engine, epoch); err != nil {
		return err
	}
	w := tensors.FromFlatDataAndDimensions(make([]T, p+1), p+1)
	return b.epoch.PreCompile(w, tensors.FromScalar(T(0)), b.x, b.xt, b.d)
}

// epoch is the graph of one update, over batches b of the rows:
//
//	w ← w − step·Σ_b X_bᵀ(X_b·w − d_b), step = rate·2/N
//
// w has length P+1, step is a scalar, and layout describes x, xt and d.
func epoch(w, step, x, xt, d *graph.Node) *graph.Node {
	residuals := graph.Sub(predict(x, w), d)
	gradients := graph.DotGeneral(residuals, []int{1}, []int{0}, xt, []int{2}, []int{0}) // batches×(P+1)
	return graph.Sub(w, graph.Mul(graph.ReduceSum(gradients, 0), step))
}

// predict returns Xw, batches×rows.
func predict(x, w *graph.Node) *graph.Node {
	if x.Rank() == 2 { // one feature
		w0 := graph.Reshape(graph.Slice(w, graph.AxisElem(0)))
		w1 := graph.Reshape(graph.Slice(w, graph.AxisElem(1)))
		return graph.Add(graph.Mul(x, w1), w0)
	}
	each := graph.BroadcastPrefix(w, x.Shape().Dimensions[0]) // batches×(P+1)
	return graph.DotGeneral(each, []int{1}, []int{0}, x, []int{2}, []int{0})
}

// Descend implements bench.Backend.
func (b *gomlx[T]) Descend(w []float64, rate float64, epochs int) error {
	if b.n == 0 {
		return errors.New("descend before load: no problem is loaded")
	}
	if len(w) != b.p+1 {
		return fmt.Errorf("w has length %d, not P+1 = %d", len(w), b.p+1)
	}
	start := make([]T, len(w))
	round(start, w)
	weights := tensors.FromFlatDataAndDimensions(start, len(w))
	step := tensors.FromScalar(T(rate * 2 / float64(b.n)))
	for range epochs {
		donated, err := graph.DonateTensorBuffer(weights, b.engine, 0)
		if err != nil {
			return err
		}
		if weights, err = b.epoch.Exec1(donated, step, b.x, b.xt, b.d); err != nil {
			return err
		}
	}
	return tensors.ConstFlatData(weights, func(flat []T) {
		for j, v := range flat {
			w[j] = float64(v)
		}
	})
}

// Close implements bench.Backend.
func (b *gomlx[T]) Close() error {
	var errs []error
	if b.epoch != nil {
		b.epoch.Finalize()
	}
	for _, t := range []*tensors.Tensor{b.x, b.xt, b.d} {
		if t != nil {
			errs = append(errs, t.FinalizeAll())
		}
	}
	if b.engine != nil {
		b.engine.Finalize()
	}
	*b = gomlx[T]{threads: b.threads, used: b.threads}
	return errors.Join(errs...)
}

// Describe implements bench.Describer.
func (b *gomlx[T]) Describe() bench.Info {
	return bench.Info{
		Version: fmt.Sprintf("GoMLX %s simplego, %s", cmp.Or(bench.ModuleVersion("github.com/gomlx/gomlx"), "of unknown version"), runtime.Version()),
		Device:  "cpu",
		Threads: b.used,
		Sync:    "returns when done",
		Timed:   "the epochs, w in and out",
		Untimed: "conversion of the data, compiling",
		Note:    "one compiled graph an epoch, executed in a loop in Go",
	}
}
