//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package proc

import (
	"errors"
	"os"
	"syscall"
)

// Lock locks f for this process until f is closed, and reports whether another process has it. Some
// network file systems have no locks; there f is not locked, and taken is false.
func Lock(f *os.File) (taken bool) {
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}
