package bench

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime returns the processor time that all threads of the worker have used so far, in nanoseconds,
// and whether that is known. It is the process's own clock, as clock_getcpuclockid(3) names it: the
// kernel's full resolution, where /proc has ticks of 10 ms. What a thread uses is added when it falls asleep; while it runs,
// at the ticks of the scheduler only, clockTicks apart at the most.
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

// clockTicks is longer than a tick of the scheduler is at any usual setting: 1, 4 or 10 ms.
const clockTicks = 12 * time.Millisecond

// running reports whether a thread of the worker runs or would, if it had a processor, at this moment.
func (p *Process) running() (any bool) {
	p.held(func(pid int) {
		threads := fmt.Sprintf("/proc/%d/task/", pid)
		entries, _ := os.ReadDir(threads)
		for _, thread := range entries {
			stat, _ := os.ReadFile(threads + thread.Name() + "/stat")                           // of one that has ended by now there is none
			any = any || bytes.HasPrefix(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" R")) // behind the name, as proc(5) has it
		}
	})
	return any
}

// highWater returns the most resident memory that a process has had so far, in bytes, 0 where that is not known: VmHWM of
// proc_pid_status(5).
func highWater(pid int) (peak int64) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if _, after, ok := bytes.Cut(status, []byte("VmHWM:")); ok {
		fmt.Sscan(string(after), &peak)
	}
	return peak << 10 // from KiB
}
