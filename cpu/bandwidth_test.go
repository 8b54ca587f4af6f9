package cpu

import (
	"testing"

	"descent/dataset"
)

// measures reports whether ReadBandwidth and its like measure on this machine.
func measures(t *testing.T) bool {
	t.Helper()
	set, _, err := InstructionSets()
	if err != nil {
		t.Fatal(err)
	}
	return set != "purego" || Forced() != ""
}

// plausible reports whether a rate is above one a second and below what any machine does.
func plausible(rate float64) bool { return rate > 1e6 && rate < 1e15 }

// What a cache gives is more than a byte a second and less than any does, at sizes about that of a
// line and of a kernel's call.
func TestReadBandwidthIsThatOfAMemory(t *testing.T) {
	for _, bytes := range []int{1, 64, 65, 4096, callBytes, callBytes + 64, 3*callBytes + 7} {
		got := ReadBandwidth(bytes, 0)
		if !measures(t) {
			if got != 0 {
				t.Errorf("%d bytes: plain Go tells of %g B/s", bytes, got)
			}
			continue
		}
		if !plausible(got) {
			t.Errorf("%d bytes are read at %g B/s", bytes, got)
		}
	}
}

func TestACurveHasEveryPowerOfTwoUpToItsMost(t *testing.T) {
	for _, c := range []struct{ most, want int }{{0, 1}, {leastBytes, 1}, {2*leastBytes - 1, 1}, {4 << 20, 10}} {
		one, all := ReadCurve(0, c.most)
		if !measures(t) {
			c.want = 0
		}
		if len(one) != c.want || len(all) != c.want {
			t.Fatalf("up to %d bytes: %d and %d readings, want %d", c.most, len(one), len(all), c.want)
		}
		for i, at := range all {
			if at.Bytes != leastBytes<<i || one[i].Bytes != at.Bytes || !plausible(one[i].BytesPerS) || at.BytesPerS < one[i].BytesPerS {
				t.Errorf("reading %d: %v of one, %v of all", i, one[i], at)
			}
		}
	}
}

func TestMulAddsOfOneWorkerAreAmongThoseOfAll(t *testing.T) {
	for _, precision := range []dataset.Precision{dataset.Float32, dataset.Float64} {
		one, all := MulAdds(precision, 0)
		if !measures(t) {
			if one != 0 || all != 0 {
				t.Errorf("%v: plain Go tells of %g and %g", precision, one, all)
			}
			continue
		}
		if !plausible(one) || all < one {
			t.Errorf("%v: %g of one, %g of all", precision, one, all)
		}
		if single, bound := MulAdds(precision, 1); single != bound {
			t.Errorf("%v: with one worker %g and %g", precision, single, bound)
		}
	}
}

func TestCrewsAreDoubledUpToAllProcessors(t *testing.T) {
	var got []int
	for workers := range crews(0) {
		got = append(got, workers)
	}
	for i, workers := range got {
		if i < len(got)-1 && workers != 1<<i || i == len(got)-1 && workers != Processors(0) {
			t.Errorf("crews %v of %d processors", got, Processors(0))
		}
	}
}

// BenchmarkReadCurve is how long the ceilings of a run take.
func BenchmarkReadCurve(b *testing.B) {
	for b.Loop() {
		ReadCurve(0, 256<<20)
	}
}
