//go:build !linux || !cgo

package gpu

import (
	"descent/gpu/device"
	"descent/gpu/graph"
)

// No context can be opened in this build, so nobody can call these.

var errNotBuilt = &device.Error{Kind: device.Unsupported}

func newExecutor(*target, *graph.Plan) (executor, error)     { return nil, errNotBuilt }
func buildFused(*target, observations) (descender, error)    { return nil, errNotBuilt }
func buildResident(*target, observations) (descender, error) { return nil, errNotBuilt }
