package sweep

import (
	"fmt"
	"math"

	"descent/bench/stats"
)

// WithCost adds the winners, the crossover and the map by money: every time counts by the price of
// its side. So the ratio of two times is multiplied by the ratio of the prices, and its interval
// stays as wide. Within a side nothing changes, so the champions stay. It refuses prices that are
// not positive.
func (s *Sweep) WithCost(c Cost) error {
	for side, price := range c.PerHour {
		if !(price > 0 && price < math.Inf(1)) {
			return fmt.Errorf("a price of %v an hour for %s is none: it is more than 0", price, s.Sides[side].Name)
		}
	}
	s.Cost = &c
	for i := range s.Problems {
		p := &s.Problems[i]
		var matches []*match
		for i, m := range p.matches {
			byMoney := m.priced(c.PerHour)
			winner := byMoney.point().Side()
			p.Sizes[i].CostWinner = &winner
			matches = append(matches, byMoney)
		}
		crossover, costs := stats.FindCrossover(pointsOf(matches)), winners(matches, p.checks, p.Epochs)
		p.ByCost, p.CostMap = &crossover, &costs
	}
	return nil
}
