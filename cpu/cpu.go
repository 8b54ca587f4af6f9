// Package cpu holds the backends that run on the processor.
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
