package gpu

import (
	"errors"
	"time"

	"descent/gpu/graph"
)

// An executor runs the steps of a plan in a context, as graph.Executor does in Go.
type executor interface {
	Set(variable string, values []float64) error
	Get(name string, dst []float64) error
	Run(steps int) error
	DeviceTime() time.Duration
	Phases() Phases
	Work() Work // of a step
	Close() error
}

// A graphDescent is the training step as a plan on an executor.
type graphDescent struct{ executor }

// buildGraph builds the form "gl-graph".
func buildGraph(t *target, obs observations) (descender, error) {
	return buildGraphOn(obs, func(plan *graph.Plan) (executor, error) { return newExecutor(t, plan) })
}

// buildGraphOn builds the hand-written step on the executor that execute makes.
func buildGraphOn(obs observations, execute func(*graph.Plan) (executor, error)) (descender, error) {
	plan, err := obs.graph().ByHand()
	if err != nil {
		return nil, err
	}
	x, err := execute(plan)
	if err != nil {
		return nil, err
	}
	return graphDescent{x}, nil
}

func (g graphDescent) set(w []float64, rate float64) error {
	return errors.Join(g.Set("w", w), g.Set("rate", []float64{rate}))
}

func (g graphDescent) run(epochs int) error  { return g.Run(epochs) }
func (g graphDescent) get(w []float64) error { return g.Get("w", w) }
func (g graphDescent) note() string          { return "" }
func (g graphDescent) work() Work            { return g.Work() }
