//go:build linux && cgo

package egl

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"descent/gpu/internal/gltest"
)

// displays opens all that can be opened here.
func displays(t *testing.T) []Display {
	t.Helper()
	var list []Display
	err := Load()
	if err == nil {
		var devices []Device
		devices, err = Devices()
		for _, device := range devices {
			d, openErr := device.Display()
			if openErr != nil {
				t.Logf("%+v: %v", device, openErr)
				continue
			}
			list = append(list, d)
		}
		if d, err := Surfaceless(); err == nil {
			list = append(list, d)
		}
	}
	if len(list) == 0 {
		gltest.Unmet(t, fmt.Errorf("EGL has no display: %w", err))
	}
	return list
}

// A driver without EGL_KHR_no_config_context or EGL_KHR_surfaceless_context gets
// a context with a configuration or with a pixel buffer.
func TestAContextIsMadeWithoutTheExtensionsThatMakeItEasy(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for i, display := range displays(t) {
		for _, without := range []string{"", "EGL_KHR_no_config_context", "EGL_KHR_surfaceless_context"} {
			d := display
			d.extensions = slices.DeleteFunc(slices.Clone(d.extensions), func(name string) bool { return name == without })
			c, err := d.NewContext()
			if err != nil {
				t.Errorf("display %d without %q: %v", i, without, err)
				continue
			}
			if pbuffer := without == "EGL_KHR_surfaceless_context"; pbuffer != (c.surface != 0) && slices.Contains(display.extensions, "EGL_KHR_surfaceless_context") {
				t.Errorf("display %d without %q: a pixel buffer: %v", i, without, c.surface != 0)
			}
			if c.ProcAddr("glDispatchCompute") == nil {
				t.Errorf("display %d without %q: no glDispatchCompute", i, without)
			}
			c.Close()
		}
	}
}

func TestAnErrorNamesTheCallAndTheCode(t *testing.T) {
	if err := Load(); err != nil {
		displays(t)
	}
	_, err := open(platformDevice, 0)
	if err == nil {
		t.Fatal("a device that does not exist was opened")
	}
	if got, want := err.Error(), "eglGetPlatformDisplay: EGL_BAD_PARAMETER"; got != want {
		t.Errorf("got %q, not %q", got, want)
	}
}
