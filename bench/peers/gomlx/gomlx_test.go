package main

import (
	"fmt"
	"slices"
	"testing"

	"descent/bench"
	"descent/bench/benchtest"
	"descent/dataset"
)

// With three threads some batches are padded.
func TestGoMLXFulfilsTheContract(t *testing.T) {
	for _, threads := range []int{1, 3} {
		for name, c := range contenders {
			t.Run(fmt.Sprintf("%s on %d", name, threads), func(t *testing.T) {
				benchtest.Run(t, c.precision, func() (bench.Backend, error) { return c.open(threads), nil })
			})
		}
	}
}

func TestASmallProblemUsesOneThread(t *testing.T) {
	b := open[float64](2)
	defer b.Close()
	for _, c := range []struct{ n, p, want int }{{10_000, 1, 1}, {10_000, 16, 2}} {
		p, err := dataset.Generate(dataset.Spec{N: c.n, P: c.p, Weights: dataset.DefaultWeights(c.p)})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Load(p); err != nil {
			t.Fatal(err)
		}
		if got := b.(bench.Describer).Describe().Threads; got != c.want {
			t.Errorf("N=%d, P=%d: %d threads, not %d", c.n, c.p, got, c.want)
		}
	}
}

// A graph for another number of epochs would be compiled within the timed call.
func TestTheGraphIsCompiledByLoadAlone(t *testing.T) {
	b := open[float32](1).(*gomlx[float32])
	defer b.Close()
	p, err := dataset.Generate(dataset.Spec{N: 100, P: 2, Weights: dataset.DefaultWeights(2)})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Load(p); err != nil {
		t.Fatal(err)
	}
	b.epoch.SetMaxCache(1) // a second graph is an error
	for epochs, rate := range []float64{0, 0.1, 0.2, 0.3} {
		w := slices.Repeat([]float64{0.5}, 3)
		if err := b.Descend(w, rate, epochs); err != nil {
			t.Errorf("%d epochs: %v", epochs, err)
		}
	}
}
