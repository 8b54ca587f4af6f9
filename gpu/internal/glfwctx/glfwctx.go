//go:build linux && cgo && !noglfw

// Package glfwctx makes an OpenGL context in a hidden window, by GLFW. It needs a display server.
//
// GLFW asks for the main thread. On Linux any thread will do, if it makes all calls between Open
// and Close. GLFW keeps one connection to the X server, and one current context a thread. The
// caller locks the thread.
//
// With the build tag noglfw the package is empty, and the program starts on a machine without
// libX11.
package glfwctx

/*
// GLFW's own functions, linked from go-gl/glfw: its Go error callback prints what
// no Go function fetches, so that a machine without a display would get lines
// on stderr that no caller asked for. This one keeps the last error instead.
typedef void (*error_callback)(int code, const char *description);
extern error_callback glfwSetErrorCallback(error_callback);

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static struct { int code; char description[512]; } last;

static void keep(int code, const char *description) {
	last.code = code;
	snprintf(last.description, sizeof last.description, "%s", description);
}

// prepare also holds libGL in memory: GLFW unloads it with each window, and of
// what a driver takes from the process, not all comes back, so that about the
// hundredth window would fail.
static void prepare(void) {
	last.code = 0;
	glfwSetErrorCallback(keep);
	setenv("LIBGL_DEBUG", "quiet", 0); // Mesa would print beside its errors
	dlopen("libGLX.so.0", RTLD_LAZY | RTLD_NODELETE);
	dlopen("libGL.so.1", RTLD_LAZY | RTLD_NODELETE);
}

static int last_code(void) { return last.code; }
static const char *last_description(void) { return last.description; }
*/
import "C"

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"unsafe"

	"github.com/go-gl/glfw/v3.3/glfw"
)

// Built says whether the program holds GLFW.
const Built = true

// A Context is an OpenGL 4.3 core context, current on the thread that made it.
// Only that thread may use it.
type Context struct{ window *glfw.Window }

// GLFW's state is the process's: one window at a time.
var open sync.Mutex

// Open makes a hidden window with a context and makes it current on the calling
// thread, which must be locked.
func Open() (c *Context, err error) {
	if os.Getenv("DISPLAY") == "" {
		if os.Getenv("WAYLAND_DISPLAY") != "" {
			return nil, fmt.Errorf("%w: WAYLAND_DISPLAY is set but DISPLAY is not, and GLFW here speaks X11", ErrNoDisplay)
		}
		return nil, fmt.Errorf("%w: neither DISPLAY nor WAYLAND_DISPLAY is set", ErrNoDisplay)
	}
	if !open.TryLock() {
		return nil, ErrBusy
	}
	defer func() {
		// go-gl/glfw panics on the errors that it takes for a caller's mistake.
		if p := recover(); p != nil {
			c, err = nil, fmt.Errorf("glfw: %v", p)
		}
		if err != nil {
			glfw.Terminate()
			open.Unlock()
		}
	}()

	C.prepare()
	if err := glfw.Init(); err != nil {
		return nil, err
	}
	if C.last_code() != 0 {
		return nil, fmt.Errorf("%w: %s", ErrNoDisplay, description())
	}
	glfw.WindowHint(glfw.Visible, glfw.False)
	glfw.WindowHint(glfw.ContextVersionMajor, 4)
	glfw.WindowHint(glfw.ContextVersionMinor, 3)
	glfw.WindowHint(glfw.OpenGLProfile, glfw.OpenGLCoreProfile)
	// GLFW leaves the request out where the server does not know it, and a driver
	// may still refuse it.
	glfw.WindowHint(glfw.ContextRobustness, glfw.LoseContextOnReset)
	window, _ := glfw.CreateWindow(1, 1, "", nil, nil)
	if window == nil {
		glfw.WindowHint(glfw.ContextRobustness, glfw.NoRobustness)
		window, _ = glfw.CreateWindow(1, 1, "", nil, nil)
	}
	if window == nil {
		return nil, windowError()
	}
	window.MakeContextCurrent()
	if glfw.GetCurrentContext() == nil {
		return nil, windowError()
	}
	return &Context{window}, nil
}

func description() string { return strings.TrimPrefix(C.GoString(C.last_description()), "X11: ") }

// windowError is GLFW's last error, wrapped by what it means.
func windowError() error {
	switch code := glfw.ErrorCode(C.last_code()); {
	case code == glfw.VersionUnavailable:
		return fmt.Errorf("%w: %s", ErrVersion, description())
	case code == glfw.APIUnavailable && strings.Contains(description(), "Failed to load"):
		return fmt.Errorf("%w: %s", ErrLibrary, description())
	case code == 0:
		return errors.New("glfw made no window and gave no reason")
	default:
		return errors.New(description())
	}
}

// ProcAddr returns an OpenGL function, or nil.
func (c *Context) ProcAddr(name string) unsafe.Pointer { return glfw.GetProcAddress(name) }

// Close destroys the window and leaves its thread without a context.
func (c *Context) Close() {
	glfw.DetachCurrentContext()
	c.window.Destroy()
	glfw.Terminate()
	open.Unlock()
}
