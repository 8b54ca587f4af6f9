//go:build unix

package machine

import (
	"syscall"
	"time"
)

// SelfTime returns the CPU time, user and system, that this process has used since its start,
// without its children.
func SelfTime() time.Duration { return used(syscall.RUSAGE_SELF) }

// OwnTime returns SelfTime plus the CPU time of the children that have ended and were waited for.
func OwnTime() time.Duration { return SelfTime() + used(syscall.RUSAGE_CHILDREN) }

// used returns the CPU time of whom, 0 if it is not known.
func used(whom int) time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(whom, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
