// Package ceilings measures what this processor can do, in the form of a results file.
package ceilings

import (
	"runtime/debug"

	"github.com/klauspost/cpuid/v2"
	"github.com/shirou/gopsutil/v4/mem"

	"descent/bench/journal"
	"descent/cpu"
	"descent/dataset"
)

const (
	// The curve of bandwidth ends at mostBytes. It ends earlier if the last cache holds less than a
	// pastCache-th of the bytes, because there the memory decides, or if the bytes would be more
	// than a roomShare-th of the free memory.
	mostBytes = 256 << 20
	pastCache = 8
	roomShare = 16
	// leastMost is where a curve ends at the earliest: past the last cache of a small processor.
	leastMost = 32 << 20
	// mostExact is the most that ReadRate reads. Beyond it, all data lie in the same memory.
	mostExact = 512 << 20
)

// CPU measures the bandwidth of the processor as a curve, and its multiply-adds in each precision:
// of one thread, and of the best number of threads. It takes about half a second, and longer with
// many processors. Without vector kernels it is empty.
func CPU() []journal.Ceiling {
	var all []journal.Ceiling
	one, best := cpu.ReadCurve(0, curveEnd())
	for _, curve := range []struct {
		threads  int
		readings []cpu.Reading
	}{{1, one}, {0, best}} {
		for _, at := range curve.readings {
			all = append(all, journal.Ceiling{Device: "cpu", Threads: curve.threads, Bytes: int64(at.Bytes), BytesPerS: at.BytesPerS})
		}
	}
	debug.FreeOSMemory() // no contender should run beside the buffer of the curve
	for _, precision := range []dataset.Precision{dataset.Float32, dataset.Float64} {
		one, best := cpu.MulAdds(precision, 0)
		if best > 0 {
			all = append(all,
				journal.Ceiling{Device: "cpu", Threads: 1, Precision: precision.String(), MulAddsPerS: one},
				journal.Ceiling{Device: "cpu", Precision: precision.String(), MulAddsPerS: best})
		}
	}
	return all
}

// curveEnd returns how many bytes the curve reads at most.
func curveEnd() int {
	most := uint64(mostBytes)
	if last := max(cpuid.CPU.Cache.L2, cpuid.CPU.Cache.L3); last > 0 {
		most = min(most, max(leastMost, pastCache*uint64(last)))
	}
	if m, err := mem.VirtualMemory(); err == nil && m.Available > 0 {
		most = min(most, m.Available/roomShare)
	}
	return int(most)
}

// ReadRate returns how fast the processor reads so many bytes, in bytes a second.
func ReadRate(bytes int64) float64 { return cpu.ReadBandwidth(int(min(bytes, mostExact)), 0) }
