package kernel

import (
	"fmt"
	"testing"
	"unsafe"
)

// BenchmarkMoments passes over N samples: of one feature, LineMoments; of two, Squares by blocks of
// 64 strips, each of which is fetched during the one before.
func BenchmarkMoments(b *testing.B) {
	eachSet(b, benchmarkMoments[float64], benchmarkMoments[float32])
}

func benchmarkMoments[T Float](b *testing.B, set *Set[T]) {
	const block = 64
	v := Lanes[T]()
	for _, n := range []int{1e3, 1e4, 1e5, 1e6, 1e7} {
		strips := (n + v - 1) / v
		b.Run(fmt.Sprintf("LineMoments/N=%.0e", float64(n)), func(b *testing.B) {
			const step = callBytes / (2 * Line)
			data, sums := benchData[T](strips*2*v), new([4]float64)
			benchOfSum(b, set, data, func() {
				for lo := 0; lo < strips; lo += step {
					set.LineMoments(sums, &data[lo*2*v], min(step, strips-lo))
				}
			})
		})
		b.Run(fmt.Sprintf("Squares/N=%.0e", float64(n)), func(b *testing.B) {
			data, tile := benchData[T](strips*3*v), new([Tile * Tile]float64)
			benchOfSum(b, set, data, func() {
				for lo := 0; lo < strips; lo += block {
					next := min(lo+block, strips-1)
					set.Squares(tile, &data[lo*3*v], min(block, strips-lo), 3, 3, (*byte)(unsafe.Pointer(&data[next*3*v])))
				}
			})
		})
	}
}

// BenchmarkTiles multiplies two panels of so many strips, which stay in the first cache.
func BenchmarkTiles(b *testing.B) {
	eachSet(b, benchmarkTiles[float64], benchmarkTiles[float32])
}

func benchmarkTiles[T Float](b *testing.B, set *Set[T]) {
	v := Lanes[T]()
	for _, strips := range []int{8, 32} {
		data, tile := benchData[T](2*Tile*strips*v), new([Tile * Tile]float64)
		b.Run(fmt.Sprintf("Products/strips=%d", strips), func(b *testing.B) {
			for b.Loop() {
				set.Products(tile, &data[0], &data[Tile*v], strips, 2*Tile, Tile)
			}
			flops(b, 2*Tile*Tile*strips*v)
		})
		b.Run(fmt.Sprintf("Squares/strips=%d", strips), func(b *testing.B) {
			for b.Loop() {
				set.Squares(tile, &data[0], strips, 2*Tile, Tile, (*byte)(unsafe.Pointer(&data[0])))
			}
			flops(b, (Tile*(Tile+1)+Tile)*strips*v)
		})
	}
}

// flops reports so many operations for each round.
func flops(b *testing.B, each int) {
	b.ReportMetric(float64(each)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
}
