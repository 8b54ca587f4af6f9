package bench

import (
	"fmt"
	"time"

	"descent/bench/internal/proc"
)

// Limits bound a worker.
type Limits struct {
	Timeout time.Duration // for one exchange with it
	// Memory bounds the private writable memory of each of its processes, in bytes. 0 is no limit.
	Memory int64
}

// CanLimitMemory returns nil if Limits.Memory works here, and otherwise the reason.
func CanLimitMemory() error { return proc.CanLimitMemory() }

// confine sets the limits that the system keeps, on a worker that has not been asked for anything
// yet. A worker that has ended needs none.
func (p *Process) confine() (err error) {
	p.held(func(pid int) {
		proc.SpareDriver(pid)
		if p.limits.Memory > 0 {
			err = proc.LimitMemory(pid, p.limits.Memory)
		}
	})
	if err != nil {
		return fmt.Errorf("its memory cannot be limited: %w", err)
	}
	return nil
}

// underLimit returns what is added to a reason if the reason, or stderr, says that memory ran out.
func (p *Process) underLimit(reason string) string {
	if tellsOfMemory([]byte(reason)) || p.stderr.shortOfMemory() {
		return p.limitNote()
	}
	return ""
}

// limitNote names the memory limit, if there is one.
func (p *Process) limitNote() string {
	if p.limits.Memory == 0 {
		return ""
	}
	return fmt.Sprintf(", under a memory limit of %.1f MiB (--memory)", float64(p.limits.Memory)/(1<<20))
}

// signalled reports whether a signal that the driver did not send ended the worker, which has
// ended. Under a memory limit, that may be the reason. Code that checks no allocation ends by
// SIGSEGV or SIGABRT; by SIGKILL if the limit was more than the machine could give.
func (p *Process) signalled() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.canceled && p.cmd.ProcessState.ExitCode() == -1
}

// CPUTime returns the processor time that all threads of the worker have used so far, and whether
// it is known.
func (p *Process) CPUTime() (used time.Duration, ok bool) {
	p.held(func(pid int) { used, ok = proc.CPUTime(pid) })
	return used, ok
}

// Running reports whether a thread of the worker runs at this moment, or waits for a processor.
func (p *Process) Running() (running bool) {
	p.held(func(pid int) { running = proc.Running(pid) })
	return running
}

// peakBytes returns the worker's peak memory; its memory now, if the system keeps no peak.
func (p *Process) peakBytes() (peak int64) {
	p.held(func(pid int) { peak = max(proc.HighWater(pid), proc.Memory(pid)) })
	return peak
}
