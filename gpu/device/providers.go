//go:build linux && cgo

package device

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"descent/gpu/internal/egl"
	"descent/gpu/internal/glfwctx"
)

// candidates lists the ways to a context that o allows. A provider that cannot even list its
// devices is one candidate, and says so when it is opened.
func candidates(o Options) []candidate {
	var list []candidate
	if o.wants("egl-device") {
		list = append(list, eglDevices()...)
	}
	if o.wants("glfw") {
		list = append(list, candidate{provider: "glfw", open: inspected(openWindow)})
	}
	if o.wants("egl-surfaceless") {
		list = append(list, candidate{provider: "egl-surfaceless", open: inspected(openSurfaceless)})
	}
	return list
}

// inspected makes a context and describes it.
func inspected(open func() (platform, error)) func(*Context) (platform, error) {
	return func(c *Context) (platform, error) {
		p, err := open()
		if err != nil {
			return nil, err
		}
		return p, c.inspect(p)
	}
}

// eglDevices is one candidate for each device that EGL lists.
func eglDevices() []candidate {
	const provider = "egl-device"
	none := func(kind Kind, err error) []candidate {
		return []candidate{{provider: provider, open: func(*Context) (platform, error) {
			return nil, &Error{Kind: kind, Provider: provider, Err: err}
		}}}
	}
	if err := egl.Load(); err != nil {
		return none(LibraryMissing, err)
	}
	devices, err := egl.Devices()
	if err == nil && len(devices) == 0 {
		err = errors.New("libEGL lists no device")
	}
	if err != nil {
		return none(NoDevice, err)
	}
	list := make([]candidate, len(devices))
	for i, d := range devices {
		list[i] = candidate{
			provider: provider,
			name:     fmt.Sprintf("device %d", i),
			node:     d.Node,
			software: d.Software,
			open:     inspected(func() (platform, error) { return openDevice(i, d) }),
		}
	}
	return list
}

func openDevice(i int, d egl.Device) (platform, error) {
	const provider = "egl-device"
	display, err := d.Display()
	if err == nil {
		return openEGL(provider, display)
	}
	e := &Error{Kind: NoDevice, Provider: provider, Detail: fmt.Sprintf("device %d", i), Err: err}
	if d.Node != "" && denied(d.Node) {
		e.Kind, e.Detail = Permission, fmt.Sprintf("device %d: %s: permission denied", i, d.Node)
	}
	return nil, e
}

func openSurfaceless() (platform, error) {
	const provider = "egl-surfaceless"
	if err := egl.Load(); err != nil {
		return nil, &Error{Kind: LibraryMissing, Provider: provider, Err: err}
	}
	display, err := egl.Surfaceless()
	if err != nil {
		return nil, &Error{Kind: NoDevice, Provider: provider, Err: err}
	}
	return openEGL(provider, display)
}

func openEGL(provider string, display egl.Display) (platform, error) {
	context, err := display.NewContext()
	if err != nil {
		return nil, &Error{Kind: Version, Provider: provider, Detail: "no OpenGL 4.3 core context", Err: err}
	}
	return context, nil
}

func openWindow() (platform, error) {
	context, err := glfwctx.Open()
	if err == nil {
		return context, nil
	}
	e := &Error{Kind: NoDevice, Provider: "glfw", Err: err}
	switch {
	case !glfwctx.Built:
		e.Kind, e.Remedy = Unsupported, "use --gl-provider egl, or a build without the tag noglfw"
	case errors.Is(err, glfwctx.ErrNoDisplay):
		e.Kind = NoDisplay
	case errors.Is(err, glfwctx.ErrLibrary):
		e.Kind = LibraryMissing
	case errors.Is(err, glfwctx.ErrVersion):
		e.Kind = Version
	case errors.Is(err, glfwctx.ErrBusy):
		e.Kind, e.Remedy = Limit, "close the other context first, or use --gl-provider egl"
	}
	return nil, e
}

// denied reports whether the user may not open a device's file.
func denied(node string) bool {
	const readWrite = 6
	return errors.Is(syscall.Access(node, readWrite), syscall.EACCES)
}

// deniedNode is the first file of those patterns that the user may not open, or "".
func deniedNode(patterns ...string) string {
	for _, pattern := range patterns {
		nodes, _ := filepath.Glob(pattern)
		if i := slices.IndexFunc(nodes, denied); i >= 0 {
			return nodes[i]
		}
	}
	return ""
}

// explain makes e more telling by what the machine shows apart from OpenGL. One case is a GPU that
// the user may not open: a driver passes over it without a word. The other is an NVIDIA GPU whose
// kernel driver is there without its OpenGL part, as in containers by default.
func explain(e *Error) {
	if e.Kind != SoftwareOnly && e.Kind != NoDevice {
		return
	}
	if node := deniedNode("/dev/dri/renderD*", "/dev/nvidia[0-9]*", "/dev/nvidiactl"); node != "" {
		e.Kind, e.Detail, e.Remedy = Permission, node+": permission denied", ""
		return
	}
	if _, err := os.Stat("/dev/nvidiactl"); err == nil {
		e.Remedy = "an NVIDIA GPU is here without its driver's EGL part: install libnvidia-gl (Ubuntu), libegl-nvidia0 (Debian) or xorg-x11-drv-nvidia-libs (Fedora) of the driver's version; in a container, run it with NVIDIA_DRIVER_CAPABILITIES=all and install libegl1; where the driver lies elsewhere, set __EGL_VENDOR_LIBRARY_FILENAMES to its 10_nvidia.json"
	}
}
