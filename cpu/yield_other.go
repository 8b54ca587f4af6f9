//go:build !linux

package cpu

import "runtime"

// yield lets another goroutine run.
func yield() { runtime.Gosched() }

// move does nothing: it is the system's to spread threads over processors.
func move() {}
