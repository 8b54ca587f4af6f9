//go:build !unix

package proc

import "errors"

// A Janitor would end what a process that was killed leaves behind.
type Janitor struct{}

// StartJanitor returns an error: a janitor takes a shell.
func StartJanitor(string) (*Janitor, error) { return nil, errors.ErrUnsupported }

// Started does nothing.
func (*Janitor) Started(int) {}

// Ended does nothing.
func (*Janitor) Ended(int) {}

// End does nothing.
func (*Janitor) End() {}
