package measure

import (
	"math"
	"slices"
	"time"

	"descent/bench/journal"
	"descent/bench/sweep"
)

const (
	// leastCells is how many computed cells of the winner map a sweep measures, to validate them.
	leastCells = 4
	// checkingProcesses is the number of processes of each contender for it.
	checkingProcesses = 2
	// A process of a run that validates warms up for as long as its sample takes, or a little
	// longer. The driver cuts a sample that is longer than two fifths of what its process may take.
	wholesAProcess, wholesAllowed = 2.5, 4
)

// A candidate is a computed cell of the winner map.
type candidate struct {
	size
	epochs     int
	contenders []string
	distance   float64 // from the break-even, as the logarithm of the ratio of both sides
	takes      time.Duration
	budget     time.Duration // in which no sample is cut
	used       int           // how many cells with its n or its epochs are validated already
}

// nextCell returns the visit that validates a cell of the winner map. It takes cells near the
// break-even, of several n and decades, that fit into their share of the budget. Problems take
// turns. short says that the budget is too short for the cheapest.
func (s *Sweeping) nextCell(answers *sweep.Sweep) (v *visit, short bool) {
	made := s.madeOf(journal.Checking)
	of := max(leastCells, len(answers.Problems))
	if made >= of {
		return nil, false
	}
	var best *candidate
	for i := range answers.Problems {
		p := &answers.Problems[(made+i)%len(answers.Problems)]
		if best = s.cheapestOf(s.candidates(p)); best != nil {
			break
		}
	}
	switch {
	case best == nil:
		return nil, false
	case best.takes > s.left():
		return nil, true
	}
	v = &visit{
		size: best.size, role: journal.Checking, epochs: best.epochs, budget: best.budget, number: made + 1, of: of,
	}
	for _, c := range s.setup.Contenders {
		if slices.Contains(best.contenders, c.Name()) {
			v.contenders = append(v.contenders, c)
		}
	}
	return v, false
}

// cheapestOf returns the candidate nearest to the break-even, of those that fit into a cell's share
// of the budget, and that have the freshest n and epochs. If none fits, it returns the cheapest. It
// returns nil of none.
func (s *Sweeping) cheapestOf(all []candidate) *candidate {
	var best *candidate
	most := time.Duration(cellShare * float64(s.budget))
	better := func(a, b *candidate) bool {
		switch fitsA, fitsB := a.takes <= most, b.takes <= most; {
		case fitsA != fitsB:
			return fitsA
		case !fitsA:
			return a.takes < b.takes
		case a.used != b.used:
			return a.used < b.used
		}
		return a.distance < b.distance
	}
	for i := range all {
		if best == nil || better(&all[i], best) {
			best = &all[i]
		}
	}
	return best
}

// candidates returns the computed cells of a problem.
func (s *Sweeping) candidates(p *sweep.Problem) (out []candidate) {
	for i, row := range p.Map.Rows {
		for k, cell := range row.Cells {
			c := candidate{
				size: size{row.N, p.Features}, epochs: p.Map.Epochs[k], contenders: cell.Best[:],
				distance: math.Abs(math.Log(cell.Ratio)),
			}
			if cell.Measured || cell.Ratio == 0 || c.epochs == s.setup.Sweep.Epochs || s.isChecked(c.size, c.epochs) {
				continue
			}
			for _, name := range c.contenders {
				own, _, _ := timesOf(&p.Sizes[i], name)
				whole, start := own*float64(c.epochs), float64(s.processCost(name, c.size))
				c.takes += time.Duration(checkingProcesses * (start + wholesAProcess*whole))
				room := time.Duration(checkingProcesses * (2*start + wholesAllowed*whole))
				c.budget = max(c.budget, shortestBudget, time.Duration(len(c.contenders))*room)
			}
			c.used = s.checked(c)
			out = append(out, c)
		}
	}
	return out
}

// isChecked reports whether a run validated a cell.
func (s *Sweeping) isChecked(at size, epochs int) bool {
	return slices.ContainsFunc(s.runs, func(run *journal.Results) bool {
		plan := run.Header.Plan
		return run.Header.Sweep.Role == journal.Checking && plan.N == at.n && plan.Features == at.features && plan.Epochs == epochs
	})
}

// checked returns how many runs validated cells with the n or the epochs of c.
func (s *Sweeping) checked(c candidate) (n int) {
	for _, run := range s.runs {
		plan := run.Header.Plan
		if run.Header.Sweep.Role != journal.Checking {
			continue
		}
		if plan.N == c.n {
			n++
		}
		if plan.Epochs == c.epochs {
			n++
		}
	}
	return n
}
