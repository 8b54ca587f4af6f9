package dataset

import (
	"math"
	"math/big"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// onCores calls f under several settings of GOMAXPROCS.
func onCores(t *testing.T, f func(cores int)) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, cores := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(cores)
		f(cores)
	}
}

// hasTheSameBitsOnCores checks that compute returns the same bits under several settings of
// GOMAXPROCS.
func hasTheSameBitsOnCores(t *testing.T, compute func() []float64) {
	t.Helper()
	var want []float64
	onCores(t, func(cores int) {
		got := compute()
		if want == nil {
			want = got
		}
		if !sameBits(got, want) {
			n := min(len(got), 8)
			t.Errorf("%d cores: %v…, on one %v…", cores, got[:n], want[:n])
		}
	})
}

func sameBits(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

func TestChunksCoverEveryIndexOnceInOrder(t *testing.T) {
	for _, n := range []int{1, 2, 6, 7, 8, 14, 15, 1000} {
		onCores(t, func(cores int) {
			next := 0
			for _, c := range mapChunks(n, 7, func(lo, hi int) [2]int { return [2]int{lo, hi} }) {
				if c[0] != next || c[1] <= c[0] || c[1]-c[0] > 7 {
					t.Fatalf("n=%d, %d cores: chunk [%d, %d) after %d", n, cores, c[0], c[1], next)
				}
				next = c[1]
			}
			if next != n {
				t.Errorf("n=%d, %d cores: chunks end at %d", n, cores, next)
			}
		})
	}
}

func TestCompensatedSumIsAlmostExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := rapid.SliceOfN(rapid.Float64Range(-1e12, 1e12), 1, 200).Draw(t, "terms")
		exact := new(big.Float).SetPrec(2000)
		var sum compensated
		magnitude := 0.0
		for _, x := range terms {
			sum.add(x)
			exact.Add(exact, big.NewFloat(x))
			magnitude += math.Abs(x)
		}
		off, _ := exact.Sub(exact, big.NewFloat(sum.value())).Float64()
		// Ogita, Rump and Oishi, proposition 4.5: u|s| + γ²·Σ|x|, γ = n·u/(1−n·u).
		gamma := float64(len(terms)) * 0x1p-52
		if bound := 0x1.0001p-53*math.Abs(sum.value()) + gamma*gamma*magnitude; !(math.Abs(off) <= bound) {
			t.Fatalf("sum %g is off by %g, more than %g", sum.value(), off, bound)
		}
	})
}

func TestSumRowsCombinesChunksWithoutLoss(t *testing.T) {
	n := 3*sumChunk + 1
	onCores(t, func(cores int) {
		// A plain sum loses every 1 beside 2^60.
		got := sumRows(n, 2, func(lo, hi int, acc []compensated) {
			for i := lo; i < hi; i++ {
				acc[0].add(1)
				if i == 0 {
					acc[0].add(0x1p60)
				}
				if i == n-1 {
					acc[0].add(-0x1p60)
				}
				acc[1].add(2)
			}
		})
		if want := []float64{float64(n), float64(2 * n)}; !slices.Equal(got, want) {
			t.Errorf("%d cores: sums %v, want %v", cores, got, want)
		}
	})
}
