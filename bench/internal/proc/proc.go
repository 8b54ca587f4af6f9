// Package proc is what the operating system does to a child process: groups and signals, waiting
// for an end, usage, limits, and the janitor that outlives the driver. Its functions take a process
// ID, a command or a file, and know nothing of workers. What only some systems have is in a file
// for them.
package proc

import "github.com/shirou/gopsutil/v4/process"

// Memory returns the resident memory of a process in bytes, and 0 if it is not known.
func Memory(pid int) int64 {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return 0
	}
	m, err := p.MemoryInfo()
	if err != nil {
		return 0
	}
	return int64(m.RSS)
}
