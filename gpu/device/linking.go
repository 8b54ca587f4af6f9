//go:build linux && cgo

package device

// go-gl/gl and GLFW name libGL to the linker, but glx leaves nothing in libGL to resolve. With this
// flag the linker drops libGL, and the program starts without it. The flag works from its place in
// the linker's command on. A package stands there before the packages that only it imports. So the
// flag is in this package, the one that imports both, and not in glx.

// #cgo LDFLAGS: -Wl,--as-needed
import "C"

import _ "descent/gpu/internal/glx"
