//go:build linux && cgo

package device

import (
	"time"

	"descent/bench"
	"descent/shaders"
)

const (
	// mostGroups is how many work groups are tried at most. It is more than run at the same time on
	// the largest devices.
	mostGroups = 1 << 13
	// meetingGroups is how many groups are timed, if as many meet: about one for each processor of
	// a large device.
	meetingGroups = 128
	// Groups count as running at the same time if they meet metRounds times.
	metRounds = 8
	// fewRounds and manyRounds are the ends of a slope. llvmpipe has room for no more: it ends all
	// loops of an invocation after 65,535 rounds.
	fewRounds, manyRounds = 32, 288
	// The ends of a slope are repeated for meetTime, and at least meetTimes times.
	meetTime  = 50 * time.Millisecond
	meetTimes = 3
	// countBytes is the size of a count.
	countBytes = 4
)

// meetingLooks is how often work groups look for others in vain until one gives up. It takes some
// hundredths of a second, because the search for the most groups waits so long several times.
func meetingLooks(software bool) int {
	if software {
		return 30_000
	}
	return 1 << 10
}

// A meeting is the program of meet.comp with its counts.
type meeting struct {
	context *Context
	program Program
	counts  Buffer
}

// newMeeting returns a meeting by one of the kernels of meet.comp.
func (c *Context) newMeeting(k shaders.Kernel) (m meeting, err error) {
	m.context = c
	if m.program, err = c.Program(k); err != nil {
		return m, err
	}
	m.counts, err = NewBuffer(2 * countBytes)
	return m, err
}

// hold has groups meet in rounds. It returns the counts and how long it took.
func (m meeting) hold(groups, rounds int) (counts [2]uint32, took time.Duration, err error) {
	m.counts.Zero()
	m.counts.Bind(shaders.BindingArrivals)
	for i, v := range []int{rounds, meetingLooks(m.context.device.Software)} {
		m.program.SetUint(Location(shaders.LocationUint+i), uint32(v))
	}
	took, err = m.context.Time(func() { m.program.Dispatch(groups, 1, 1) })
	UpdateBarrier()
	Download(m.counts, 0, counts[:])
	return counts, took, err
}

// most returns the largest number of groups that met. It doubles the number until some did not
// meet, and then halves the difference.
func (m meeting) most() (int, error) {
	met, apart := 0, mostGroups+1
	for met+1 < apart {
		groups := min(max(1, 2*met), (met+apart+1)/2)
		counts, _, err := m.hold(groups, metRounds)
		if err != nil {
			return 0, err
		}
		if counts[1] == metRounds {
			met = groups
		} else {
			apart = groups
		}
	}
	return met, nil
}

// latency is how long one more round takes. It is 0 if noise hides it or groups did not meet.
func (m meeting) latency(groups int) (time.Duration, error) {
	var best [2]time.Duration
	begin := time.Now()
	for i := 0; i < meetTimes || time.Since(begin) < meetTime; i++ {
		for j, rounds := range []int{fewRounds, manyRounds} {
			counts, took, err := m.hold(groups, rounds)
			if err != nil || counts[1] != uint32(rounds) {
				return 0, err
			}
			if i == 0 || took < best[j] {
				best[j] = took
			}
		}
	}
	return max(0, best[1]-best[0]) / (manyRounds - fewRounds), nil
}

// measureMeetings finds out what it costs invocations to wait for one another.
func (c *Context) measureMeetings(p *bench.Probe) error {
	alone, err := c.newMeeting(shaders.MeetAlone())
	if err != nil {
		return err
	}
	defer alone.counts.Delete()
	sync, err := alone.latency(1)
	if err != nil {
		return err
	}
	all, err := c.newMeeting(shaders.Meet())
	if err != nil {
		return err
	}
	defer all.counts.Delete()
	groups, err := all.most()
	if err != nil {
		return err
	}
	meet := min(groups, meetingGroups)
	latency, err := all.latency(meet)
	p.SyncNS, p.Groups = int64(sync), int64(groups)
	p.MeetingGroups, p.MeetingNS = int64(meet), int64(latency)
	return err
}
