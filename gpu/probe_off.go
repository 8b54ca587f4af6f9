//go:build !linux || !cgo

package gpu

// Measure is not in this build.
func (c *Context) Measure() (Measurements, error) { return Measurements{}, unsupported() }
