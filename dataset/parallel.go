package dataset

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// forChunks cuts [0, n) into chunks of size elements, the last one perhaps shorter. It calls
// f(lo, hi) once for each chunk, on up to GOMAXPROCS goroutines. The cuts depend only on n and
// size. So results have the same bits on any number of cores if the caller combines them in
// the order of the chunks.
func forChunks(n, size int, f func(lo, hi int)) {
	chunks := int64((n-1)/size + 1)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(int64(runtime.GOMAXPROCS(0)), chunks) {
		workers.Go(func() {
			for c := next.Add(1) - 1; c < chunks; c = next.Add(1) - 1 {
				lo := int(c) * size
				f(lo, min(lo+size, n))
			}
		})
	}
	workers.Wait()
}

// mapChunks is forChunks for a function that returns a value. It returns the values in the
// order of the chunks.
func mapChunks[T any](n, size int, f func(lo, hi int) T) []T {
	values := make([]T, (n-1)/size+1)
	forChunks(n, size, func(lo, hi int) { values[lo/size] = f(lo, hi) })
	return values
}

// A compensated sum collects the rounding error of every addition in lo (Knuth's two-sum). Its
// value is about as accurate as a sum in twice the precision: Ogita, Rump and Oishi, "Accurate
// sum and dot product", algorithm 4.4.
type compensated struct{ hi, lo float64 }

func (s *compensated) add(x float64) {
	x = float64(x) // rounds a product that is passed in: it may not be fused into the sum
	t := s.hi + x
	b := t - s.hi
	s.lo += (s.hi - (t - b)) + (x - b)
	s.hi = t
}

func (s compensated) value() float64 { return s.hi + s.lo }

// sumChunk is the number of rows that one task of sumRows adds up.
const sumChunk = 1 << 14

// sumRows returns m sums over the rows [0, n). The function add adds the terms of the rows
// [lo, hi) to acc, a slice of length m.
func sumRows(n, m int, add func(lo, hi int, acc []compensated)) []float64 {
	parts := mapChunks(n, sumChunk, func(lo, hi int) []compensated {
		acc := make([]compensated, m)
		add(lo, hi, acc)
		return acc
	})
	sums := make([]float64, m)
	for j := range sums {
		total := parts[0][j]
		for _, part := range parts[1:] {
			total.add(part[j].hi)
			total.lo += part[j].lo
		}
		sums[j] = total.value()
	}
	return sums
}
