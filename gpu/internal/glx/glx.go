//go:build linux && cgo

// Package glx lets a program that imports go-gl/gl start on a machine without
// libGL. go-gl/gl calls one function of that library, glXGetProcAddress, and so
// has the linker put libGL.so.1 on the program's list of needed libraries: where
// it is missing, the dynamic loader ends the program before main. glx.c defines
// that function inside the program, hidden from every library, and opens libGL
// when it is first called. Nothing of libGL is then left to resolve at link time,
// and a linker that is told --as-needed drops it from the list.
//
// The package has no Go API: import it, for its effect, where go-gl/gl is
// imported.
package glx

// #cgo LDFLAGS: -ldl
import "C"
