//go:build unix

package machine

import (
	"syscall"
	"time"
)

// SelfTime returns the CPU time, user and system, that this process has used itself since its start.
func SelfTime() time.Duration { return used(syscall.RUSAGE_SELF) }

// OwnTime returns SelfTime with that of its children that ended and were waited for.
func OwnTime() time.Duration { return SelfTime() + used(syscall.RUSAGE_CHILDREN) }

// used is the CPU time of whom, 0 where it is not known.
func used(whom int) time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(whom, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
