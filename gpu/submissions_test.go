//go:build linux && cgo

package gpu

import (
	"testing"
	"time"
)

func TestSubmissionsGrowToTheirTimeAndNoFurther(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		batch, units int
		took         time.Duration
		want         int
	}{
		{1, 1, ms, 2},         // doubles while there is room
		{1, 1, 0, 2},          // a clock too coarse to tell
		{32, 32, 32 * ms, 40}, // stops where the time is full
		{64, 64, 160 * ms, 16},
		{64, 3, ms, 64}, // a short rest says nothing against the batch
		{64, 3, 24 * ms, 5},
		{1, 1, time.Second, 1}, // a unit that takes longer goes alone
	} {
		if got := nextBatch(tt.batch, tt.units, tt.took); got != tt.want {
			t.Errorf("batches of %d, %d units took %v: %d, want %d", tt.batch, tt.units, tt.took, got, tt.want)
		}
	}
}
