package bench

import (
	"fmt"
	"time"
)

// Limits bound a worker.
type Limits struct {
	Timeout time.Duration // for one exchange with it
	Memory  int64         // bytes of private writable memory of each of its processes; 0 is no limit
}

// confine sets the limits that the system keeps, on a worker that has not been asked for anything
// yet. One that has ended by then needs none.
func (p *Process) confine() (err error) {
	p.held(func(pid int) {
		spareDriver(pid)
		if p.limits.Memory > 0 {
			err = limitMemory(pid, p.limits.Memory)
		}
	})
	if err != nil {
		return fmt.Errorf("its memory cannot be limited: %w", err)
	}
	return nil
}

// underLimit is what is added to a reason that looks like want of memory, where there is a limit: that it or
// stderr says so, or that a signal of nobody's here ended the worker. Code that takes no allocation to fail
// ends by SIGSEGV or SIGABRT, and by SIGKILL where the limit was more than the machine could give.
func (p *Process) underLimit(reason string, byItself bool) string {
	if p.limits.Memory == 0 || !tellsOfMemory([]byte(reason)) && !p.stderr.shortOfMemory() && !(byItself && p.signalled()) {
		return ""
	}
	return fmt.Sprintf(", under a memory limit of %.1f MiB (--memory)", float64(p.limits.Memory)/(1<<20))
}

// signalled reports whether a signal ended the worker, which has ended, without the driver's having told it to.
func (p *Process) signalled() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.told && p.cmd.ProcessState.ExitCode() == -1
}
