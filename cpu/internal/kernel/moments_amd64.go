//go:build !purego

package kernel

// The sums of products of the two vector instruction sets.
var (
	avx512MomentsF64 = Moments[float64]{
		LineMoments: linemomentsAVX512F64, Squares: squaresAVX512F64, Products: productsAVX512F64, Apply: applyAVX512F64,
	}
	avx512MomentsF32 = Moments[float32]{
		LineMoments: linemomentsAVX512F32, Squares: squaresAVX512F32, Products: productsAVX512F32, Apply: applyAVX512F64,
	}
	avx2MomentsF64 = Moments[float64]{
		LineMoments: linemomentsAVX2F64, Squares: squaresAVX2F64, Products: productsAVX2F64, Apply: applyAVX2F64,
	}
	avx2MomentsF32 = Moments[float32]{
		LineMoments: linemomentsAVX2F32, Squares: squaresAVX2F32, Products: productsAVX2F32, Apply: applyAVX2F64,
	}
)
