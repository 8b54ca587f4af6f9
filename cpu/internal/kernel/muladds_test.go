package kernel

import (
	"math/rand/v2"
	"testing"
)

func TestMulAddsGivesThePortableBits(t *testing.T) {
	both(t, testMulAdds[float64], testMulAdds[float32])
}

// testMulAdds also finds what is written beside y, or to w.
func testMulAdds[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	for _, kind := range kinds {
		y, w := make([]T, MulAddLines*Lanes[T]()), make([]T, 2)
		for _, s := range [][]T{y, w} {
			for i := range s {
				s[i] = T(kind.value(r, limitsOf[T]()))
			}
		}
		for _, rounds := range []int{1, 2, 3, 50} {
			want := append([]T(nil), y...)
			Portable[T]().MulAdds(&want[0], rounds, &w[0])
			for _, set := range vectorSets[T]() {
				m := new(nans)
				got, factors := put(t, m, y), put(t, m, w)
				set.MulAdds(&got[0], rounds, &factors[0])
				if !sameBits(got, want) || !sameBits(factors, w) {
					t.Errorf("%s, %s, %d rounds: %v, not %v; w is %v and was %v", set.Name, kind.name, rounds, got, want, factors, w)
				}
				m.check(t)
			}
		}
	}
}

// With w = (1, 1) every value counts the multiply-adds that it has seen.
func TestMulAddsMakesEveryRound(t *testing.T) { both(t, testRounds[float64], testRounds[float32]) }

func testRounds[T Float](t *testing.T) {
	for _, set := range Sets[T]() {
		for _, rounds := range []int{1, 2, 1000} {
			y := make([]T, MulAddLines*Lanes[T]())
			set.MulAdds(&y[0], rounds, &[]T{1, 1}[0])
			for i, v := range y {
				if v != T(rounds) {
					t.Fatalf("%s: value %d has seen %v rounds of %d", set.Name, i, v, rounds)
				}
			}
		}
	}
}

// BenchmarkMulAdds is the arithmetic that the others are held against, on one processor.
func BenchmarkMulAdds(b *testing.B) { eachSet(b, benchmarkMulAdds[float64], benchmarkMulAdds[float32]) }

func benchmarkMulAdds[T Float](b *testing.B, set *Set[T]) {
	const rounds = 1024
	y, w := make([]T, MulAddLines*Lanes[T]()), []T{1, 0.5}
	for b.Loop() {
		set.MulAdds(&y[0], rounds, &w[0])
	}
	perNS := float64(b.N*rounds*len(y)) / float64(b.Elapsed().Nanoseconds())
	b.ReportMetric(perNS, "mul-adds/ns")
}
