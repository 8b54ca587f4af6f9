//go:build linux && cgo

package glfwctx

import "errors"

// What an error of Open wraps, where it is more than a context that cannot be
// made.
var (
	ErrNoDisplay = errors.New("no display")
	ErrLibrary   = errors.New("no OpenGL library")
	ErrVersion   = errors.New("no OpenGL 4.3")
	ErrBusy      = errors.New("another window of this process is open")
)
