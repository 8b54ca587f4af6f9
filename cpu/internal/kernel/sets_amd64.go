//go:build !purego

package kernel

import "descent/cpu/isa"

// vectorSets returns the instruction sets with assembly that the processor and the system support.
func vectorSets[T Float]() []*Set[T] {
	var sets []*Set[T]
	if isa.Has(isa.AVX512) {
		sets = append(sets, concrete[T](&avx512F64, &avx512F32))
	}
	if isa.Has(isa.AVX2) {
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
	avx512F64 = Set[float64]{
		Name: isa.AVX512,
		Line: lineAVX512F64, Plane: planeAVX512F64, Fold: foldAVX512F64, Sum: sumAVX512F64,
		MulAdds: muladdsAVX512F64,
		Moments: avx512MomentsF64,
	}
	avx512F32 = Set[float32]{
		Name: isa.AVX512,
		Line: lineAVX512F32, Plane: planeAVX512F32, Fold: foldAVX512F32, Sum: sumAVX512F32,
		MulAdds: muladdsAVX512F32,
		Moments: avx512MomentsF32,
	}
	avx2F64 = Set[float64]{
		Name: isa.AVX2,
		Line: lineAVX2F64, Plane: planeAVX2F64, Fold: foldAVX2F64, Sum: sumAVX2F64,
		MulAdds: muladdsAVX2F64,
		Moments: avx2MomentsF64,
	}
	avx2F32 = Set[float32]{
		Name: isa.AVX2,
		Line: lineAVX2F32, Plane: planeAVX2F32, Fold: foldAVX2F32, Sum: sumAVX2F32,
		MulAdds: muladdsAVX2F32,
		Moments: avx2MomentsF32,
	}
)
