package gpu

import (
	"descent/dataset"
	"descent/gpu/graph"
)

// observations are the data of a problem: n rows, each of p features and a target.
type observations struct {
	n, p int
	// rows returns the row-major features and the targets of count rows, from row first on. Several
	// goroutines may call it at a time. What it returns is not changed.
	rows func(first, count int) (x, d []float64)
}

// observationsOf returns the data of a problem.
func observationsOf(p *dataset.Problem) observations {
	return observations{p.N, p.P, func(first, count int) (x, d []float64) {
		return p.X[first*p.P : (first+count)*p.P], p.D[first : first+count]
	}}
}

// observationsFrom returns the data of two sources: n rows of p features, without a column of ones,
// and n targets.
func observationsFrom(n, p int, x, d graph.Source) observations {
	return observations{n, p, func(first, count int) (_, _ []float64) {
		features, targets := make([]float64, count*p), make([]float64, count)
		x(features, first)
		d(targets, first)
		return features, targets
	}}
}

// graph is the graph of linear regression on the observations.
func (o observations) graph() *graph.LeastSquares {
	return graph.NewLeastSquares(o.n, o.p, func(dst []float64, row int) {
		x, _ := o.rows(row, len(dst)/o.p)
		copy(dst, x)
	}, func(dst []float64, row int) {
		_, d := o.rows(row, len(dst))
		copy(dst, d)
	})
}
