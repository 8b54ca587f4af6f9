// Package isa says which vector instruction sets this processor and its system support. The kernels
// of cpu are chosen by it, and the header of a results file names the widest.
package isa

import "github.com/klauspost/cpuid/v2"

// The names of the instruction sets, in reports and in DESCENT_SIMD.
const (
	AVX512 = "avx512"
	AVX2   = "avx2"
	NEON   = "neon"
)

// has says whether there is an instruction set, the widest first.
var has = []struct {
	name     string
	features []cpuid.FeatureID
}{
	{AVX512, []cpuid.FeatureID{cpuid.AVX512F, cpuid.AVX512DQ}},
	{AVX2, []cpuid.FeatureID{cpuid.AVX2, cpuid.FMA3}},
	{NEON, []cpuid.FeatureID{cpuid.ASIMD}},
}

// Has reports whether this processor has the instruction set name.
func Has(name string) bool {
	for _, set := range has {
		if set.name == name {
			return cpuid.CPU.Supports(set.features...)
		}
	}
	return false
}

// Widest returns the name of the widest instruction set of this processor, "" if it has none that
// is known.
func Widest() string {
	for _, set := range has {
		if cpuid.CPU.Supports(set.features...) {
			return set.name
		}
	}
	return ""
}
