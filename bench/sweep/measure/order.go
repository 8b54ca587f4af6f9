package measure

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// A size is the number of rows and of features of a problem.
type size struct{ n, features int }

// firstSize is the size of the article. The n nearest to it is visited first.
const firstSize = 10_000

// order returns the sizes of the grid in the order in which they are visited. The first is always
// the one nearest to firstSize. If that lies outside the grid, it is the middle. So a sweep that
// finds nothing to compare with shows a size that means something, and one that ends early has more
// than its edge. Of the others, every fourth n comes first, then those half-way between them, then
// the rest. Within each of the three groups the order is random, drawn from seed. So a drift of the
// machine is no trend in n: one size with a fixed place makes none. Yet smaller sizes are known
// early: from them follows who is too slow for larger ones, and how long a visit takes. And a sweep
// that runs out of budget has sizes over the whole range.
//
// Sizes beyond the caches come last in the first two groups, the smaller ones before the larger.
// Each costs more than the one before, which tells whether the next can be paid for.
func order(ns, features []int, seed uint64) (out []size) {
	const groups = 4
	var grouped [groups][]size
	if len(ns) == 0 || len(features) == 0 {
		return nil
	}
	first := size{firstOf(ns), features[0]}
	for i, n := range ns {
		for _, p := range features {
			at := size{n, p}
			group, last := 3, i == len(ns)-1
			switch coarse := i%2 == 0 || last; {
			case at == first:
				continue
			case coarse && n*(p+1) > beyondCaches:
				group = 2
			case coarse && i%4 == 0 && !last:
				group = 0
			case coarse:
				group = 1
			}
			grouped[group] = append(grouped[group], at)
		}
	}
	rng := rand.New(rand.NewPCG(seed, uint64(len(ns))))
	out = append(out, first)
	for group, sizes := range grouped {
		if group == 2 {
			slices.SortStableFunc(sizes, func(a, b size) int { return cmp.Compare(a.n*(a.features+1), b.n*(b.features+1)) })
		} else {
			rng.Shuffle(len(sizes), func(i, k int) { sizes[i], sizes[k] = sizes[k], sizes[i] })
		}
		out = append(out, sizes...)
	}
	return slices.Clip(out)
}

// firstOf returns the n that is visited first.
func firstOf(ns []int) int {
	if ns[0] > firstSize || ns[len(ns)-1] < firstSize {
		return ns[len(ns)/2]
	}
	away := func(n int) float64 { return math.Abs(math.Log(float64(n) / firstSize)) }
	return slices.MinFunc(ns, func(a, b int) int { return cmp.Compare(away(a), away(b)) })
}
