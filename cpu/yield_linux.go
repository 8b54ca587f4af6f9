package cpu

import "golang.org/x/sys/unix"

// yield lets another thread run on this processor, if one waits for it. The Go scheduler has nothing to do with
// it: the goroutine keeps its thread.
func yield() { unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }
