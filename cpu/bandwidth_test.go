package cpu

import "testing"

// What a cache gives is more than a byte a second and less than any does, at sizes about that of a
// line and of a kernel's call.
func TestReadBandwidthIsThatOfAMemory(t *testing.T) {
	set, _, err := InstructionSets()
	if err != nil {
		t.Fatal(err)
	}
	for _, bytes := range []int{1, 64, 65, 4096, callBytes, callBytes + 64, 3*callBytes + 7} {
		got := ReadBandwidth(bytes, 0)
		if set == "purego" && Forced() == "" {
			if got != 0 {
				t.Errorf("%d bytes: plain Go tells of %g B/s", bytes, got)
			}
			continue
		}
		if !(got > 1e6 && got < 1e14) {
			t.Errorf("%d bytes are read at %g B/s", bytes, got)
		}
	}
}
