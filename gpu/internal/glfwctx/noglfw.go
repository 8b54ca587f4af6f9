//go:build linux && cgo && noglfw

// Package glfwctx is empty: the program was built without GLFW.
package glfwctx

import (
	"errors"
	"unsafe"
)

// Built says whether the program holds GLFW.
const Built = false

// A Context cannot be made.
type Context struct{}

// Open always returns an error.
func Open() (*Context, error) {
	return nil, errors.New("built with -tags noglfw")
}

// ProcAddr returns nil.
func (*Context) ProcAddr(string) unsafe.Pointer { return nil }

// Close does nothing.
func (*Context) Close() {}
