package bench

// PID returns the process ID of the worker. Its process group has the same ID.
func (p *Process) PID() int { return p.cmd.Process.Pid }
