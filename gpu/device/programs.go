//go:build linux && cgo

package device

import (
	"strings"

	"github.com/go-gl/gl/v4.3-core/gl"

	"descent/dataset"
	"descent/shaders"
)

// A Program is a linked compute shader. Its methods run on the context's thread, inside Context.Do.
type Program uint32

// A Location is the place of a uniform, as its shader declares it.
type Location int32

// Program returns a kernel's program, which the first call in this context compiles.
func (c *Context) Program(k shaders.Kernel) (Program, error) {
	if p, ok := c.programs[k.Source]; ok {
		return Program(p), nil
	}
	p, err := compile(k)
	if err != nil {
		return 0, err
	}
	if c.programs == nil {
		c.programs = map[string]uint32{}
	}
	c.programs[k.Source] = uint32(p)
	return p, nil
}

// compile compiles and links a kernel. The kernel's name stands before the driver's log in the
// error.
func compile(k shaders.Kernel) (Program, error) {
	shader := gl.CreateShader(gl.COMPUTE_SHADER)
	defer gl.DeleteShader(shader)
	text, free := gl.Strs(k.Source)
	length := int32(len(k.Source))
	gl.ShaderSource(shader, 1, text, &length)
	free()
	gl.CompileShader(shader)
	var ok int32
	if gl.GetShaderiv(shader, gl.COMPILE_STATUS, &ok); ok == gl.FALSE {
		return 0, shaderError(k.Name, shader, gl.GetShaderiv, gl.GetShaderInfoLog)
	}

	p := gl.CreateProgram()
	gl.AttachShader(p, shader)
	gl.LinkProgram(p)
	gl.DetachShader(p, shader)
	if gl.GetProgramiv(p, gl.LINK_STATUS, &ok); ok == gl.FALSE {
		defer gl.DeleteProgram(p)
		return 0, shaderError(k.Name, p, gl.GetProgramiv, gl.GetProgramInfoLog)
	}
	return Program(p), CheckErrors("compile " + k.Name)
}

// shaderError is the driver's log on a shader or a program.
func shaderError(name string, object uint32, get func(uint32, uint32, *int32), getLog func(uint32, int32, *int32, *uint8)) error {
	var length int32
	get(object, gl.INFO_LOG_LENGTH, &length)
	log := make([]byte, max(length, 1))
	getLog(object, int32(len(log)), &length, &log[0])
	text := strings.TrimSpace(string(log[:length]))
	if text == "" {
		text = "the driver refused it without a log"
	}
	return &Error{Kind: Shader, Detail: name + ": " + text}
}

// SetUint sets a uniform of type uint. Like with all setters, p need not be in use.
func (p Program) SetUint(l Location, v uint32) { gl.ProgramUniform1ui(uint32(p), int32(l), v) }

// SetReal sets a uniform of the type Real of a shader in that precision.
func (p Program) SetReal(l Location, precision dataset.Precision, v float64) {
	if precision == dataset.Float32 {
		gl.ProgramUniform1f(uint32(p), int32(l), float32(v))
	} else {
		gl.ProgramUniform1d(uint32(p), int32(l), v)
	}
}

// SetReals sets a uniform of four of the type Real of a shader in that precision.
func (p Program) SetReals(l Location, precision dataset.Precision, v [4]float64) {
	if precision == dataset.Float32 {
		gl.ProgramUniform4f(uint32(p), int32(l), float32(v[0]), float32(v[1]), float32(v[2]), float32(v[3]))
	} else {
		gl.ProgramUniform4d(uint32(p), int32(l), v[0], v[1], v[2], v[3])
	}
}

// Dispatch runs p on x×y×z work groups. The caller keeps them within Limits.MaxGroups.
func (p Program) Dispatch(x, y, z int) {
	gl.UseProgram(uint32(p))
	gl.DispatchCompute(uint32(x), uint32(y), uint32(z))
	checkCall("dispatch")
}

// StorageBarrier makes what earlier dispatches wrote visible to later dispatches.
func StorageBarrier() { gl.MemoryBarrier(gl.SHADER_STORAGE_BARRIER_BIT) }

// UpdateBarrier makes what earlier dispatches wrote visible to downloads and uploads.
func UpdateBarrier() { gl.MemoryBarrier(gl.BUFFER_UPDATE_BARRIER_BIT) }
