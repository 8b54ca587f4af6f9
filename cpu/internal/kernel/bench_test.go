package kernel

import (
	"fmt"
	"os"
	"testing"
	"time"
	"unsafe"
)

// callBytes is about what one call passes over, as its callers have it: assembly cannot be
// preempted.
const callBytes = 512 << 10

// BenchmarkLine passes over N samples of one feature. Its bytes are those of the data, read once,
// and of-sum is the speed against Sum's over the same bytes. N = 1e8 takes 1.6 GB, and
// DESCENT_BENCH_HUGE=1 in the environment.
func BenchmarkLine(b *testing.B) {
	eachSet(b, benchmarkLine[float64], benchmarkLine[float32])
}

func benchmarkLine[T Float](b *testing.B, set *Set[T]) {
	sizes := []int{1e2, 1e3, 1e4, 1e5, 1e6, 1e7}
	if os.Getenv("DESCENT_BENCH_HUGE") != "" {
		sizes = append(sizes, 1e8)
	}
	v := Lanes[T]()
	for _, n := range sizes {
		b.Run(fmt.Sprintf("N=%.0e", float64(n)), func(b *testing.B) {
			strips := (n + v - 1) / v
			data := benchData[T](strips * 2 * v)
			w, mask, sums := []T{0.5, 0.25}, MaskOf[T](n-(strips-1)*v), new([2]float64)
			const step = callBytes / (2 * Line)
			benchOfSum(b, set, data, func() {
				for lo := 0; lo < strips; lo += step {
					set.Line(sums, &data[lo*2*v], min(step, strips-lo), &w[0], mask)
				}
			})
		})
	}
}

// BenchmarkPlane passes over samples of P features. Its bytes are those of the data, which it reads
// twice, the second time from a cache.
func BenchmarkPlane(b *testing.B) {
	eachSet(b, benchmarkPlane[float64], benchmarkPlane[float32])
}

func benchmarkPlane[T Float](b *testing.B, set *Set[T]) {
	v := Lanes[T]()
	for _, p := range []int{2, 7, 64, 512} {
		for _, size := range []int{256 << 10, 8 << 20, 128 << 20} {
			b.Run(fmt.Sprintf("P=%d/KiB=%d", p, size>>10), func(b *testing.B) {
				group := Group * (p + 1) * v
				groups := max(1, size/(Group*(p+1)*Line))
				data := benchData[T](groups * group)
				w, mask, lanes := make([]T, p+1), MaskOf[T](Group*v), make([]float64, (p+1)*v)
				step := max(1, callBytes/(Group*(p+1)*Line))
				benchOfSum(b, set, data, func() {
					for lo := 0; lo < groups; lo += step {
						set.Plane(&lanes[0], &data[lo*group], min(step, groups-lo), p, &w[0], mask)
					}
				})
			})
		}
	}
}

// BenchmarkSum is the read bandwidth that the others are held against.
func BenchmarkSum(b *testing.B) {
	eachSet(b, benchmarkSum[float64], benchmarkSum[float32])
}

func benchmarkSum[T Float](b *testing.B, set *Set[T]) {
	for _, size := range []int{16 << 10, 256 << 10, 8 << 20, 128 << 20} {
		b.Run(fmt.Sprintf("KiB=%d", size>>10), func(b *testing.B) {
			data := benchData[T](size * Lanes[T]() / Line)
			b.SetBytes(int64(size))
			for b.Loop() {
				sumAll(set, data)
			}
		})
	}
}

// benchOfSum times pass, and then Sum as many times.
func benchOfSum[T Float](b *testing.B, set *Set[T], data []T, pass func()) {
	b.SetBytes(int64(len(data) * int(unsafe.Sizeof(data[0]))))
	for b.Loop() {
		pass()
	}
	sumAll(set, data)
	start := time.Now()
	for range b.N {
		sumAll(set, data)
	}
	b.ReportMetric(time.Since(start).Seconds()/b.Elapsed().Seconds(), "of-sum")
}

func sumAll[T Float](set *Set[T], data []T) {
	v := Lanes[T]()
	const step = callBytes / Line
	for lines := len(data) / v; lines > 0; lines -= step {
		n := min(step, lines)
		set.Sum(&data[0], n, 1)
		data = data[n*v:]
	}
}

// eachSet runs a benchmark for every instruction set of this processor and both precisions.
func eachSet(b *testing.B, f64 func(*testing.B, *Set[float64]), f32 func(*testing.B, *Set[float32])) {
	for _, set := range Sets[float64]() {
		b.Run(set.Name+"/f64", func(b *testing.B) { f64(b, set) })
	}
	for _, set := range Sets[float32]() {
		b.Run(set.Name+"/f32", func(b *testing.B) { f32(b, set) })
	}
}

// benchData returns n small values, aligned as the callers' are.
func benchData[T Float](n int) []T {
	data := make([]T, n+Lanes[T]())
	skip := -int(uintptr(unsafe.Pointer(&data[0]))) & (Line - 1) / int(unsafe.Sizeof(data[0]))
	data = data[skip:][:n]
	for i := range data {
		data[i] = T(i%64) / 64
	}
	return data
}
