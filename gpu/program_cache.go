//go:build linux && cgo

package gpu

import "descent/shaders"

// program returns a kernel's program, compiled at the first call in this context.
func (c *Context) program(k shaders.Kernel) (program, error) {
	if p, ok := c.programs[k.Source]; ok {
		return program(p), nil
	}
	p, err := compileCompute(k.Name, k.Source)
	if err != nil {
		return 0, err
	}
	if c.programs == nil {
		c.programs = map[string]uint32{}
	}
	c.programs[k.Source] = uint32(p)
	return p, nil
}
