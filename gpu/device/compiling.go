//go:build linux && cgo

package device

import (
	"time"

	"github.com/go-gl/gl/v4.3-core/gl"

	"descent/shaders"
)

// buildAndRun compiles a kernel of shaders.Unseen as a new program, runs it once, and returns the
// time of both together, because drivers put off a part of the compilation until the run. It goes
// by the wall clock: compilers run on the CPU.
func (c *Context) buildAndRun(k shaders.Kernel) (time.Duration, error) {
	tile := shaders.UnseenTile
	for binding, elements := range []int{shaders.BindingA: tile.M * tile.K, shaders.BindingB: tile.K * tile.N, shaders.BindingResult: tile.M * tile.N} {
		b, err := NewBuffer(4 * elements)
		if err != nil {
			return 0, err
		}
		defer b.Delete()
		b.Zero()
		b.Bind(binding)
	}
	if err := c.Finish(); err != nil {
		return 0, err
	}
	begin := time.Now()
	p, err := compile(k)
	if err != nil {
		return 0, err
	}
	defer gl.DeleteProgram(uint32(p))
	defer gl.UseProgram(0) // a program in use outlives its deletion
	p.runUnseen()
	err = c.Finish()
	return time.Since(begin), err
}

// runUnseen multiplies a tile by a tile.
func (p Program) runUnseen() {
	tile := shaders.UnseenTile
	for i, v := range []int{tile.M, tile.N, tile.K, tile.K, 0} {
		p.SetUint(Location(shaders.LocationUint+i), uint32(v))
	}
	p.Dispatch(1, 1, 1)
}
