package journal

import (
	"strings"
	"testing"
)

// 1000 samples with 1 feature and a target in f64 are 16,000 bytes. A memory of 16 GB/s reads them
// in 1 µs.
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
		err := CheckCeiling(&c.sample, 16_000, c.ceiling)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
