package bench

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// CanLimitMemory returns why Limits.Memory cannot be used here, or nil.
func CanLimitMemory() error {
	if err := unix.Prlimit(0, unix.RLIMIT_DATA, nil, new(unix.Rlimit)); err != nil {
		return fmt.Errorf("memory cannot be limited here: prlimit: %w", err)
	}
	return nil
}

// limitMemory bounds the data segment of a process and of the children that it starts from now on, each by
// itself: since Linux 4.7 that is all private writable memory, by brk or mmap, which Go, C, Python and drivers
// alike allocate. What goes past it is refused there and then, to the one who asks: nothing has to look on.
// Thread stacks count whole, 8 MiB each; files mapped to be read, memory shared between processes and that
// of a device do not count.
//
// RLIMIT_AS would bound address space, which runtimes and drivers reserve by the terabyte and never use, and
// RLIMIT_RSS is without effect. A cgroup would bound what is resident, of all children together, but needs
// rights that a user seldom has.
func limitMemory(pid int, bytes int64) error {
	var was unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_DATA, nil, &was); err != nil {
		return fmt.Errorf("prlimit: %w", err)
	}
	limit := min(uint64(bytes), was.Max) // past that only root may go
	if err := unix.Prlimit(pid, unix.RLIMIT_DATA, &unix.Rlimit{Cur: limit, Max: limit}, nil); err != nil {
		return fmt.Errorf("prlimit: %w", err)
	}
	return nil
}

// spareDriver has the kernel, where the machine runs out of memory, end this process and its children before any
// other: a worker costs a row, the driver the run. Where that is not allowed the kernel chooses.
func spareDriver(pid int) {
	os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), []byte("1000"), 0)
}
