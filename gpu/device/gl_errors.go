//go:build linux && cgo

package device

import (
	"fmt"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// CheckErrors returns the first error that OpenGL's calls since the last check left, and forgets
// the others. The error says where it was found. It runs on the context's thread, inside
// Context.Do.
func CheckErrors(where string) error {
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

// checkCall panics on an error if checkCalls is set. Otherwise it leaves the error to the check at
// the end of the batch.
func checkCall(where string) {
	if checkCalls {
		if err := CheckErrors(where); err != nil {
			panic(err)
		}
	}
}

// drainErrors empties the error queue and returns its first error. A lost context returns errors
// without an end, so the number of reads is bounded.
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
