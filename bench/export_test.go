package bench

import "time"

// PID is the number of the worker's process and group.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// HighWater is highWater.
var HighWater = highWater

// CPUTime is cpuTime.
func (p *Process) CPUTime() (time.Duration, bool) { return p.cpuTime() }
