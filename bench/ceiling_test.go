package bench

import (
	"strings"
	"testing"

	"descent/dataset"
)

// 1000 samples of 1 feature in f64 are 16,000 bytes; a memory of 16 GB/s gives them in 1 µs.
func TestASampleThatReadTheDataFasterThanMemoryIsNotTrusted(t *testing.T) {
	for _, c := range []struct {
		name    string
		sample  Sample
		ceiling float64
		want    string
	}{
		{"at the ceiling", Sample{Epochs: 100, RunNS: 100_000}, 16e9, ""},
		{"at three times the ceiling", Sample{Epochs: 100, RunNS: 33_334}, 16e9, ""},
		{"beyond", Sample{Epochs: 100, RunNS: 32_000}, 16e9, "100 epochs in 32µs would have read the data at 50 GB/s, where their memory gives 16 GB/s"},
		{"beyond, in several calls", Sample{Epochs: 100, Calls: 10, RunNS: 320_000}, 16e9, "1000 epochs in 320µs would have read the data at 50 GB/s"},
		{"several calls, at the ceiling", Sample{Epochs: 100, Calls: 10, RunNS: 1_000_000}, 16e9, ""},
		{"no ceiling", Sample{Epochs: 100, RunNS: 1}, 0, ""},
	} {
		err := checkCeiling(&c.sample, 16_000, c.ceiling)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestACeilingIsOfADeviceAndOfThatMuchData(t *testing.T) {
	const large = onChip / 16 // N for which one feature in f64 takes that much
	run := func(n int) *Run {
		return &Run{
			plan:     Plan{N: n, Features: 1},
			Ceilings: []Ceiling{{"cpu", 16_000, 10e9}, {"cpu", 8_000, 20e9}},
			Probe:    &Probe{Device: "a card", ReadBytesPerS: 500e9},
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
		{"other data", "cpu", 999, dataset.Float64, 0},
		{"another device", "abacus", 1000, dataset.Float64, 0},
		{"data that fit on the chip", "a card", large - 1, dataset.Float64, 0},
		{"data that do not", "a card", large, dataset.Float64, 500e9},
	} {
		if got := run(c.n).ceiling(c.device, c.precision); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	unprobed := run(large)
	unprobed.Probe = nil
	if got := unprobed.ceiling("a card", dataset.Float64); got != 0 {
		t.Errorf("without a probe: %v", got)
	}
}
