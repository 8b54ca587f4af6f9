package cpu

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// yield lets another thread run on this processor, if one waits for it. The Go scheduler has
// nothing to do with it: the goroutine keeps its thread.
func yield() { unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }

// move takes this thread to another processor that it may use, if there is one. Linux sometimes
// puts a woken thread on its waker's processor. It leaves two threads that yield to each other
// there for long, because both seem to be at home in its cache.
func move() {
	runtime.LockOSThread() // the set of processors is the thread's
	defer runtime.UnlockOSThread()
	var may unix.CPUSet
	if unix.SchedGetaffinity(0, &may) != nil || may.Count() < 2 {
		return
	}
	var here uint32
	if _, _, errno := unix.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&here)), 0, 0); errno != 0 {
		return
	}
	others := may
	others.Clear(int(here))
	if unix.SchedSetaffinity(0, &others) == nil {
		unix.SchedSetaffinity(0, &may)
	}
}
