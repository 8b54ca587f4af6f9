package main

import (
	"errors"

	"descent/bench"
)

// unavailable marks a GPU's error as bench.ErrUnavailable where it means that this
// machine cannot run the contender at all.
func unavailable(err error) error {
	var e interface{ Unavailable() bool }
	if errors.As(err, &e) && e.Unavailable() {
		return unavailableError{err}
	}
	return err
}

// unavailableError reads as the error it wraps, and is bench.ErrUnavailable too.
type unavailableError struct{ error }

func (e unavailableError) Unwrap() []error { return []error{e.error, bench.ErrUnavailable} }
