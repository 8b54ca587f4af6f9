//go:build linux && cgo

// Package glx lets a program that imports go-gl/gl start on a machine without libGL. go-gl/gl calls
// one function of libGL, glXGetProcAddress. So the linker puts libGL.so.1 on the program's list of
// needed libraries. If the library is missing, the dynamic loader ends the program before main.
//
// glx.c defines glXGetProcAddress inside the program, hidden from every library. It opens libGL at
// the first call. So the linker finds no use of libGL, and with --as-needed drops it from the list.
//
// The package has no Go API. A package that imports go-gl/gl imports it for its effect.
package glx

// #cgo LDFLAGS: -ldl
import "C"
