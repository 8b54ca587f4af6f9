//go:build !purego

package kernel

import "github.com/klauspost/cpuid/v2"

// vectorSets returns the instruction sets with assembly that the processor and the system support.
func vectorSets[T Float]() []*Set[T] {
	var sets []*Set[T]
	if cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512DQ) {
		sets = append(sets, concrete[T](&avx512F64, &avx512F32))
	}
	if cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3) {
		sets = append(sets, concrete[T](&avx2F64, &avx2F32))
	}
	return sets
}

// concrete returns the one of two that is for T.
func concrete[T Float](f64 *Set[float64], f32 *Set[float32]) *Set[T] {
	if s, ok := any(f64).(*Set[T]); ok {
		return s
	}
	return any(f32).(*Set[T])
}

// The tables of the two vector instruction sets.
var (
	avx512F64 = *Portable[float64]()
	avx512F32 = *Portable[float32]()
	avx2F64   = *Portable[float64]()
	avx2F32   = *Portable[float32]()
)
