package measure

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/stats"
	"descent/bench/sweep"
	"descent/bench/typeset"
)

// The parts of a sweep have these shares of its budget. What the grid leaves of its share, and all
// the rest, goes to the crossovers.
const (
	gridShare = 0.5
	// gridMost is what the grid may take if its runs take longer than planned. The rest is for
	// validation and for the crossovers. A size between two others is visited in gridFine alone.
	gridMost, gridFine = 0.75, 0.65
	// cellShare is for each cell of the winner map that is validated.
	cellShare = 0.04
)

// shortestBudget is the least that the run of a visit is given. In less, six processes of a
// contender cannot start.
const shortestBudget = time.Second

// next decides what is measured next. Without a visit it returns the reason why the sweep ends.
func (s *Sweeping) next() (v *visit, reason string, err error) {
	var answers *sweep.Sweep
	if len(s.runs) > 0 {
		if answers, err = sweep.New(s.runs); err != nil {
			return nil, "", err
		}
	}
	if s.hasNoContest() {
		return nil, journal.Complete, nil
	}
	outOfBudget := false
	for _, next := range []func(*sweep.Sweep) (*visit, bool){s.nextOfGrid, s.nextCell, s.nextOfCrossover, s.nextDeferred, s.nextOpen} {
		v, short := next(answers)
		if v != nil {
			v.ends = s.estimated(answers, v)
			return v, "", nil
		}
		outOfBudget = outOfBudget || short
	}
	if outOfBudget {
		return nil, journal.OutOfBudget, nil
	}
	return nil, journal.Complete, nil
}

// left returns what is left of the budget.
func (s *Sweeping) left() time.Duration { return s.budget - time.Since(s.start) }

// skip leaves out a size.
func (s *Sweeping) skip(at size, reason string) {
	s.skipped = append(s.skipped, journal.Unvisited{N: at.n, Features: at.features, Reason: reason})
}

// isSkipped reports whether a size was left out.
func (s *Sweeping) isSkipped(at size) bool {
	return slices.ContainsFunc(s.skipped, func(u journal.Unvisited) bool { return u.N == at.n && u.Features == at.features })
}

// visitsOf returns how many runs of some roles were made at a size.
func (s *Sweeping) visitsOf(at size, roles ...journal.Role) (n int) {
	for _, run := range s.runs {
		if h := run.Header; h.Plan.N == at.n && h.Plan.Features == at.features && slices.Contains(roles, h.Sweep.Role) {
			n++
		}
	}
	return n
}

// madeOf returns how many runs of a role were made.
func (s *Sweeping) madeOf(role journal.Role) (n int) {
	for _, run := range s.runs {
		if run.Header.Sweep.Role == role {
			n++
		}
	}
	return n
}

// waiting returns the sizes of the grid that were not visited yet, in the order of their visits.
func (s *Sweeping) waiting() (out []size) {
	part := &s.setup.Sweep
	for _, at := range order(part.Sizes, part.Features, s.setup.Plan.Seed) {
		if s.visitsOf(at, journal.OfGrid) == 0 && !s.isSkipped(at) {
			out = append(out, at)
		}
	}
	return out
}

// nextOfGrid returns the visit of the next size of the grid: the first in their order that the
// grid's share has room for. The sizes that are left share what is left of it. A size that does not
// fit is asked for again before every visit, since by then it is better known how long one takes.
// The very first size is visited whatever it takes.
func (s *Sweeping) nextOfGrid(answers *sweep.Sweep) (*visit, bool) {
	used := time.Since(s.start)
	waiting := s.waiting()
	for _, at := range waiting {
		most := gridMost
		if s.isBetween(at) {
			most = gridFine
		}
		present, leftOut := s.present(answers, at)
		takes := s.takes(answers, present, at)
		if room := time.Duration(most*float64(s.budget)) - used; len(s.runs) > 0 && (takes > room || room <= 0) {
			continue
		}
		fair := (time.Duration(gridShare*float64(s.budget)) - used) / time.Duration(len(waiting))
		return s.ofGrid(at, present, leftOut, max(fair, takes/2), len(waiting)), false
	}
	return nil, false
}

// ofGrid returns the visit of a size of the grid.
func (s *Sweeping) ofGrid(at size, present []bench.Contender, leftOut []journal.LeftOut, budget time.Duration, waiting int) *visit {
	made := s.madeOf(journal.OfGrid)
	return &visit{
		size: at, role: journal.OfGrid, epochs: s.setup.Sweep.Epochs, contenders: present, leftOut: leftOut,
		budget: max(budget, shortestBudget), number: made + 1, of: made + waiting,
	}
}

// isBetween reports whether a size lies between two others of the grid, so that a coarser grid can
// do without it.
func (s *Sweeping) isBetween(at size) bool {
	i := slices.Index(s.setup.Sweep.Sizes, at.n)
	return i%2 == 1 && i < len(s.setup.Sweep.Sizes)-1
}

// nextDeferred returns the visit of a size that the grid's share had no room for, if what is left
// has. short says that a size is left for which it has not.
func (s *Sweeping) nextDeferred(answers *sweep.Sweep) (v *visit, short bool) {
	s.deferred = nil
	waiting, left := s.waiting(), s.left()
	for _, at := range waiting {
		present, leftOut := s.present(answers, at)
		takes := s.takes(answers, present, at)
		if takes <= left && left >= shortestBudget {
			return s.ofGrid(at, present, leftOut, takes/2, len(waiting)), false
		}
		s.deferred = append(s.deferred, journal.Unvisited{N: at.n, Features: at.features, Reason: tooLong(takes, left)})
	}
	return nil, len(waiting) > 0
}

// tooLong says that the budget is too short for a size.
func tooLong(takes, left time.Duration) string {
	const tenth = time.Second / 10
	return fmt.Sprintf("its run would take about %s, and the budget leaves %s for it",
		typeset.Span(takes.Round(tenth)), typeset.Span(max(0, left).Round(tenth)))
}

// unvisited returns the sizes of the grid that were not measured.
func (s *Sweeping) unvisited() []journal.Unvisited {
	out := slices.Clone(s.skipped)
	for _, at := range s.waiting() {
		u := journal.Unvisited{N: at.n, Features: at.features, Reason: "the sweep ended before its turn"}
		if i := slices.IndexFunc(s.deferred, func(d journal.Unvisited) bool { return d.N == at.n && d.Features == at.features }); i >= 0 {
			u = s.deferred[i]
		}
		out = append(out, u)
	}
	return out
}

// mostVisits is how often a size is visited for a crossover at the most.
const mostVisits = 8

// nextOfCrossover returns the visit that narrows a crossover, or the ends of one. Problems take
// turns: the one with the fewest such visits is the next. short says that the budget is too short
// for it.
func (s *Sweeping) nextOfCrossover(answers *sweep.Sweep) (v *visit, short bool) {
	problems := make([]*sweep.Problem, len(answers.Problems))
	for i := range problems {
		problems[i] = &answers.Problems[i]
	}
	slices.SortStableFunc(problems, func(a, b *sweep.Problem) int { return cmp.Compare(s.narrowed(a), s.narrowed(b)) })
	for _, p := range problems {
		n, again, ok := s.nextSize(p)
		if !ok {
			continue
		}
		at := size{n, p.Features}
		contenders := s.near(p, n)
		takes := s.takes(answers, contenders, at)
		left := s.left()
		if takes > left || left < shortestBudget {
			short = true
			continue
		}
		role, share := journal.Refining, left/6
		if again {
			role, share = journal.AtAnEnd, left/4
		}
		return s.narrowing(role, at, contenders, max(share, takes/2)), false
	}
	return nil, short
}

// narrowing returns the visit of a size for the contenders that may be the best of their sides.
func (s *Sweeping) narrowing(role journal.Role, at size, contenders []bench.Contender, budget time.Duration) *visit {
	return &visit{
		size: at, role: role, epochs: s.setup.Sweep.Epochs, contenders: contenders,
		budget: max(budget, shortestBudget), number: s.madeOf(role) + 1,
	}
}

// nextSize asks stats.NextSize for the next size of a problem. A size that cannot be visited counts
// as one that compares nothing, so that another is asked for.
func (s *Sweeping) nextSize(p *sweep.Problem) (n int, again, ok bool) {
	points := p.Points()
	for range mostVisits {
		if n, again, ok = stats.NextSize(points); !ok {
			return 0, false, false
		}
		at := size{n, p.Features}
		visits := s.visitsOf(at, journal.OfGrid, journal.Refining, journal.AtAnEnd)
		if visits < mostVisits && (again || visits == 0) && !s.isSkipped(at) {
			return n, again, true
		}
		points = slices.DeleteFunc(points, func(p stats.Point) bool { return int(p.N) == n })
		if !again {
			points = append(points, stats.Point{N: float64(n), Visits: visits})
		}
	}
	return 0, false, false
}

// mostForOpen is how often a size is visited at the most for an answer that is still open.
const mostForOpen = 3

// nextOpen returns the visit of a size at which something is open: a champion has too few
// processes, or a break-even cannot be told. Those with the fewest visits come first. short says
// that the budget is too short for all of them.
func (s *Sweeping) nextOpen(answers *sweep.Sweep) (v *visit, short bool) {
	left, fewest := s.left(), mostForOpen
	for i := range answers.Problems {
		p := &answers.Problems[i]
		for _, point := range p.Points() {
			at := size{int(point.N), p.Features}
			if point.Visits >= fewest || s.isSkipped(at) || !isOpen(p, at.n) {
				continue
			}
			contenders := s.near(p, at.n)
			takes := s.takes(answers, contenders, at)
			if takes > left || left < shortestBudget {
				short = true
				continue
			}
			v, fewest = s.narrowing(journal.AtAnEnd, at, contenders, max(left/6, takes/2)), point.Visits
		}
	}
	return v, short && v == nil
}

// isOpen reports whether another visit of n may tell something about it that is not known yet.
func isOpen(p *sweep.Problem, n int) bool {
	i := slices.IndexFunc(p.Sizes, func(at sweep.Size) bool { return at.N == n })
	if i < 0 || p.Sizes[i].Gap != "" {
		return false
	}
	for _, champion := range p.Sizes[i].Champions {
		if champion == nil {
			return false
		}
		if champion.Processes < journal.LeastGenerations {
			return true
		}
	}
	return slices.ContainsFunc(p.BreakEven, func(b sweep.BreakEven) bool {
		return b.N == n && !b.First && b.Answer == stats.EpochsUntold
	})
}

// estimated returns when the sweep is expected to end, once v is made: after the sizes that fit,
// and the validations. It is never later than the budget. What narrows a crossover is not known
// before. So from then on it is the end of the budget.
func (s *Sweeping) estimated(answers *sweep.Sweep, v *visit) time.Time {
	end := s.start.Add(s.budget)
	if v.role != journal.OfGrid || answers == nil {
		return end
	}
	takes := max(v.budget, shortestBudget)
	for _, at := range s.waiting() {
		if at != v.size {
			present, _ := s.present(answers, at)
			takes += s.takes(answers, present, at)
		}
	}
	crossovers := time.Duration((1 - gridMost) * float64(s.budget)) // the validations among them
	if soon := time.Now().Add(takes + crossovers); soon.Before(end) {
		return soon
	}
	return end
}

// narrowed returns how many runs narrowed the crossover of a problem.
func (s *Sweeping) narrowed(p *sweep.Problem) (n int) {
	for _, run := range s.runs {
		h := run.Header
		if h.Plan.Features == p.Features && (h.Sweep.Role == journal.Refining || h.Sweep.Role == journal.AtAnEnd) &&
			h.Contenders[0].Precision.String() == p.Precision {
			n++
		}
	}
	return n
}
