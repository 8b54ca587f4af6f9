//go:build linux && cgo

package device

import (
	"testing"

	"descent/gpu/internal/gltest"
	"descent/shaders"
)

// meetings is the twin of meet.comp: the counts after all groups have met in every round.
func meetings(groups, rounds int) [2]uint32 {
	return [2]uint32{uint32(groups * rounds), uint32(rounds)}
}

func TestWorkGroupsMeetAsOftenAsTheyAreToldTo(t *testing.T) {
	gltest.WithThreads(t, 4, func(t *testing.T) {
		c := testContext(t)
		do(t, c, func() error {
			for _, tt := range []struct {
				kernel shaders.Kernel
				groups int
			}{{shaders.MeetAlone(), 1}, {shaders.Meet(), 1}, {shaders.Meet(), 3}} {
				m, err := c.newMeeting(tt.kernel)
				if err != nil {
					return err
				}
				defer m.counts.Delete()
				for _, rounds := range []int{1, 2, 5} {
					want := meetings(tt.groups, rounds)
					var got [2]uint32
					// Other programs on the machine may keep them apart for a while.
					for i := 0; i < 20 && got != want; i++ {
						if got, _, err = m.hold(tt.groups, rounds); err != nil {
							return err
						}
					}
					if got != want {
						t.Errorf("%s, %d groups, %d rounds: counts %v, want %v", tt.kernel.Name, tt.groups, rounds, got, want)
					}
				}
			}
			return nil
		})
	})
}

// One group of a device that runs one after the other waits in vain, and with an end.
func TestTheNumberOfGroupsThatRunAtTheSameTimeIsFound(t *testing.T) {
	gltest.WithThreads(t, 0, func(t *testing.T) {
		c := testContext(t)
		do(t, c, func() error {
			m, err := c.newMeeting(shaders.Meet())
			if err != nil {
				return err
			}
			defer m.counts.Delete()
			if most, err := m.most(); most != 1 || err != nil {
				t.Errorf("%d groups run at the same time on one thread; error %v", most, err)
			}
			return nil
		})
	})
}
