package device

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// A Kind says what went wrong, as far as a caller or a user can act on it. It is itself an error,
// so that errors.Is(err, device.NoDisplay) asks for a kind.
//
// Opening a context can end with the first ten kinds. They stand in the order of how much they
// tell. If every attempt failed, the error is of the first of the kinds that occurred.
type Kind int

// The kinds. Those from Shader on come from a context that is open.
const (
	Permission     Kind = iota + 1 // a GPU is there, and the user may not open it
	Timeout                        // the driver did not answer in time
	Version                        // no OpenGL 4.3 core context
	MissingFeature                 // OpenGL 4.3, without something that is needed
	Limit                          // the work does not fit the device's limits
	SoftwareOnly                   // only a software renderer, and software is not allowed
	LibraryMissing                 // libEGL or libGL cannot be loaded
	NoDevice                       // no driver or device, or none that opens
	NoDisplay                      // no display server for a window
	Unsupported                    // this program was built without it
	Shader                         // a shader does not compile
	OutOfMemory                    // the device's memory is full
	ContextLost                    // the device was reset
	Cancelled                      // the caller ended the work
	Rejected                       // the driver refused a call: a defect, ours or the driver's
)

// kinds holds three things for each kind: its name, whether this machine cannot run OpenGL work at
// all, and what the user can do.
var kinds = map[Kind]struct {
	name        string
	unavailable bool
	hint        string
}{
	Permission: {"permission denied", true,
		"let your user open the GPU: sudo usermod -aG render,video \"$USER\", then log in again; in a container, pass the device in (--device /dev/dri, or --gpus all)"},
	Timeout: {"timeout", false,
		"the GPU or its driver does not answer: look at dmesg for a reset, and try again with less work per dispatch or another --gl-provider"},
	Version: {"OpenGL version", true,
		"OpenGL 4.3 core is needed, which GPUs have since about 2013: install the GPU's current driver (Debian, Ubuntu: apt install libgl1-mesa-dri; Fedora: dnf install mesa-dri-drivers; or NVIDIA's)"},
	MissingFeature: {"missing feature", true,
		"update the GPU's driver: apt install --only-upgrade libegl-mesa0 libgl1-mesa-dri (Debian, Ubuntu), dnf upgrade mesa-dri-drivers (Fedora), or NVIDIA's current driver"},
	Limit: {"device limit", true,
		"use fewer samples or features, or f32 instead of f64"},
	SoftwareOnly: {"software renderer only", true,
		"OpenGL works here, but on the CPU: install the GPU's driver, or run it as what it is with --allow-software"},
	LibraryMissing: {"library missing", true,
		"install OpenGL's libraries: apt install libegl1 libgl1 libgl1-mesa-dri (Debian, Ubuntu), dnf install libglvnd-egl libglvnd-glx mesa-libEGL mesa-dri-drivers (Fedora); NVIDIA's driver brings its own part: libnvidia-gl (Ubuntu), libegl-nvidia0 (Debian), xorg-x11-drv-nvidia-libs (Fedora)"},
	NoDevice: {"no device", true,
		"install the GPU's OpenGL driver: apt install libegl-mesa0 libgl1-mesa-dri (Debian, Ubuntu), dnf install mesa-libEGL mesa-dri-drivers (Fedora), or NVIDIA's driver; in a container, pass the GPU in"},
	NoDisplay: {"no display", true,
		"use --gl-provider egl, which needs no display, or set DISPLAY to a running X server (xvfb-run starts one for a software renderer)"},
	Unsupported: {"not in this build", true,
		"build on Linux with cgo and OpenGL's headers: make deps, then make build"},
	Shader: {"shader", false,
		"the driver's compiler refused a shader: please report it with the output of descent devices"},
	OutOfMemory: {"out of GPU memory", false,
		"use fewer samples or features, or f32 instead of f64, or end other programs on the GPU"},
	ContextLost: {"context lost", false,
		"the GPU was reset, by a fault or by a watchdog: look at dmesg, and try again with less work per dispatch"},
	Cancelled: {"cancelled", false, ""},
	Rejected: {"call rejected", false,
		"please report it with the output of descent devices"},
}

// String names the kind.
func (k Kind) String() string {
	if entry, ok := kinds[k]; ok {
		return entry.name
	}
	return fmt.Sprintf("device.Kind(%d)", int(k))
}

// Error makes a Kind a target for errors.Is.
func (k Kind) Error() string { return k.String() }

// An Error is the error of every function of this package, apart from misuse.
type Error struct {
	Kind     Kind
	Provider string    // as in Device, "" where none is to blame
	Detail   string    // what was found, on one line; the kind's name if empty
	Err      error     // the cause, or nil
	Attempts []Attempt // what Open tried, where everything failed
	Remedy   string    // what the user can do, in place of the hint of the kind
}

// Error is one line: provider, detail and cause.
func (e *Error) Error() string {
	var parts []string
	if e.Provider != "" {
		parts = append(parts, e.Provider)
	}
	switch {
	case e.Detail != "":
		parts = append(parts, e.Detail)
	case e.Err == nil:
		parts = append(parts, e.Kind.String())
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.ReplaceAll(strings.Join(parts, ": "), "\n", "; ")
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is e's kind.
func (e *Error) Is(target error) bool {
	kind, ok := target.(Kind)
	return ok && kind == e.Kind
}

// Hint says what the user can do.
func (e *Error) Hint() string {
	if e.Remedy != "" {
		return e.Remedy
	}
	return kinds[e.Kind].hint
}

// Unavailable reports whether this machine, or this program on it, cannot do the work at all. A run
// then goes on without it. Otherwise something failed that should have worked.
func (e *Error) Unavailable() bool { return kinds[e.Kind].unavailable }

// MarshalJSON writes the kind's name, the text and the hint.
func (e *Error) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Kind string `json:"kind"`
		Text string `json:"text"`
		Hint string `json:"hint"`
	}{e.Kind.String(), e.Error(), e.Hint()})
}

// asError is err as an *Error, of the given kind if it has none yet.
func asError(err error, kind Kind, provider string) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Kind: kind, Provider: provider, Err: err}
}
