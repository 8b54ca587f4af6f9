package bench

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime returns the processor time that all threads of the worker have used so far, in nanoseconds,
// and whether that is known. It is the process's own clock, as clock_getcpuclockid(3) names it: the
// kernel's full resolution, where /proc has ticks of 10 ms.
func (p *Process) cpuTime() (used time.Duration, ok bool) {
	p.held(func(pid int) {
		var ts unix.Timespec
		if ok = unix.ClockGettime(int32(^pid<<3|cpuClockSched), &ts) == nil; ok {
			used = time.Duration(ts.Nano())
		}
	})
	return used, ok
}

// cpuClockSched is CPUCLOCK_SCHED of linux/include/linux/posix-timers.h: what the scheduler counted.
const cpuClockSched = 2
