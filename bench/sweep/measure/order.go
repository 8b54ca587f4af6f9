package measure

import (
	"math/rand/v2"
	"slices"
)

// A size is the number of rows and of features of a problem.
type size struct{ n, features int }

// order returns the sizes of the grid in the order in which they are visited. Every fourth n comes
// first, then those half-way between them, then the rest. Within each of the three groups the order
// is random, drawn from seed. So a drift of the machine is no trend in n. Yet smaller sizes are
// known early: from them follows who is too slow for larger ones, and how long a visit takes. And a
// sweep that runs out of budget has sizes over the whole range.
//
// The largest n is not in the first group, because nothing is known yet of what a visit costs.
func order(ns, features []int, seed uint64) (out []size) {
	const groups = 3
	var grouped [groups][]size
	for i, n := range ns {
		group := groups - 1
		switch {
		case i%4 == 0:
			group = 0
		case i%2 == 0:
			group = 1
		}
		if group == 0 && i == len(ns)-1 && i > 0 {
			group = 1
		}
		for _, p := range features {
			grouped[group] = append(grouped[group], size{n, p})
		}
	}
	rng := rand.New(rand.NewPCG(seed, uint64(len(ns))))
	for _, sizes := range grouped {
		rng.Shuffle(len(sizes), func(i, k int) { sizes[i], sizes[k] = sizes[k], sizes[i] })
		out = append(out, sizes...)
	}
	return slices.Clip(out)
}
