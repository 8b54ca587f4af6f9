//go:build linux && cgo

package gpu

import (
	"fmt"
	"strings"

	"github.com/go-gl/gl/v4.3-core/gl"

	"descent/dataset"
)

// This file, buffers.go and fences.go are the OpenGL calls that compute needs,
// typed and checked. Every function here runs on the context's thread, inside
// Context.Do.

// A program is a linked compute shader.
type program uint32

// A location is where a uniform lies, as its shader declares it.
type location int32

// compileCompute compiles and links a compute shader. name stands before the
// driver's log in the error.
func compileCompute(name, source string) (program, error) {
	shader := gl.CreateShader(gl.COMPUTE_SHADER)
	defer gl.DeleteShader(shader)
	text, free := gl.Strs(source)
	length := int32(len(source))
	gl.ShaderSource(shader, 1, text, &length)
	free()
	gl.CompileShader(shader)
	var ok int32
	if gl.GetShaderiv(shader, gl.COMPILE_STATUS, &ok); ok == gl.FALSE {
		return 0, shaderError(name, shader, gl.GetShaderiv, gl.GetShaderInfoLog)
	}

	p := gl.CreateProgram()
	gl.AttachShader(p, shader)
	gl.LinkProgram(p)
	gl.DetachShader(p, shader)
	if gl.GetProgramiv(p, gl.LINK_STATUS, &ok); ok == gl.FALSE {
		defer gl.DeleteProgram(p)
		return 0, shaderError(name, p, gl.GetProgramiv, gl.GetProgramInfoLog)
	}
	return program(p), checkError("compile " + name)
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

// The setters set a uniform of p, which need not be in use.

func (p program) setUint(l location, v uint32)   { gl.ProgramUniform1ui(uint32(p), int32(l), v) }
func (p program) setFloat(l location, v float32) { gl.ProgramUniform1f(uint32(p), int32(l), v) }

// setReal sets a uniform of the type Real of a shader in that precision.
func (p program) setReal(l location, precision dataset.Precision, v float64) {
	if precision == dataset.Float32 {
		p.setFloat(l, float32(v))
	} else {
		gl.ProgramUniform1d(uint32(p), int32(l), v)
	}
}

// setReals sets a uniform of four of the type Real of a shader in that precision.
func (p program) setReals(l location, precision dataset.Precision, v [4]float64) {
	if precision == dataset.Float32 {
		gl.ProgramUniform4f(uint32(p), int32(l), float32(v[0]), float32(v[1]), float32(v[2]), float32(v[3]))
	} else {
		gl.ProgramUniform4d(uint32(p), int32(l), v[0], v[1], v[2], v[3])
	}
}

// dispatch runs p on x×y×z work groups, which the caller keeps within
// Limits.MaxGroups.
func (p program) dispatch(x, y, z int) {
	gl.UseProgram(uint32(p))
	gl.DispatchCompute(uint32(x), uint32(y), uint32(z))
	checkCall("dispatch")
}

// barrierStorage makes what earlier dispatches wrote visible to later ones.
func barrierStorage() { gl.MemoryBarrier(gl.SHADER_STORAGE_BARRIER_BIT) }

// barrierUpdate makes what earlier dispatches wrote visible to downloads and
// uploads.
func barrierUpdate() { gl.MemoryBarrier(gl.BUFFER_UPDATE_BARRIER_BIT) }

// checkError returns the first error that the calls since the last check left,
// and forgets the others.
func checkError(where string) error {
	switch code := drainErrors(); code {
	case gl.NO_ERROR:
		return nil
	case gl.OUT_OF_MEMORY:
		return &Error{Kind: OutOfMemory, Detail: where}
	case gl.CONTEXT_LOST:
		return &Error{Kind: ContextLost, Detail: where + ": the device was reset"}
	default:
		return &Error{Kind: Rejected, Detail: where + ": " + errorName(code)}
	}
}

// checkCall panics on an error if checkCalls is set, and otherwise leaves it to
// the check at the end of the batch.
func checkCall(where string) {
	if checkCalls {
		if err := checkError(where); err != nil {
			panic(err)
		}
	}
}

// drainErrors empties the error queue and returns what was first in it. A lost
// context returns errors without an end.
func drainErrors() (first uint32) {
	for range 16 {
		code := gl.GetError()
		if code == gl.NO_ERROR {
			break
		}
		if first == gl.NO_ERROR {
			first = code
		}
	}
	return first
}

func errorName(code uint32) string {
	switch code {
	case gl.INVALID_ENUM:
		return "GL_INVALID_ENUM"
	case gl.INVALID_VALUE:
		return "GL_INVALID_VALUE"
	case gl.INVALID_OPERATION:
		return "GL_INVALID_OPERATION"
	case gl.INVALID_FRAMEBUFFER_OPERATION:
		return "GL_INVALID_FRAMEBUFFER_OPERATION"
	}
	return fmt.Sprintf("OpenGL error %#x", code)
}
