package bench

import (
	"descent/bench/stats"
	"time"
)

// busyLeast is how long a sample must be to tell how many processors it kept busy: shorter ones lie between two ticks
// of the scheduler, and may have been counted whole or not at all.
const busyLeast = 10 * time.Millisecond

// cpuSince returns the processor time that the worker has used since it was at before, in nanoseconds; 0 where that is
// not known.
func (p *Process) cpuSince(before time.Duration, known bool) int64 {
	now, ok := p.cpuTime()
	if !known || !ok {
		return 0
	}
	return max(0, now-before).Nanoseconds()
}

// busy returns how many processors the sample kept busy, 0 where that is not known. Both of its times are the driver's
// readings around the one exchange: whatever the worker says of its own time, it cannot look idler or busier than it was.
func (s *Sample) busy() float64 {
	if s.CPUNS == 0 || s.WallNS < busyLeast.Nanoseconds() {
		return 0
	}
	return float64(s.CPUNS) / float64(s.WallNS)
}

// addBusy takes up how many processors this row's samples kept busy.
func (row *Row) addBusy(samples []Sample) {
	var all []float64
	for i := range samples {
		if s := &samples[i]; s.Contender == row.Contender && !s.Warmup && s.busy() > 0 {
			all = append(all, s.busy())
		}
	}
	if len(all) > 0 {
		row.Busy = stats.Median(all)
	}
}
