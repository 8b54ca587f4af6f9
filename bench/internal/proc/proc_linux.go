package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Tick is longer than the tick of the scheduler at any usual setting: 1, 4 or 10 ms.
const Tick = 12 * time.Millisecond

// cpuClockSched is CPUCLOCK_SCHED of linux/include/linux/posix-timers.h: what the scheduler
// counted.
const cpuClockSched = 2

// CPUTime returns the processor time that all threads of a process have used so far, and whether it
// is known. It reads the process's own clock, as clock_getcpuclockid(3) names it, because /proc has
// ticks of 10 ms. A thread's time is added when the thread falls asleep; while it runs, at the
// ticks of the scheduler only.
func CPUTime(pid int) (used time.Duration, ok bool) {
	var ts unix.Timespec
	if unix.ClockGettime(int32(^pid<<3|cpuClockSched), &ts) != nil {
		return 0, false
	}
	return time.Duration(ts.Nano()), true
}

// Running reports whether a thread of a process runs at this moment, or waits for a processor.
func Running(pid int) bool {
	threads := fmt.Sprintf("/proc/%d/task/", pid)
	entries, _ := os.ReadDir(threads)
	for _, thread := range entries {
		stat, _ := os.ReadFile(threads + thread.Name() + "/stat") // empty if the thread has ended
		// The state follows the name in parentheses: proc_pid_stat(5).
		if bytes.HasPrefix(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" R")) {
			return true
		}
	}
	return false
}

// HighWater returns the most resident memory that a process has had so far, in bytes, and 0 if it
// is not known: VmHWM of proc_pid_status(5). wait(2) has a figure too, but it counts the driver's
// own memory at the time of the fork.
func HighWater(pid int) (peak int64) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if _, after, ok := bytes.Cut(status, []byte("VmHWM:")); ok {
		fmt.Sscan(string(after), &peak)
	}
	return peak << 10 // from KiB
}

// AwaitEnd waits until a child has ended, and leaves it to be reaped. Until it is reaped, no other
// process or group can have its ID. AwaitEnd reports whether the system can do that.
func AwaitEnd(pid int) bool {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return err == nil
		}
	}
}

// CanLimitMemory returns nil if LimitMemory works here, and otherwise the reason.
func CanLimitMemory() error {
	if err := unix.Prlimit(0, unix.RLIMIT_DATA, nil, new(unix.Rlimit)); err != nil {
		return fmt.Errorf("memory cannot be limited here: prlimit: %w", err)
	}
	return nil
}

// LimitMemory bounds the data segment of a process, and of each child that it starts from now on.
// Since Linux 4.7 the data segment is all private writable memory, by brk or mmap, which Go, C,
// Python and drivers alike allocate. The kernel refuses what goes past the limit, at once, to the
// caller: nothing has to watch. Thread stacks count whole, 8 MiB each. Files that are mapped for
// reading, memory that processes share, and device memory do not count.
//
// Alternatives that lost: RLIMIT_AS bounds address space, which runtimes and drivers reserve by the
// terabyte and never use. RLIMIT_RSS has no effect. A cgroup bounds the resident memory of all
// children together, but needs rights that a user seldom has.
func LimitMemory(pid int, bytes int64) error {
	var was unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_DATA, nil, &was); err != nil {
		return fmt.Errorf("prlimit: %w", err)
	}
	limit := min(uint64(bytes), was.Max) // only root may go past the old maximum
	if err := unix.Prlimit(pid, unix.RLIMIT_DATA, &unix.Rlimit{Cur: limit, Max: limit}, nil); err != nil {
		return fmt.Errorf("prlimit: %w", err)
	}
	return nil
}

// SpareDriver makes a process and its children the first that the kernel ends when the machine runs
// out of memory. A worker costs a row, and the driver would cost the run. If that is not allowed,
// the kernel chooses.
func SpareDriver(pid int) {
	os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), []byte("1000"), 0)
}
