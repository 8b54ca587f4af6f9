//go:build unix

package machine

import (
	"syscall"
	"time"
)

// OwnTime returns the CPU time, user and system, that this process has used since its start, with that of its
// children that ended and were waited for.
func OwnTime() time.Duration {
	var sum time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			sum += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	}
	return sum
}
