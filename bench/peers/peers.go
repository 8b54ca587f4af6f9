// Package peers holds the outside programs that descent brings along: what a user of Python or of
// GoMLX would otherwise write. Each is a contender that speaks the worker protocol. The programs in
// Python, one file a library, are part of the executable; GoMLX is a module of its own in gomlx.
package peers

import (
	"embed"
	"slices"

	"descent/dataset"
)

//go:embed *.py
var programs embed.FS

// A peer is one way to use a library on one kind of device.
type peer struct {
	backend    string
	precisions []dataset.Precision
	like       string // an earlier peer with the same library and device; "" if there is none
	prompt     bool   // starts at once; other libraries take seconds
}

var (
	both   = []dataset.Precision{dataset.Float64, dataset.Float32}
	double = both[:1]
)

// all are the peers in the order of every report. The article's three come first.
var all = []peer{
	{backend: "python", precisions: double, prompt: true},
	{backend: "numpy", precisions: both, prompt: true},
	{backend: "tensorflow", precisions: both},
	{backend: "tensorflow-eager", precisions: both, like: "tensorflow"},
	{backend: "tensorflow-gpu", precisions: both},
	{backend: "jax", precisions: both},
	{backend: "jax-gpu", precisions: both},
	{backend: "torch", precisions: both},
	{backend: "torch-gpu", precisions: both},
	{backend: "torch-gpu-graph", precisions: both, like: "torch-gpu"},
	{backend: "cupy", precisions: both},
	{backend: "cupy-graph", precisions: both, like: "cupy"},
	{backend: gomlx, precisions: both, prompt: true},
}

// gomlx is the only peer that is not a program in Python: 'make peers' builds its executable.
const gomlx = "gomlx"

// Names returns the backends of all peers.
func Names() []string {
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.backend
	}
	return names
}

// StartsSlowly reports whether the peer of that name imports a library that takes seconds. A
// program of a user's own may have the name, and then most likely imports the same.
func StartsSlowly(backend string) bool {
	return slices.ContainsFunc(all, func(p peer) bool { return p.backend == backend && !p.prompt })
}
