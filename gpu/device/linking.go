//go:build linux && cgo

package device

// go-gl/gl and GLFW name libGL to the linker, and glx leaves nothing in it to
// resolve: with this flag the program does not need it to start. The flag works
// from its place in the linker's command on, and there a package comes before
// those that only it imports: so it stands here, in the one package that imports
// both, and not in glx.

// #cgo LDFLAGS: -Wl,--as-needed
import "C"

import _ "descent/gpu/internal/glx"
