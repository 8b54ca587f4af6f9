//go:build !linux || !cgo

package device

import "runtime"

// candidates is one candidate that says why there is none.
func candidates(Options) []candidate {
	return []candidate{{provider: "opengl", open: func(*Context) (platform, error) { return nil, unsupported() }}}
}

func unsupported() *Error {
	if runtime.GOOS == "linux" {
		return &Error{Kind: Unsupported, Detail: "built without cgo, which OpenGL needs"}
	}
	return &Error{
		Kind:   Unsupported,
		Detail: "OpenGL 4.3 is not offered on " + runtime.GOOS,
		Remedy: "run the OpenGL contenders on Linux; the others work here",
	}
}

func explain(*Error) {}
