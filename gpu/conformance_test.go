package gpu

import (
	"testing"
	"time"

	"descent/bench"
	"descent/bench/benchtest"
	"descent/dataset"
	"descent/gpu/graph"
)

var (
	_ bench.Backend     = (*Backend)(nil)
	_ bench.DeviceTimer = (*Backend)(nil)
)

// goExecutor is the executor in Go as one of this package.
type goExecutor[T graph.Real] struct{ *graph.Executor[T] }

func (goExecutor[T]) DeviceTime() time.Duration { return 0 }
func (goExecutor[T]) Phases() Phases            { return Phases{} }
func (goExecutor[T]) Work() Work                { return Work{} }
func (goExecutor[T]) Close() error              { return nil }

// A goBackend is the graph backend without a context.
type goBackend struct{ Backend }

func (b *goBackend) Close() error { return b.unload() }

func openInGo[T graph.Real]() (bench.Backend, error) {
	inGo := form{graphForm.name, func(_ *target, obs observations) (descender, error) {
		return buildGraphOn(obs, func(plan *graph.Plan) (executor, error) {
			return goExecutor[T]{graph.NewExecutor[T](plan)}, nil
		})
	}}
	return &goBackend{Backend{target: new(target), form: inGo}}, nil
}

func TestTheGraphBackendInGoConforms(t *testing.T) {
	t.Run("f64", func(t *testing.T) { benchtest.Run(t, dataset.Float64, openInGo[float64]) })
	t.Run("f32", func(t *testing.T) { benchtest.Run(t, dataset.Float32, openInGo[float32]) })
}
