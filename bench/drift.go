package bench

// driftWindow is how many samples of a process in a row are to show no drift before it counts as warm, and driftLevel
// how improbable their order may be.
const (
	driftWindow = 8
	driftLevel  = 0.05
)

// drifts reports whether times have a trend, either way, by the test of Mann (Econometrica 13 (1945) 245) and
// Kendall: of all pairs, count those in which the later one is larger less those in which it is smaller; under no trend
// every order of the times is as likely. Eight times of a process without drift are taken for drifting in 3.1% of
// cases, in which one more sample is taken, and another test made. README.md has what it finds of drifts that are there.
func drifts(times []float64) bool {
	score := 0
	for i, early := range times {
		for _, late := range times[i+1:] {
			switch {
			case late > early:
				score++
			case late < early:
				score--
			}
		}
	}
	return trendProbability(len(times), score) < driftLevel
}

// trendProbability returns how probable a score at least that far from 0 is where all orders of n times are equally so:
// a score is n(n−1)/2 − 2·inversions, and the orders of n with k inversions are those of n−1 with k, k−1, … k−n+1.
func trendProbability(n, score int) float64 {
	pairs := n * (n - 1) / 2
	orders := []float64{1} // by inversions, as a share of all orders
	for m := 2; m <= n; m++ {
		next := make([]float64, m*(m-1)/2+1)
		for k, share := range orders {
			for j := range m {
				next[k+j] += share / float64(m)
			}
		}
		orders = next
	}
	p := 0.0
	for inversions, share := range orders {
		if s := pairs - 2*inversions; s*s >= score*score {
			p += share
		}
	}
	return p
}
