package cpu

import (
	"slices"
	"strings"
	"testing"
)

func TestTheInstructionSetInUseIsTheOneThatIsForced(t *testing.T) {
	t.Setenv("DESCENT_SIMD", "")
	first, all, err := InstructionSets()
	if err != nil || first != all[0] || all[len(all)-1] != "purego" {
		t.Fatalf("%q of %v is in use; error %v", first, all, err)
	}
	for _, name := range all {
		t.Setenv("DESCENT_SIMD", name)
		inUse, same, err := InstructionSets()
		if err != nil || inUse != name || !slices.Equal(same, all) {
			t.Errorf("%s: %q of %v is in use; error %v", name, inUse, same, err)
		}
		if b, err := NewSIMD[float32](0, Forced()); err != nil || b.InstructionSet() != name {
			t.Errorf("%s: a backend has another; error %v", name, err)
		}
	}
	t.Setenv("DESCENT_SIMD", "avx9")
	if inUse, same, err := InstructionSets(); inUse != "" || !slices.Equal(same, all) || err == nil || !strings.Contains(err.Error(), strings.Join(all, ", ")) {
		t.Errorf("avx9: %q of %v is in use; error %v", inUse, same, err)
	}
}
