package bench_test

import (
	"encoding/json"
	"math"
	"testing"

	"descent/bench"
)

func TestVectorsCarryWhatADivergedDescentLeaves(t *testing.T) {
	v := bench.Vector{1.5, math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1)}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var back bench.Vector
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	for i := range v {
		if v[i] != back[i] && !(math.IsNaN(v[i]) && math.IsNaN(back[i])) {
			t.Errorf("entry %d: %v came back as %v", i, v[i], back[i])
		}
	}
}
