package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/combin"
)

func TestTheProbabilityOfATrendIsTheShareOfAllOrders(t *testing.T) {
	for n := 1; n <= 6; n++ {
		orders := combin.Permutations(n, n)
		scores := map[int]int{}
		for _, order := range orders {
			score := 0
			for i, early := range order {
				for _, late := range order[i+1:] {
					if late > early {
						score++
					} else {
						score--
					}
				}
			}
			scores[score]++
		}
		for score := range scores {
			extreme := 0
			for s, count := range scores {
				if s*s >= score*score {
					extreme += count
				}
			}
			want := float64(extreme) / float64(len(orders))
			// the tolerance covers the rounding of a sum of at most 6! terms
			if got := trendProbability(n, score); math.Abs(got-want) > 1e-12 {
				t.Errorf("n = %d, score %d: probability %v, but a share of %v of all orders", n, score, got, want)
			}
		}
	}
}

// 8 times have 40,320 orders. 1+7+27+76+174+343 = 628 orders have at most 5 inversions, and as many
// have at most 5 pairs in order. These orders have a score of 18 or more, up or down: 3.1% of all.
// A score of 16 has a probability of 6.1%, which is above the level.
func TestThreePercentOfWindowsWithoutATrendAreTakenForDrifts(t *testing.T) {
	if p := trendProbability(DriftWindow, 18); math.Abs(p-2*628/40320.) > 1e-12 || p >= driftLevel {
		t.Errorf("a score of 18 has probability %v", p)
	}
	if p := trendProbability(DriftWindow, 16); p < driftLevel {
		t.Errorf("a score of 16 has probability %v, below the level of %v", p, driftLevel)
	}
}

func TestADriftGoesUpOrDownAndTiesAreNone(t *testing.T) {
	for _, c := range []struct {
		times []float64
		want  bool
	}{
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8}, true},
		{[]float64{8, 7, 6, 5, 4, 3, 2, 1}, true},
		{[]float64{4, 4, 4, 4, 4, 4, 4, 4}, false},
		{[]float64{1, 8, 2, 7, 3, 6, 4, 5}, false},
		// only the first is long: the others tell nothing
		{[]float64{9, 1, 1, 1, 1, 1, 1, 1}, false},
		{[]float64{2, 1, 3, 4, 6, 5, 7, 8}, true}, // two inversions
	} {
		if got := Drifts(c.times); got != c.want {
			t.Errorf("%v drifts: %v", c.times, got)
		}
	}
}

// shapes are the trends that a window of times may have beside noise. at is the position in the
// window, from 0 to 1.
var shapes = []struct {
	name string
	at   func(float64) float64
}{
	{"none", func(float64) float64 { return 0 }},
	{"a line", func(at float64) float64 { return at }},
	// its time constant is a third of the window
	{"a warm-up", func(at float64) float64 { return math.Exp(-3 * at) }},
}

// Drifts must rarely find a drift in a steady process. It must find a large drift more often than a
// small one. -v prints the table.
func TestLargerDriftsAreFoundMoreOften(t *testing.T) {
	const windows = 20_000
	rng := rand.New(rand.NewPCG(8, 1))
	// The drift over the window, in standard deviations of the noise.
	sizes := []float64{0.5, 1, 2, 4}
	var table strings.Builder
	for _, shape := range shapes {
		fmt.Fprintf(&table, "%-20s", shape.name)
		last := 0.0
		for _, size := range sizes {
			found := 0
			for range windows {
				times := make([]float64, DriftWindow)
				for i := range times {
					times[i] = 10 + size*shape.at(float64(i)/(DriftWindow-1)) + rng.NormFloat64()
				}
				if Drifts(times) {
					found++
				}
			}
			share := float64(found) / windows
			fmt.Fprintf(&table, " %7.1f%%", 100*share)
			switch steady := 2 * 628 / 40320.; {
			case shape.name == "none" && math.Abs(share-steady) > 0.005: // four standard errors
				t.Errorf("a drift is found in %.2f%% of windows without one, want %.2f%%", 100*share, 100*steady)
			case shape.name != "none" && share <= last:
				t.Errorf("%s of %v standard deviations is found in %.1f%%, a smaller one in %.1f%%", shape.name, size, 100*share, 100*last)
			}
			last = share
		}
		table.WriteByte('\n')
	}
	t.Logf("\n%-20s %8v %8v %8v %8v\n%s", "drift, by its size", sizes[0], sizes[1], sizes[2], sizes[3], table.String())
}
