package sweep_test

import (
	"testing"

	"descent/bench/sweep"
)

// BenchmarkNew finds the answers of a sweep of 16 sizes and 8 contenders. The measuring does so
// after every visit, and must not take a share of the processor that shows.
func BenchmarkNew(b *testing.B) {
	w := twoSides()
	w.sizes = nil
	for n := 64; n <= 64<<15; n *= 2 {
		w.sizes = append(w.sizes, n)
	}
	for _, name := range []string{"loop/f64", "gonum/f64", "numpy/f64"} {
		cpu, gpu := processor(), card()
		cpu.name, gpu.name = name, "gl-"+name
		w.contenders = append(w.contenders, cpu, gpu)
	}
	runs := planted(b, w)
	for b.Loop() {
		if _, err := sweep.New(runs); err != nil {
			b.Fatal(err)
		}
	}
}
