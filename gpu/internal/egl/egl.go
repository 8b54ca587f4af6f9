//go:build linux && cgo

// Package egl makes OpenGL contexts without a window or a display server, on a
// device that EGL lists (EGL_EXT_platform_device, served by NVIDIA's driver and
// by Mesa) or on Mesa's surfaceless platform. libEGL.so.1 is opened when Load is
// called: a program that imports this package starts where it is missing.
package egl

/*
#cgo LDFLAGS: -ldl
#include <stdlib.h>
#include "egl.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unsafe"
)

// Names and values from the EGL registry.
const (
	success             = 0x3000
	extensions          = 0x3055
	drmDeviceFile       = 0x3233
	drmRenderNodeFile   = 0x3377
	platformDevice      = 0x313F
	platformSurfaceless = 0x31DD
)

// Load opens libEGL. Every other function needs it to have returned nil. It may
// be called any number of times.
var Load = sync.OnceValue(func() error {
	if problem := C.egl_load(); problem != nil {
		return errors.New(C.GoString(problem))
	}
	return nil
})

// A Device is one that EGL lists. A device may be listed and still refuse to
// open.
type Device struct {
	Software bool   // the driver says that it renders on the CPU
	Node     string // its file below /dev/dri, "" where the driver names none
	handle   C.uintptr_t
}

// Devices lists the devices of all installed drivers, in the library's order. An
// error means that the library cannot list any: libglvnd's offers only what an
// installed driver offers.
func Devices() ([]Device, error) {
	client := words(C.egl_string(0, extensions))
	if !slices.Contains(client, "EGL_EXT_platform_device") ||
		!slices.Contains(client, "EGL_EXT_device_base") && !slices.Contains(client, "EGL_EXT_device_enumeration") {
		return nil, errors.New("libEGL cannot list devices: no driver is installed, or none that has EGL_EXT_platform_device")
	}
	var handles [64]C.uintptr_t
	n := C.egl_devices(&handles[0], C.int(len(handles)))
	if n < 0 {
		return nil, fault("eglQueryDevicesEXT")
	}
	devices := make([]Device, n)
	for i, handle := range handles[:n] {
		offers := words(C.egl_device_string(handle, extensions))
		devices[i] = Device{Software: slices.Contains(offers, "EGL_MESA_device_software"), handle: handle}
		switch {
		case slices.Contains(offers, "EGL_EXT_device_drm_render_node"):
			devices[i].Node = C.GoString(C.egl_device_string(handle, drmRenderNodeFile))
		case slices.Contains(offers, "EGL_EXT_device_drm"):
			devices[i].Node = C.GoString(C.egl_device_string(handle, drmDeviceFile))
		}
	}
	return devices, nil
}

// A Display is an initialised connection to one device. It is never terminated:
// EGL hands out one display a device, so that ending it would end every other
// context on it, and drivers do not agree on coming back from that.
type Display struct {
	handle     C.uintptr_t
	extensions []string
}

// Display opens the device.
func (d Device) Display() (Display, error) { return open(platformDevice, d.handle) }

// Surfaceless opens Mesa's choice of device.
func Surfaceless() (Display, error) {
	if !slices.Contains(words(C.egl_string(0, extensions)), "EGL_MESA_platform_surfaceless") {
		return Display{}, errors.New("libEGL does not offer EGL_MESA_platform_surfaceless")
	}
	return open(platformSurfaceless, 0)
}

func open(platform C.uint, native C.uintptr_t) (Display, error) {
	display := C.egl_display(platform, native)
	if display == 0 {
		return Display{}, fault("eglGetPlatformDisplay")
	}
	if C.egl_initialize(display) == 0 {
		return Display{}, fault("eglInitialize")
	}
	return Display{display, words(C.egl_string(display, extensions))}, nil
}

// ProcAddr returns an OpenGL function, or nil. libEGL may return an address for a
// function that no driver has.
func ProcAddr(name string) unsafe.Pointer {
	s := C.CString(name)
	defer C.free(unsafe.Pointer(s))
	return C.egl_proc(s)
}

func words(list *C.char) []string { return strings.Fields(C.GoString(list)) }

// fault is the thread's EGL error as a Go error.
func fault(call string) error {
	code := int(C.egl_error())
	if i := code - success; i >= 0 && i < len(codes) {
		return fmt.Errorf("%s: EGL_%s", call, codes[i])
	}
	return fmt.Errorf("%s: EGL error %#x", call, code)
}

// codes are the names of EGL's errors, from 0x3000 on.
var codes = [...]string{"SUCCESS", "NOT_INITIALIZED", "BAD_ACCESS", "BAD_ALLOC", "BAD_ATTRIBUTE",
	"BAD_CONFIG", "BAD_CONTEXT", "BAD_CURRENT_SURFACE", "BAD_DISPLAY", "BAD_MATCH",
	"BAD_NATIVE_PIXMAP", "BAD_NATIVE_WINDOW", "BAD_PARAMETER", "BAD_SURFACE", "CONTEXT_LOST"}
