package measure

import (
	"cmp"
	"fmt"
	"slices"
	"time"

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
	// validation and for the crossovers.
	gridMost = 0.75
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
	for _, next := range []func(*sweep.Sweep) (*visit, bool){s.nextOfGrid, s.nextCell, s.nextOfCrossover} {
		v, short := next(answers)
		switch {
		case v != nil:
			return v, "", nil
		case short:
			return nil, journal.OutOfBudget, nil
		}
	}
	if len(s.skipped) > 0 {
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

// nextOfGrid returns the visit of the next size of the grid. It skips sizes for which the budget is
// too short, but never the first. The sizes that are left share what is left of the grid's share.
func (s *Sweeping) nextOfGrid(answers *sweep.Sweep) (*visit, bool) {
	const tenth = time.Second / 10
	waiting := s.waiting()
	used := time.Since(s.start)
	for len(waiting) > 0 {
		at := waiting[0]
		present, leftOut := s.present(answers, at)
		takes := s.takes(present, at)
		if room := time.Duration(gridMost*float64(s.budget)) - used; len(s.runs) > 0 && (takes > room || room <= 0) {
			s.skip(at, fmt.Sprintf("its run would take about %s, and the budget leaves %s for it",
				typeset.Span(takes.Round(tenth)), typeset.Span(max(0, room).Round(tenth))))
			waiting = waiting[1:]
			continue
		}
		fair := (time.Duration(gridShare*float64(s.budget)) - used) / time.Duration(len(waiting))
		made := s.madeOf(journal.OfGrid)
		return &visit{
			size: at, role: journal.OfGrid, epochs: s.setup.Sweep.Epochs, contenders: present, leftOut: leftOut,
			budget: max(fair, takes/2, shortestBudget), number: made + 1, of: made + len(waiting),
		}, false
	}
	return nil, false
}

// unvisited returns the sizes of the grid that were not measured.
func (s *Sweeping) unvisited() []journal.Unvisited {
	out := slices.Clone(s.skipped)
	for _, at := range s.waiting() {
		out = append(out, journal.Unvisited{N: at.n, Features: at.features, Reason: "the sweep ended before its turn"})
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
		n, again, ok := stats.NextSize(p.Points())
		at := size{n, p.Features}
		visits := s.visitsOf(at, journal.OfGrid, journal.Refining, journal.AtAnEnd)
		if !ok || visits >= mostVisits || !again && visits > 0 || s.isSkipped(at) {
			continue
		}
		contenders := s.near(p, n)
		takes := s.takes(contenders, at)
		left := s.left()
		if takes > left || left < shortestBudget {
			return nil, true
		}
		role, share := journal.Refining, left/6
		if again {
			role, share = journal.AtAnEnd, left/4
		}
		return &visit{
			size: at, role: role, epochs: s.setup.Sweep.Epochs, contenders: contenders,
			budget: max(share, takes, shortestBudget), number: s.madeOf(role) + 1,
		}, false
	}
	return nil, false
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
