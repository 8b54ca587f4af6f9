package driver

import (
	"testing"

	"descent/bench"
	"descent/bench/journal"
	"descent/dataset"
)

func TestACeilingHoldsForItsDeviceAndItsAmountOfData(t *testing.T) {
	const large = onChip / 16 // the N at which one feature and the target in f64 have onChip bytes
	run := func(n int) *Run {
		return &Run{
			plan: journal.Plan{N: n, Features: 1},
			ceilings: []journal.Ceiling{
				{Device: "cpu", Bytes: 16_000, BytesPerS: 10e9}, {Device: "cpu", Bytes: 8_000, BytesPerS: 20e9},
			},
			probe: &bench.Probe{Device: "a card", ReadBytesPerS: 500e9},
		}
	}
	ceiling := func(r *Run, device string, prec dataset.Precision) float64 {
		return r.ceiling(device, r.plan.DataBytes(prec))
	}
	for _, c := range []struct {
		name, device string
		n            int
		precision    dataset.Precision
		want         float64
	}{
		{"f64", "cpu", 1000, dataset.Float64, 10e9},
		{"f32", "cpu", 1000, dataset.Float32, 20e9},
		{"other data", "cpu", 999, dataset.Float64, 0},
		{"another device", "abacus", 1000, dataset.Float64, 0},
		{"data that fit on the chip", "a card", large - 1, dataset.Float64, 0},
		{"data that do not", "a card", large, dataset.Float64, 500e9},
	} {
		if got := ceiling(run(c.n), c.device, c.precision); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	unprobed := run(large)
	unprobed.probe = nil
	if got := ceiling(unprobed, "a card", dataset.Float64); got != 0 {
		t.Errorf("without a probe: %v", got)
	}
}
