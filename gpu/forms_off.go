//go:build !linux || !cgo

package gpu

import (
	"descent/dataset"
	"descent/gpu/graph"
)

func newExecutor(*Context, *graph.Plan, dataset.Precision, int64) (executor, error) {
	return nil, unsupported()
}

func buildFused(*Context, samples, dataset.Precision, int64) (descender, error) {
	return nil, unsupported()
}

func buildResident(*Context, samples, dataset.Precision, int64) (descender, error) {
	return nil, unsupported()
}
