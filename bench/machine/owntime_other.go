//go:build !unix

package machine

import (
	"os"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// OwnTime returns SelfTime, because the CPU time of child processes is not known on this system.
func OwnTime() time.Duration { return SelfTime() }

// SelfTime returns the CPU time, user and system, that this process has used since its start,
// without its children.
func SelfTime() time.Duration {
	p, err := process.NewProcess(int32(os.Getpid()))
	if err != nil {
		return 0
	}
	t, err := p.Times()
	if err != nil {
		return 0
	}
	return time.Duration((t.User + t.System) * float64(time.Second))
}
