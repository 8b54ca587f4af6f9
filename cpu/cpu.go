// Package cpu holds the backends that run on the processor: Loop, gonum's, SIMD and Gram. Loop is
// the reading copy, and every other backend computes what Loop computes. SIMD and Gram share their
// data among workers and call package kernel for the inner loops.
//
// Where things are:
//
//	cpu.go            Float, checks and conversions that all backends share
//	loop.go           Loop: plain Go
//	gonum.go          Gonum64 and Gonum32: whole-vector operations
//	simd.go           SIMD: vector instructions, on all processors
//	deal.go           segments dealt to workers, and the search for their number
//	gram.go           Gram: epochs on sufficient statistics; gram_moments.go the sums of products
//	strips.go         the layout of the data for SIMD and Gram, in aligned memory
//	team.go           workers that wait for one another
//	yield_linux.go    a worker that gives its processor away; yield_other.go on other systems
//	instructions.go   which instruction sets there are, and which one is in use
//	bandwidth.go      a plain sum: how fast the processor reads, as a ceiling
//	muladds.go        how many multiply-adds it makes, as another
package cpu

import (
	"errors"
	"fmt"
)

// Float is the precision that a backend computes in.
type Float interface{ float32 | float64 }

var errNotLoaded = errors.New("descend before load: no problem is loaded")

// checkDescend reports a call of Descend that the loaded problem, n×p, cannot serve.
func checkDescend(n, p int, w []float64) error {
	if n == 0 {
		return errNotLoaded
	}
	if len(w) != p+1 {
		return fmt.Errorf("w has length %d, not P+1 = %d", len(w), p+1)
	}
	return nil
}

// convert returns src in the precision T, in memory of its own.
func convert[T Float](src []float64) []T {
	dst := make([]T, len(src))
	round(dst, src)
	return dst
}

func round[T Float](dst []T, src []float64) {
	for i, v := range src {
		dst[i] = T(v)
	}
}

func widen[T Float](dst []float64, src []T) {
	for i, v := range src {
		dst[i] = float64(v)
	}
}
