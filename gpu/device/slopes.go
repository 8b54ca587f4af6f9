//go:build linux && cgo

package device

import (
	"time"

	"descent/shaders"
)

const (
	// slopeTime is how long the dispatch with more rounds takes at least, if it may have so many.
	slopeTime = time.Millisecond
	// slopeTimes is how often each end of a slope is timed. The least time counts.
	slopeTimes = 4
	// loopRounds is how many rounds the loops of an invocation may have in all. llvmpipe ends them
	// after 65,535.
	loopRounds = 30_000
	// slopeShare is how many times as many rounds the one end has as the other.
	slopeShare = 8
)

// perRound returns how long one more round takes, in nanoseconds, of a dispatch that repeats its
// work in rounds: at least 2 and at most most. It is 0 if noise hides it. So the cost of the
// dispatch cancels, and so does what only the first round pays. rounds is how many the last
// dispatch had.
func (c *Context) perRound(most int, record func(rounds int)) (ns float64, rounds int, err error) {
	many := 2
	for {
		took, err := c.Time(func() { record(many) })
		if err != nil {
			return 0, 0, err
		}
		if took >= slopeTime || many >= most {
			break
		}
		many = min(most, many*max(2, min(16, int(slopeTime/max(1, took)))))
	}
	few := max(1, many/slopeShare)
	var best [2]time.Duration
	for i := range slopeTimes {
		for j, rounds := range []int{few, many} {
			took, err := c.Time(func() { record(rounds) })
			if err != nil {
				return 0, 0, err
			}
			if i == 0 || took < best[j] {
				best[j] = took
			}
		}
	}
	return max(0, float64(best[1]-best[0])/float64(many-few)), many, nil
}

// perSecond turns nanoseconds for so many of something into how many there are in a second; 0 if
// the time is not known.
func perSecond(count, ns float64) float64 {
	if ns == 0 {
		return 0
	}
	return count * 1e9 / ns
}

// setUints sets the uniforms of a program of type uint, in their order.
func (p Program) setUints(values ...int) {
	for i, v := range values {
		p.SetUint(Location(shaders.LocationUint+i), uint32(v))
	}
}
