package bench

import (
	"math"
	"testing"
)

func spun(before, after int64) Sample { return Sample{SpinNS: [2]int64{before, after}} }

// The 10th percentile: one spin that was quick by chance does not make all others slow.
func TestASampleIsSlowedWhenTheProcessorWasSlowBeforeAndAfterIt(t *testing.T) {
	r := &Results{}
	for range 9 {
		r.Samples = append(r.Samples, spun(100, 102))
	}
	r.Samples = append(r.Samples, spun(50, 100), spun(0, 0), spun(130, 140)) // of which the second is of a warm-up
	full := r.fullSpeed()
	if full != 100 {
		t.Fatalf("full speed is %v", full)
	}
	for _, c := range []struct {
		before, after int64
		want          bool
	}{{100, 100, false}, {130, 100, false}, {100, 130, false}, {110, 111, false}, {111, 111, true}, {130, 140, true}, {0, 0, false}} {
		if s := spun(c.before, c.after); s.slowed(full) != c.want {
			t.Errorf("%v: slowed %v", s.SpinNS, !c.want)
		}
	}
	if full := (&Results{Samples: []Sample{spun(0, 0)}}).fullSpeed(); !math.IsInf(full, 1) {
		t.Errorf("without spins full speed is %v", full)
	}
}
