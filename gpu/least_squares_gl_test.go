//go:build linux && cgo

package gpu

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"descent/dataset"
	"descent/gpu/device"
	"descent/gpu/graph"
)

func TestGLGivesTheBitsOfTheFormThatItTakes(t *testing.T) {
	for _, precision := range precisions {
		auto := testBackend(t, autoForm, precision)
		byNodes, fused := testBackend(t, graphForm, precision), testBackend(t, fusedForm, precision)
		for _, s := range []struct {
			n, p   int
			blocks int64
		}{{1, 1, maxBlockBytes}, {1000, 1, maxBlockBytes}, {100_000, 1, maxBlockBytes}, {100_000, 1, 65_536}, {777, 7, maxBlockBytes}, {3000, 64, maxBlockBytes}} {
			problem := randomProblem(s.n, s.p)
			auto.maxBytes = s.blocks
			load(t, auto, problem)
			taken := fused // gl-resident too has its bits
			if strings.HasPrefix(auto.Note(), "gl-graph by trial: ") {
				taken = byNodes
			}
			taken.maxBytes = s.blocks
			load(t, taken, problem)
			for _, epochs := range []int{1, max(30, 3_000_000/(s.n*s.p+1000))} {
				if got, want := descended(t, auto, s.p, epochs), descended(t, taken, s.p, epochs); !slices.Equal(got, want) {
					t.Errorf("%v, N=%d, P=%d, %d epochs: w = %v…, %s gives %v… (%s)", precision, s.n, s.p, epochs, got[:2], taken.form.name, want[:2], auto.Note())
				}
			}
		}
	}
}

// Past what the fused layout takes there is the graph, however large it is.
func TestTheGraphRunsWhatNoOtherFormTakes(t *testing.T) {
	b := testBackend(t, autoForm, dataset.Float32)
	problem := randomProblem(600, 20_000) // 96 MB in gl-graph
	load(t, b, problem)
	if note := b.Note(); !strings.HasPrefix(note, "gl-graph by trial: ") || !strings.Contains(note, "gl-fused takes up to") {
		t.Errorf("note %q", note)
	}
	follows(t, b, problem, 2)
}

// A trial leaves nothing behind in w, nor in a later answer.
func TestTheTrialsOfFormsLeaveNoTrace(t *testing.T) {
	b := testBackend(t, autoForm, dataset.Float64)
	problem := randomProblem(2345, 2)
	load(t, b, problem) // by trials
	first := descended(t, b, 2, 10)
	load(t, b, problem) // as it was chosen
	if again := descended(t, b, 2, 10); !slices.Equal(first, again) {
		t.Errorf("w = %v after trials, %v without", first, again)
	}
}

// Where a load makes trials, a cancelled context ends it after the one under way.
func TestACancelledLoadEndsInItsTrials(t *testing.T) {
	for _, f := range []form{fusedForm, residentForm, autoForm} {
		b := testBackend(t, f, dataset.Float32)
		cancel := make(chan struct{})
		close(cancel)
		b.cancel = cancel
		if err := b.Load(randomProblem(4321, 3)); !errors.Is(err, device.Cancelled) {
			t.Errorf("%s: error %v", b.form.name, err)
		}
		b.cancel = nil
		load(t, b, randomProblem(4321, 3)) // the device is well
	}
}

// ridge, and X without ones, are steps that no fast form makes.
func TestWhatIsNotTheStepRunsNodeByNode(t *testing.T) {
	const n, p, epochs = 500, 3, 7
	problem := randomProblem(n, p)
	withoutOnes := func() *graph.LeastSquares {
		m := &graph.LeastSquares{}
		m.X, m.D = m.Constant("X", graph.Shape{Rows: n, Cols: p}, problem.X), m.Constant("d", graph.Shape{Rows: n, Cols: 1}, problem.D)
		m.W, m.Rate = m.Variable("w", graph.Shape{Rows: p, Cols: 1}), m.Variable("rate", graph.Scalar)
		m.E = m.Sub("e", m.MatMul("y", m.X, m.W), m.D)
		return m
	}
	for _, step := range []struct {
		name, note string
		plan       func() (*graph.Plan, error)
		weights    int
	}{
		{"ridge", "gl-graph, optimised: ", func() (*graph.Plan, error) { return observationsOf(problem).graph().Ridge(0.1) }, p + 1},
		{"without ones", "gl-graph, optimised: X does not begin with a column of ones", func() (*graph.Plan, error) { return withoutOnes().ByHand() }, p},
	} {
		for _, precision := range precisions {
			c := testContext(t)
			plan, err := step.plan()
			if err != nil {
				t.Fatal(err)
			}
			d, err := buildPlan(newTarget(c, precision), plan.Optimize())
			if err != nil {
				t.Fatal(err)
			}
			plain := testExecutor(t, c, plan, precision, math.MaxInt64)
			got, want := random(step.weights, 3), random(step.weights, 3)
			if err := errors.Join(d.set(got, gentle(p)), d.run(epochs), d.get(got), d.Close(),
				plain.Set("w", want), plain.Set("rate", []float64{gentle(p)}), plain.Run(epochs), plain.Get("w", want)); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(d.note(), step.note) || !slices.Equal(got, want) {
				t.Errorf("%s, %v: w = %v, node by node %v; note %q", step.name, precision, got, want, d.note())
			}
		}
	}
}

func TestTheTableOfFormsTimesAllThatFit(t *testing.T) {
	c := testContext(t)
	got, err := TimeForms(c, 1000, dataset.Float32, nil)
	if err != nil || got.N != 1000 || len(got.Notes) > 0 || got.Epoch[got.Best] <= 0 {
		t.Errorf("%+v, error %v", got, err)
	}
	for _, form := range []string{"gl-graph", "gl-fused", "gl-resident"} {
		if got.Epoch[form] <= 0 {
			t.Errorf("%s takes %v", form, got.Epoch[form])
		}
	}
	to := newTarget(c, dataset.Float32)
	to.device.FreeMemoryBytes = 64 << 10
	got, err = to.timeForms(100_000)
	if err != nil || len(got.Epoch) > 0 || got.Best != "" || len(got.Notes) != 1 || !strings.HasSuffix(got.Notes[0], "has 64 KiB free") {
		t.Errorf("without room: %+v, error %v", got, err)
	}
	to = newTarget(c, dataset.Float64)
	to.device.Features.Float64 = false
	if _, err = to.timeForms(10); !errors.Is(err, device.MissingFeature) {
		t.Errorf("without double: %v", err)
	}
}
