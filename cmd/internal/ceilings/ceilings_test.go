package ceilings

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"descent/bench/benchtest/fake"
	"descent/cpu"
)

// What CPU measures goes into a header that a results file takes. In a curve the sizes ascend, and
// there are as many of one thread as of all.
func TestCeilingsAreOnesThatAResultsFileTakes(t *testing.T) {
	got := CPU()
	if set, _, err := cpu.InstructionSets(); err != nil || set == "purego" && cpu.Forced() == "" {
		if err != nil || len(got) != 0 {
			t.Errorf("without vector kernels: %v, %v", got, err)
		}
		return
	}
	bytes, counts, sums := [2]int64{}, [2]int{}, map[string]int{}
	for _, c := range got {
		if c.Device != "cpu" || c.Threads > 1 {
			t.Fatalf("a ceiling of %+v", c)
		}
		if c.Precision != "" {
			sums[c.Precision]++
			continue
		}
		if c.Bytes <= bytes[c.Threads] {
			t.Errorf("%d bytes after %d", c.Bytes, bytes[c.Threads])
		}
		bytes[c.Threads] = c.Bytes
		counts[c.Threads]++
	}
	if counts[0] == 0 || counts[0] != counts[1] || sums["f32"] != 2 || sums["f64"] != 2 || len(sums) != 2 {
		t.Errorf("%v readings and %v peaks", counts, sums)
	}
	part, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	results, err := fake.Decode(strings.Replace(fake.Header, `"env"`, `"ceilings":`+string(part)+`,"env"`, 1))
	if err != nil || !slices.Equal(results.Header.Ceilings, got) {
		t.Errorf("a results file with them: %v", err)
	}
}
