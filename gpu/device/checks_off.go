//go:build linux && cgo && !gldebug

package device

// checkCalls has every call of the OpenGL layer followed by a look for errors,
// which makes each wait for the driver. Set by -tags gldebug.
const checkCalls = false
