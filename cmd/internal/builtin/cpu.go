package builtin

import (
	"runtime"
	"strings"

	"descent/bench"
)

// onCPU opens a backend in plain Go that runs on one thread.
func onCPU(open func() bench.Backend) func(Options) (bench.Backend, error) {
	return func(Options) (bench.Backend, error) { return cpuBackend{open(), runtime.Version()}, nil }
}

// onGonum is onCPU for a backend that computes with gonum.
func onGonum(open func() bench.Backend) func(Options) (bench.Backend, error) {
	return func(Options) (bench.Backend, error) {
		return cpuBackend{open(), strings.TrimSpace("gonum " + bench.ModuleVersion("gonum.org/v1/gonum"))}, nil
	}
}

type cpuBackend struct {
	bench.Backend
	version string
}

// Describe implements bench.Describer.
func (b cpuBackend) Describe() bench.Info {
	info := cpuInfo(1)
	info.Version = b.version
	return info
}

// What our contenders say in the fairness sheet about the timed call, and about the work before it.
// Each takes and returns w as float64 within the call.
const (
	epochsAndW = "the epochs, w in and out"
	converted  = "conversion of the data"
	compiled   = "context, compiling, conversion and upload of the data"
	searched   = "context, compiling, search for the fastest variant, conversion and upload of the data"
)

// cpuInfo describes a backend on the processor. 0 threads says that their number is not known yet.
func cpuInfo(threads int) bench.Info {
	return bench.Info{
		Device: "cpu", Version: runtime.Version(), Threads: threads,
		Sync: "returns when done", Timed: epochsAndW, Untimed: converted,
	}
}
