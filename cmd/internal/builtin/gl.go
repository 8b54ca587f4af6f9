package builtin

import (
	"errors"
	"strings"

	"descent/bench"
	"descent/dataset"
	"descent/gpu"
	"descent/gpu/device"
)

// UsesGL reports whether a backend runs on OpenGL.
func UsesGL(backend string) bool { return backend == "gl" || strings.HasPrefix(backend, "gl-") }

// onGL opens a form of the OpenGL backend. untimed says what it does before the timed call.
func onGL(open func(gpu.Options, dataset.Precision) (*gpu.Backend, error), prec dataset.Precision, untimed string) func(Options) (bench.Backend, error) {
	return func(o Options) (bench.Backend, error) {
		b, err := open(o.GPU, prec)
		if err != nil {
			return nil, Unavailable(err)
		}
		return glBackend{b, untimed}, nil
	}
}

type glBackend struct {
	*gpu.Backend
	untimed string
}

// Load implements bench.Backend.
func (b glBackend) Load(p *dataset.Problem) error { return Unavailable(b.Backend.Load(p)) }

// Phases implements bench.Phaser.
func (b glBackend) Phases() bench.Phases { return bench.Phases(b.Backend.Phases()) }

// Describe implements bench.Describer.
func (b glBackend) Describe() bench.Info {
	d := b.Device()
	return bench.Info{
		Work: (*bench.Work)(b.Work()), Device: d.Renderer, Software: d.Software, Version: "OpenGL " + d.Version + " by " + d.Provider,
		Sync: "a fence ends each submission and is waited for", Timed: epochsAndW, Untimed: b.untimed, Note: b.Note(),
	}
}

// Unavailable marks an error of a GPU as bench.ErrUnavailable, if this machine cannot run the
// contender at all.
func Unavailable(err error) error {
	e, known := errors.AsType[*device.Error](err)
	if !known || !e.Unavailable() {
		return err
	}
	brief := e.Kind.String()
	if e.Kind == device.SoftwareOnly || e.Kind == device.NoDevice {
		brief = "no GPU"
	}
	return unavailableError{err, brief}
}

// unavailableError is the error that it wraps, after its reason in brief. It is
// bench.ErrUnavailable too.
type unavailableError struct {
	error
	brief string
}

func (e unavailableError) Error() string   { return e.brief + ": " + e.error.Error() }
func (e unavailableError) Unwrap() []error { return []error{e.error, bench.ErrUnavailable} }
