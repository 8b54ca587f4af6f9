//go:build !linux

package machine

import (
	"runtime"

	"github.com/shirou/gopsutil/v4/cpu"
)

// Read takes a reading. On this system it knows the times of the processors only. It does not ask
// the GPUs: ReadGPU does.
func Read() Reading {
	all, err := cpu.Times(false)
	if err != nil || len(all) != 1 {
		return Reading{}
	}
	t := all[0]
	busy := t.User + t.Nice + t.System + t.Irq + t.Softirq
	return Reading{cpu: &cpuTimes{
		busy: busy, steal: t.Steal, total: busy + t.Steal + t.Idle + t.Iowait, processors: runtime.NumCPU(),
	}}
}
