package driver

import (
	"testing"
	"time"

	"descent/bench"
	"descent/bench/journal"
	"descent/dataset"
)

// The plan's data are 16·N bytes in f64. Between two sizes of a curve the faster one counts. Past
// either end it is the speed of that end.
func TestACeilingHoldsForItsDeviceAndItsAmountOfData(t *testing.T) {
	probe := &bench.Probe{Device: "a card", ReadBytesPerS: 500e9, Reads: []bench.Reading{
		{Bytes: 16 << 10, BytesPerS: 200e9}, {Bytes: 1 << 20, BytesPerS: 4000e9}, {Bytes: 1 << 30, BytesPerS: 500e9},
	}}
	run := func(n int) *Run {
		return &Run{
			plan: journal.Plan{N: n, Features: 1},
			ceilings: []journal.Ceiling{
				{Device: "cpu", Precision: "f64", MulAddsPerS: 1e15},
				{Device: "cpu", Bytes: 8_192, Threads: 1, BytesPerS: 900e9},
				{Device: "cpu", Bytes: 32_768, BytesPerS: 5e9}, {Device: "cpu", Bytes: 8_192, BytesPerS: 30e9},
				{Device: "cpu", Bytes: 16_000, BytesPerS: 10e9}, {Device: "cpu", Bytes: 8_000, BytesPerS: 20e9},
			},
			probe: probe,
		}
	}
	for _, c := range []struct {
		name, device string
		n            int
		precision    dataset.Precision
		want         float64
	}{
		{"f64", "cpu", 1000, dataset.Float64, 10e9},
		{"f32", "cpu", 1000, dataset.Float32, 20e9},
		{"between two sizes", "cpu", 600, dataset.Float64, 30e9},
		{"between two others", "cpu", 1500, dataset.Float64, 10e9},
		{"less than the least", "cpu", 1, dataset.Float64, 20e9},
		{"more than the most", "cpu", 1e9, dataset.Float64, 5e9},
		{"another device", "abacus", 1000, dataset.Float64, 0},
		{"a device's first", "a card", 10, dataset.Float64, 200e9},
		{"a device's cache", "a card", 30_000, dataset.Float64, 4000e9},
		{"from cache to memory", "a card", 1_000_000, dataset.Float64, 4000e9},
		{"a device's memory", "a card", 1 << 26, dataset.Float64, 500e9},
		{"past it", "a card", 1 << 28, dataset.Float64, 500e9},
	} {
		r := run(c.n)
		if got := r.ceiling(c.device, r.plan.DataBytes(c.precision)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	early := run(1 << 26)
	early.probe = &bench.Probe{Device: "a card", ReadBytesPerS: 500e9}
	if small, large := early.ceiling("a card", onChip-1), early.ceiling("a card", onChip); small != 0 || large != 500e9 {
		t.Errorf("a probe of an earlier version: %v, %v", small, large)
	}
	software := run(1000)
	software.probe = &bench.Probe{Device: "a renderer", Software: true, Reads: []bench.Reading{{Bytes: 16_000, BytesPerS: 1e9}}}
	if got := software.ceiling("a renderer", 16_000); got != 10e9 {
		t.Errorf("a software renderer: %v, not the processor's", got)
	}
	unprobed := run(1 << 26)
	unprobed.probe = nil
	if got := unprobed.ceiling("a card", 1<<30); got != 0 {
		t.Errorf("without a probe: %v", got)
	}
}

// Registers are faster than any cache. Past onChip bytes no device has registers enough.
func TestDataInRegistersAreHeldAgainstNoCache(t *testing.T) {
	const large = onChip / 16 // the N at which one feature and the target in f64 have onChip bytes
	for _, c := range []struct {
		n        int
		resident bool
		refused  bool
	}{{large - 1, false, true}, {large - 1, true, false}, {large, true, true}} {
		r := &Run{
			plan:  journal.Plan{N: c.n, Features: 1},
			probe: &bench.Probe{Device: "a card", Reads: []bench.Reading{{Bytes: 1 << 20, BytesPerS: 1e9}}},
		}
		a := &arm{Contender: bench.Contender{Precision: dataset.Float64}, device: "a card", resident: c.resident}
		err := r.checkCeiling(a, &journal.Sample{Epochs: 1000, RunNS: int64(time.Second)})
		if (err != nil) != c.refused {
			t.Errorf("N = %d, resident %v: %v", c.n, c.resident, err)
		}
	}
}
