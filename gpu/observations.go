package gpu

import (
	"descent/dataset"
	"descent/gpu/graph"
)

// samples are the data of a problem, wherever they are.
type samples struct {
	n, p int
	// rows returns the row-major features and the targets of count samples from first on. It may be called
	// by several goroutines at a time; what it returns is not changed.
	rows func(first, count int) (x, d []float64)
}

// samplesOf are those of a problem.
func samplesOf(p *dataset.Problem) samples {
	return samples{p.N, p.P, func(first, count int) (x, d []float64) {
		return p.X[first*p.P : (first+count)*p.P], p.D[first : first+count]
	}}
}

// samplesFrom are those of sources: n rows of p features, without ones, and n targets.
func samplesFrom(n, p int, x, d graph.Source) samples {
	return samples{n, p, func(first, count int) (_, _ []float64) {
		features, targets := make([]float64, count*p), make([]float64, count)
		x(features, first)
		d(targets, first)
		return features, targets
	}}
}
