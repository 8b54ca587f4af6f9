//go:build !unix

package machine

import (
	"os"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// OwnTime returns the CPU time, user and system, that this process has used since its start. That of its children is
// not known here.
func OwnTime() time.Duration {
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
