package bench

// PID returns the process ID of the worker, which is that of its group too.
func (p *Process) PID() int { return p.cmd.Process.Pid }
