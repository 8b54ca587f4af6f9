package device

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Options choose a context.
type Options struct {
	// Provider is "auto" (or ""), "egl", "egl-device", "egl-surfaceless" or "glfw".
	Provider string
	// AllowSoftware takes a software renderer if there is no hardware.
	AllowSoftware bool
	// Timeout bounds each attempt to open a context. 0 means a minute, so that a driver has time to
	// wake several sleeping GPUs.
	Timeout time.Duration
}

// Check reports a provider that does not exist.
func (o Options) Check() error {
	switch o.Provider {
	case "", "auto", "egl", "egl-device", "egl-surfaceless", "glfw":
		return nil
	}
	return fmt.Errorf("%q is no OpenGL provider: want auto, egl, egl-device, egl-surfaceless or glfw", o.Provider)
}

// wants reports whether o allows a provider.
func (o Options) wants(provider string) bool {
	family, _, _ := strings.Cut(provider, "-")
	return o.Provider == "" || o.Provider == "auto" || o.Provider == provider || o.Provider == family
}

// An Attempt is one way to a context that was tried.
type Attempt struct {
	Provider string `json:"provider"`
	Name     string `json:"name,omitempty"`   // which of the provider's devices
	Device   *Info  `json:"device,omitempty"` // nil where no context could be opened
	Err      *Error `json:"error,omitempty"`  // nil where Open would take the device
}

// A candidate is one way to a context that may work.
type candidate struct {
	provider string
	name     string
	node     string
	software bool // known before it is opened

	// open makes a context, makes it current on this thread, and describes it in c. If it returns a
	// platform beside an error, the caller closes the platform.
	open func(c *Context) (platform, error)
}

// Open opens the first context that works. It tries EGL's devices, then a hidden window if there is
// a display, then EGL without a surface. It takes a hardware renderer of any of them before a
// software renderer of any, and software only if o allows it. If none works, the error is an *Error
// that holds all Attempts.
func Open(o Options) (*Context, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	context, err := choose(candidates(o), o)
	if e, ok := errors.AsType[*Error](err); ok {
		explain(e)
	}
	return context, err
}

// Find tries every provider and device that o allows, each in a context of its own that is opened
// and closed in turn. It returns at least one Attempt for each provider that o allows. An Attempt
// on a software renderer that o does not allow has both a Device and an Err.
func Find(o Options) []Attempt {
	var attempts []Attempt
	for _, c := range candidates(o) {
		attempt, context := try(c, o)
		if context != nil {
			context.Close()
		}
		attempts = append(attempts, attempt)
	}
	return attempts
}

// choose implements Open on the candidates.
func choose(candidates []candidate, o Options) (*Context, error) {
	var attempts []Attempt
	software := -1 // the first candidate that opened on a software renderer
	for _, i := range hardwareFirst(candidates) {
		attempt, context := try(candidates[i], o)
		if context != nil {
			if !attempt.Device.Software {
				return context, nil
			}
			// Closed for now: hardware may follow, and GLFW next to EGL in one
			// process is nothing to rely on.
			context.Close()
			if software < 0 || i < software {
				software = i
			}
		}
		attempts = append(attempts, attempt)
	}
	if software >= 0 && o.AllowSoftware {
		return start(candidates[software], o.Timeout)
	}
	return nil, failure(attempts)
}

// hardwareFirst is the order in which candidates are tried: as they are, but known software last.
func hardwareFirst(candidates []candidate) []int {
	var hardware, software []int
	for i, c := range candidates {
		if c.software {
			software = append(software, i)
		} else {
			hardware = append(hardware, i)
		}
	}
	return append(hardware, software...)
}

// try opens one candidate. The context is nil exactly if the attempt has no device.
func try(c candidate, o Options) (Attempt, *Context) {
	attempt := Attempt{Provider: c.provider, Name: c.name}
	context, err := start(c, o.Timeout)
	if err != nil {
		attempt.Err = asError(err, Rejected, c.provider)
		return attempt, nil
	}
	info := context.Device()
	attempt.Device = &info
	if info.Software && !o.AllowSoftware {
		attempt.Err = &Error{Kind: SoftwareOnly, Provider: c.provider, Detail: info.Renderer + " is a software renderer"}
	}
	return attempt, context
}

// failure is the one error for attempts that all failed: the most telling of their errors, with the
// others named after it.
func failure(attempts []Attempt) *Error {
	if len(attempts) == 0 {
		return &Error{Kind: NoDevice, Detail: "no way to an OpenGL context was found"}
	}
	order := slices.Clone(attempts)
	slices.SortStableFunc(order, func(a, b Attempt) int { return cmp.Compare(a.Err.Kind, b.Err.Kind) })
	worst := order[0].Err
	others := make([]string, 0, len(order))
	for _, a := range order[1:] {
		others = append(others, fmt.Sprintf("%s (%v)", a.Provider, a.Err.Kind))
	}
	e := &Error{Kind: worst.Kind, Err: worst, Attempts: attempts, Remedy: worst.Remedy}
	if others = slices.Compact(others); len(others) > 0 {
		e.Err = fmt.Errorf("%w; also tried %s", worst, strings.Join(others, ", "))
	}
	return e
}
