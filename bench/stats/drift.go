package stats

// DriftWindow is the number of samples in a row that must show no drift before a process counts as
// warm. driftLevel is the probability below which their order counts as a drift.
const (
	DriftWindow = 8
	driftLevel  = 0.05
)

// Drifts reports whether times have a trend, up or down, by the test of Mann (Econometrica 13
// (1945)
// 245) and Kendall. Its score is the number of pairs in which the later time is larger, less the
// number in which it is smaller. Without a trend, every order of the times is equally likely.
//
// Eight times without a trend are taken for drifting in 3.1% of cases; then one more sample is
// taken, and the test is made again. bench/README.md says how often a true drift is found.
func Drifts(times []float64) bool {
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

// trendProbability returns the probability of a score at least that far from 0, if all orders of n
// times are equally likely. A score is n(n−1)/2 − 2·inversions. The orders of n times with k
// inversions are the orders of n−1 times with k, k−1, … k−n+1 inversions.
func trendProbability(n, score int) float64 {
	pairs := n * (n - 1) / 2
	orders := []float64{1} // by inversions, as a share of all orders
	for m := 2; m <= n; m++ {
		longer := make([]float64, m*(m-1)/2+1)
		for k, share := range orders {
			for j := range m {
				longer[k+j] += share / float64(m)
			}
		}
		orders = longer
	}
	p := 0.0
	for inversions, share := range orders {
		if s := pairs - 2*inversions; s*s >= score*score {
			p += share
		}
	}
	return p
}
