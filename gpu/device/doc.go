// Package device finds a device for OpenGL 4.3 compute shaders, opens a context on it, and measures
// what the device can do. OpenGL ties a context to a thread, so one goroutine makes every call on a
// context: a caller passes its calls to Context.Do. Inside Do, the typed handles (Program, Buffer,
// Fence, Stopwatch) are the OpenGL calls that compute needs, and every error has a Kind and a hint
// for the user.
//
// Where things are:
//
//	open.go          Options, Open (the first context that works), Find (every way that was tried)
//	providers.go     the ways to a context: EGL's devices, GLFW, EGL without a surface;
//	                 providers_off.go without any
//	context.go       Context and its thread
//	info.go          Info: names, limits and features of a device; info_gl.go reads them
//	memory.go        whether a device has room for some buffers
//	errors.go        Kind and Error
//	buffers.go       Buffer, Upload, Download
//	programs.go      Program: compiling, uniforms, dispatches, barriers
//	fences.go        Fence: submitting, waiting, resets
//	stopwatch.go     Stopwatch and Context.Time: the device's clock
//	gl_errors.go     CheckErrors: OpenGL's error queue; checks_on.go, checks_off.go: -tags gldebug
//	linking.go       the linker flag that lets a program start without libGL
//	probe.go         Context.Probe, in five parts (probe_off.go: not in this build):
//	bandwidth.go       passes over memory and caches
//	dispatches.go      dispatches and barriers
//	meetings.go        work groups that wait for one another
//	arithmetic.go      multiply-adds
//	slopes.go          a dispatch that repeats its work
//	compiling.go       a shader that the driver has never seen
package device
