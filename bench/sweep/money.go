package sweep

import (
	"fmt"
	"math"

	"descent/bench/stats"
)

// WithCost adds the crossover and the map by money: every time counts by the price of its side. So
// the ratio of two times is multiplied by the ratio of the prices, and its interval stays as wide.
// Within a side nothing changes, so the champions stay. It refuses prices that are not positive.
func (s *Sweep) WithCost(c Cost) error {
	for side, price := range c.PerHour {
		if !(price > 0 && price < math.Inf(1)) {
			return fmt.Errorf("a price of %v an hour for %s is none: it is more than 0", price, s.Sides[side].Name)
		}
	}
	s.Cost = &c
	for i := range s.Problems {
		p := &s.Problems[i]
		matches := priced(p.matches, c.PerHour)
		checks := map[int][]*match{}
		for k, all := range p.checks {
			checks[k] = priced(all, c.PerHour)
		}
		crossover, costs := stats.FindCrossover(pointsOf(matches)), winners(matches, checks, p.Epochs)
		p.ByCost, p.CostMap = &crossover, &costs
	}
	return nil
}

func priced(matches []*match, prices [2]float64) []*match {
	var out []*match
	for _, m := range matches {
		out = append(out, m.priced(prices))
	}
	return out
}
