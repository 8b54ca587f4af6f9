//go:build !linux

package bench

import "time"

// cpuTime returns false: the processor time of the worker is not known.
func (p *Process) cpuTime() (time.Duration, bool) { return 0, false }

const clockTicks = 0

func (p *Process) running() bool { return false }

func highWater(int) int64 { return 0 }
