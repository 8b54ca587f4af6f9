package report

import (
	"math"
	"testing"

	"descent/bench/journal"
)

func spun(before, after int64) journal.Sample { return journal.Sample{SpinNS: [2]int64{before, after}} }

// Full speed is the 10th percentile of the spins. So one spin that was fast by chance does not make
// all others slow.
func TestASampleIsSlowedWhenTheProcessorWasSlowBeforeAndAfterIt(t *testing.T) {
	r := &journal.Results{}
	for range 9 {
		r.Samples = append(r.Samples, spun(100, 102))
	}
	// spun(0, 0) is a sample of a warm-up, which has no spins
	r.Samples = append(r.Samples, spun(50, 100), spun(0, 0), spun(130, 140))
	full := fullSpeed(spins(r))
	if full != 100 {
		t.Fatalf("full speed is %v", full)
	}
	for _, c := range []struct {
		before, after int64
		want          bool
	}{{100, 100, false}, {130, 100, false}, {100, 130, false}, {110, 111, false}, {111, 111, true}, {130, 140, true}, {0, 0, false}} {
		if s := spun(c.before, c.after); slowed(&s, full) != c.want {
			t.Errorf("%v: slowed %v", s.SpinNS, !c.want)
		}
	}
	if full := fullSpeed(spins(&journal.Results{Samples: []journal.Sample{spun(0, 0)}})); !math.IsInf(full, 1) {
		t.Errorf("without spins full speed is %v", full)
	}
}
