package sweep

import "descent/bench/stats"

// breakEvens returns the break-evens of the champions of a match: of the same two contenders that
// are held against each other over the sweep's epochs. There is one for each start, for the first
// process of each champion and for later ones. The first process differs in its cold start alone,
// so that other starts have no break-even of it.
func (m *match) breakEvens() []BreakEven {
	best := m.champions()
	if best[0] == nil || best[1] == nil {
		return nil
	}
	var out []BreakEven
	for _, start := range []Start{Cold, NewData, Resident} {
		for _, first := range []bool{true, false} {
			if first && start != Cold {
				continue
			}
			out = append(out, BreakEven{N: m.n, Start: start, First: first, BreakEven: m.breakEven(best, start, first)})
		}
	}
	return out
}

// breakEven compares the costs of later processes pair by pair. The cost of the first start was
// seen once: every pair has it then, and the interval holds the spread of the epochs alone.
func (m *match) breakEven(best [2]*arm, start Start, first bool) stats.BreakEven {
	var costs [2]stats.Costs
	for side, a := range best {
		costs[side] = stats.Costs{}
		opening, later := a.starts()
		for process, c := range later {
			f := c.oneOff(start)
			if first {
				f = opening.oneOff(start)
			}
			costs[side][process] = stats.Cost{OneOff: m.prices[side] * f, Epoch: m.prices[side] * c.epoch}
		}
	}
	if m.apart {
		return stats.FindBreakEvenApart(costs[0], costs[1])
	}
	return stats.FindBreakEven(costs[0], costs[1])
}
