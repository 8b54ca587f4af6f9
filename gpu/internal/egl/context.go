//go:build linux && cgo

package egl

// #include "egl.h"
import "C"

import (
	"errors"
	"slices"
	"unsafe"
)

// Attributes of contexts, configurations and surfaces, from the EGL registry.
const (
	none                      = 0x3038
	contextMajorVersion       = 0x3098
	contextMinorVersion       = 0x30FB
	contextProfileMask        = 0x30FD
	coreProfile               = 0x1
	resetNotificationStrategy = 0x31BD // EGL 1.5 and EGL_KHR_create_context
	resetNotificationExt      = 0x3138 // EGL_EXT_create_context_robustness
	loseContextOnReset        = 0x31BF
	renderableType            = 0x3040
	openglBit                 = 0x8
	surfaceType               = 0x3033
	pbufferBit                = 0x1
	width                     = 0x3057
	height                    = 0x3056
)

// A Context is an OpenGL 4.3 core context, current on the thread that made it.
// Only that thread may use it.
type Context struct{ display, surface, handle C.uintptr_t }

// resets asks, in the two spellings that drivers know, for the loss of the context
// when the device is reset; the last asks for nothing. Robust buffer access, by
// which shaders check every index, is another attribute and left out.
var resets = [][]C.int32_t{
	{resetNotificationStrategy, loseContextOnReset},
	{resetNotificationExt, loseContextOnReset},
	{},
}

// NewContext makes a context and makes it current on the calling thread, which
// must be locked. The driver gives the highest version that is compatible with
// 4.3 core. Forward compatibility is not asked for: NVIDIA's driver refuses it
// with EGL_BAD_MATCH.
//
// The simplest form that works is taken: without a configuration, then with one;
// without a surface, or with a 1×1 pixel buffer where the display needs one. The
// error is that of the most careful form.
func (d Display) NewContext() (*Context, error) {
	surfaceless := slices.Contains(d.extensions, "EGL_KHR_surfaceless_context")
	if surfaceless && slices.Contains(d.extensions, "EGL_KHR_no_config_context") {
		if c, err := d.newContext(0, noSurface); err == nil {
			return c, nil
		}
	}
	config := C.egl_choose_config(d.handle, list(renderableType, openglBit, surfaceType, pbufferBit))
	if config == 0 {
		return nil, errors.New("no EGL configuration renders OpenGL to a pixel buffer")
	}
	if surfaceless {
		return d.newContext(config, noSurface)
	}
	return d.newContext(config, pixelBuffer)
}

// A surface is what a context is current on.
type surface int

const (
	noSurface   surface = iota
	pixelBuffer         // of 1×1
)

// newContext makes a context of a configuration, 0 for none, with the first of
// resets that works.
func (d Display) newContext(config C.uintptr_t, on surface) (*Context, error) {
	var err error
	for _, reset := range resets {
		c := &Context{display: d.handle}
		if err = c.create(config, on, reset); err == nil {
			return c, nil
		}
		c.Close()
	}
	return nil, err
}

func (c *Context) create(config C.uintptr_t, on surface, reset []C.int32_t) error {
	core := []C.int32_t{contextMajorVersion, 4, contextMinorVersion, 3, contextProfileMask, coreProfile}
	if c.handle = C.egl_create_context(c.display, config, list(append(core, reset...)...)); c.handle == 0 {
		return fault("eglCreateContext")
	}
	if on == pixelBuffer {
		if c.surface = C.egl_create_pbuffer(c.display, config, list(width, 1, height, 1)); c.surface == 0 {
			return fault("eglCreatePbufferSurface")
		}
	}
	if C.egl_make_current(c.display, c.surface, c.handle) == 0 {
		return fault("eglMakeCurrent")
	}
	return nil
}

// ProcAddr returns an OpenGL function, or nil.
func (c *Context) ProcAddr(name string) unsafe.Pointer { return ProcAddr(name) }

// Close destroys the context and leaves its thread without one.
func (c *Context) Close() { C.egl_destroy(c.display, c.surface, c.handle) }

// list is an attribute list in EGL's form, pairs of a name and a value with an
// end mark.
func list(pairs ...C.int32_t) *C.int32_t { return &append(pairs, none)[0] }
