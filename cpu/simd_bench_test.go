package cpu

import (
	"fmt"
	"os"
	"testing"
	"time"
	"unsafe"

	"descent/cpu/internal/kernel"
	"descent/dataset"
)

// BenchmarkSIMD times an epoch by instruction set, size and workers. Its bytes are those of the
// data, read once. The metric of-sum is its speed against that of a plain sum of the same bytes by
// the same workers, in slices of the same benchmark in turn: 1 is what no code can exceed that
// reads the data from the memory where they lie. N = 1e8 takes 5 GB, and DESCENT_BENCH_HUGE=1 in
// the environment.
func BenchmarkSIMD(b *testing.B) {
	sizes := []struct{ n, p int }{
		{1e2, 1}, {1e3, 1}, {1e4, 1}, {1e5, 1}, {1e6, 1}, {1e7, 1},
		{1e6, 2}, {1e6, 7}, {1e5, 64}, {1e4, 64}, {1e4, 512},
	}
	if os.Getenv("DESCENT_BENCH_HUGE") != "" {
		sizes = append(sizes, struct{ n, p int }{1e8, 1})
	}
	for _, size := range sizes {
		p := ofSize(b, size.n, size.p)
		b.Run(fmt.Sprintf("N=%.0e/P=%d", float64(size.n), size.p), func(b *testing.B) {
			for _, set := range kernel.Sets[float64]() {
				b.Run("f64/"+set.Name, func(b *testing.B) { benchmarkWorkers[float64](b, p, set.Name) })
				b.Run("f32/"+set.Name, func(b *testing.B) { benchmarkWorkers[float32](b, p, set.Name) })
			}
		})
	}
}

func benchmarkWorkers[T Float](b *testing.B, p *dataset.Problem, name string) {
	s, err := NewSIMD[T](1, name)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Load(p); err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	w := make([]float64, p.P+1)
	for workers := 1; workers <= min(Processors(0), len(s.bounds)-1); workers *= 2 {
		d := s.newDeal(workers)
		b.Run(fmt.Sprint("workers=", workers), func(b *testing.B) {
			var one T
			b.SetBytes(int64(len(s.strips.data)) * int64(unsafe.Sizeof(one)))
			s.w, s.step = w, 0
			s.run(d, 1)
			slice := 1 + int(sliceTime.Seconds()*1e9/d.recent)
			var sums time.Duration
			b.ResetTimer()
			for done := 0; done < b.N; done += slice {
				epochs := min(slice, b.N-done)
				s.run(d, epochs)
				b.StopTimer()
				start := time.Now()
				s.team.run(workers, func(i int) { s.plainSums(d, i, epochs) })
				sums += time.Since(start)
				b.StartTimer()
			}
			b.ReportMetric(sums.Seconds()/b.Elapsed().Seconds(), "of-sum")
		})
	}
}

// plainSums adds up a worker's share of the data as often as there are epochs, and waits for
// nobody.
func (b *SIMD[T]) plainSums(d *deal[T], i, epochs int) (sum float64) {
	me, v := d.workers[i], kernel.Lanes[T]()
	for range epochs {
		data := b.strips.data[b.bounds[me.lo]*b.strips.size : b.bounds[me.hi]*b.strips.size]
		for len(data) > 0 {
			lines := min(len(data)/v, callBytes/kernel.Line)
			sum += b.set.Sum(&data[0], lines, 1)
			data = data[lines*v:]
		}
	}
	return sum
}
