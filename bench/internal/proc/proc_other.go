//go:build !linux

package proc

import (
	"errors"
	"time"
)

// Tick is 0: the ticks of the scheduler do not matter without CPUTime.
const Tick = 0

// CPUTime returns false: the processor time of another process is not known.
func CPUTime(int) (time.Duration, bool) { return 0, false }

// Running returns false: the states of another process's threads are not known.
func Running(int) bool { return false }

// HighWater returns 0: the most memory that a process has had is not known.
func HighWater(int) int64 { return 0 }

// AwaitEnd returns false: the end of a child is known only when it has been reaped. Its ID is then
// used once more, at once. Systems give IDs out in turn, so by then it is not another's.
func AwaitEnd(int) bool { return false }

var errNoMemoryLimit = errors.New("memory can be limited on Linux only")

// CanLimitMemory returns the reason why LimitMemory does not work here.
func CanLimitMemory() error { return errNoMemoryLimit }

// LimitMemory returns an error: memory can be limited on Linux only.
func LimitMemory(int, int64) error { return errNoMemoryLimit }

// SpareDriver does nothing: the system chooses whom to end when memory runs out.
func SpareDriver(int) {}
