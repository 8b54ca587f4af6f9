//go:build linux && cgo

package gpu

import "testing"

// meetings is the twin of meet.comp: the counts after all groups have met in every round.
func meetings(groups, rounds int) [2]uint32 {
	return [2]uint32{uint32(groups * rounds), uint32(rounds)}
}

func TestWorkGroupsMeetAsOftenAsTheyAreToldTo(t *testing.T) {
	withThreads(t, 4, func(t *testing.T) {
		c := testContext(t)
		do(t, c, func() error {
			for _, tt := range []struct {
				alone  bool
				groups int
			}{{true, 1}, {false, 1}, {false, 3}} {
				m, err := c.newMeeting(tt.alone)
				if err != nil {
					return err
				}
				defer m.counts.delete()
				for _, rounds := range []int{1, 2, 5} {
					want := meetings(tt.groups, rounds)
					var got [2]uint32
					for i := 0; i < 20 && got != want; i++ { // other programs on the machine may keep them apart for a while
						if got, _, err = m.hold(tt.groups, rounds); err != nil {
							return err
						}
					}
					if got != want {
						t.Errorf("%+v, %d rounds: counts %v, want %v", tt, rounds, got, want)
					}
				}
			}
			return nil
		})
	})
}

// One group of a device that runs one after the other waits in vain, and with an end.
func TestTheNumberOfGroupsThatRunAtTheSameTimeIsFound(t *testing.T) {
	withThreads(t, 0, func(t *testing.T) {
		c := testContext(t)
		do(t, c, func() error {
			m, err := c.newMeeting(false)
			if err != nil {
				return err
			}
			defer m.counts.delete()
			if most, err := m.most(); most != 1 || err != nil {
				t.Errorf("%d groups run at the same time on one thread; error %v", most, err)
			}
			return nil
		})
	})
}
