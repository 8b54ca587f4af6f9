//go:build !linux || !cgo

package device

import "descent/bench"

// Probe is not in this build.
func (c *Context) Probe() (*bench.Probe, error) { return nil, unsupported() }
