package machine

import (
	"runtime"
	"time"
)

const (
	spinRuns  = 3      // the quickest counts; the others may have been interrupted
	spinSteps = 10_000 // 6 cycles each: 20 µs at 3 GHz
)

// Spin returns how long a fixed chain of dependent integer operations takes: the quickest of three
// runs, about 20 µs. The time is in inverse proportion to the frequency of the processor. Times can
// be compared between calls and processes on one machine. Spin touches no memory.
func Spin() time.Duration {
	quickest := time.Duration(-1)
	for range spinRuns {
		begin := time.Now()
		x := xorshift(88172645463325252, spinSteps)
		d := time.Since(begin)
		runtime.KeepAlive(x)
		if quickest < 0 || d < quickest {
			quickest = d
		}
	}
	return quickest
}

// xorshift runs steps of Marsaglia's generator xorshift64 (Xorshift RNGs, 2003). Each operation
// needs the result of the operation before it, so a processor cannot run two of them at once.
//
//go:noinline
func xorshift(x uint64, steps int) uint64 {
	for range steps {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}
