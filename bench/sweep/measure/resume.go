package measure

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"descent/bench"
	"descent/bench/journal"
)

// resume makes the sweep go on where an earlier session stopped. A run that was cut short, or
// interrupted, is finished first. The budget is what is left of it. A sweep that is complete goes
// on only if a larger budget has room for something that is still open.
func (s *Sweeping) resume() error {
	before := s.setup.Before
	for _, run := range before {
		if err := s.sameSweep(run.Header); err != nil {
			return err
		}
	}
	s.runs = slices.Clone(before)
	last := before[len(before)-1]
	if last.End == nil || last.End.Reason == journal.Interrupted {
		s.unfinished = last
	}
	s.budget = max(0, s.budget-spent(before))
	if swept := last.Swept; swept != nil && swept.Reason == journal.Complete {
		s.start = time.Now()
		if v, _, err := s.next(); err != nil || v == nil {
			return cmp.Or(err, errors.New("it is complete"))
		}
	}
	first := before[0].Header
	s.probe, s.probed, s.ceilings = first.Probe, true, first.Ceilings
	return nil
}

// sameSweep says how an earlier run's sweep differs from s, if it does.
func (s *Sweeping) sameSweep(h *journal.Header) error {
	env := journal.ReadEnv()
	others, changed := h.Env.Difference(&env)
	plan, was := s.setup.Plan, h.Plan
	for _, p := range []*journal.Plan{&plan, &was} {
		p.N, p.Features, p.Epochs, p.NoNull, p.Blocks = 0, 0, 0, false, 0
	}
	switch {
	case h.Sweep == nil:
		return errors.New("a run of it is of no sweep")
	case len(others)+len(changed) > 0:
		return fmt.Errorf("it was measured on another machine, or under another system: %s", strings.Join(append(others, changed...), ", "))
	case h.Version != s.setup.Version:
		return fmt.Errorf("it was measured by descent %s, and this is %s", h.Version, s.setup.Version)
	case !s.setup.Sweep.Same(h.Sweep):
		return fmt.Errorf("the question is another: %+v, then %+v", question(&s.setup.Sweep), question(h.Sweep))
	case !plan.SameMeasurement(&was):
		return fmt.Errorf("the plan is another: %+v, then %+v", plan.Measurement(), was.Measurement())
	}
	for _, name := range bench.Names(h.Contenders) {
		if !slices.Contains(bench.Names(s.setup.Contenders), name) {
			return fmt.Errorf("the contenders are others: %s is missing", name)
		}
	}
	return nil
}

// question returns what all runs of a sweep have in common.
func question(part *journal.Sweep) journal.Sweep {
	q := *part
	q.Visit, q.Role, q.LeftOut, q.Budget = 0, "", nil, 0
	return q
}

// again returns the visit of a run that is to be finished. Its budget counts anew.
func (s *Sweeping) again(run *journal.Results) visit {
	h := run.Header
	v := visit{
		size: size{h.Plan.N, h.Plan.Features}, role: h.Sweep.Role, epochs: h.Plan.Epochs,
		leftOut: h.Sweep.LeftOut, budget: h.Plan.Budget, number: 1,
	}
	for _, name := range bench.Names(h.Contenders) {
		i := slices.Index(bench.Names(s.setup.Contenders), name)
		v.contenders = append(v.contenders, s.setup.Contenders[i])
	}
	for _, other := range s.runs {
		if other != run && other.Header.Sweep.Role == v.role {
			v.number++
		}
	}
	return v
}

// spent returns about how much of the budget the runs took. After a session that used it up, it
// counts anew. A run that was cut short took at least the time of its processes and samples.
func spent(runs []*journal.Results) (d time.Duration) {
	for _, run := range slices.Backward(runs) {
		if run.Swept != nil && run.Swept.Reason == journal.OutOfBudget {
			break
		}
		if run.End != nil {
			d += time.Duration(run.End.TotalNS)
			continue
		}
		for _, p := range run.Processes {
			d += time.Duration(p.InitNS + p.LoadNS)
		}
		for i := range run.Samples {
			d += time.Duration(run.Samples[i].WallNS)
		}
	}
	return d
}
