package sweep

import (
	"errors"
	"fmt"
	"slices"

	"descent/bench/journal"
	"descent/bench/machine"
	"descent/bench/typeset"
)

// Across lays the sweeps of two machines over each other. The first answer holds the first side of
// a against the second side of b: this machine's CPU, and that machine's GPU. If a has a second
// side too, another answer holds the first side of b against it. Processes of two machines are not
// paired, and the noise floor is the larger of both.
//
// Only sizes that both sweeps measured count. Across refuses sweeps of other problems, of other
// data at any size, of no precision in common, between other sides, and of one and the same
// machine.
func Across(a, b *Sweep) ([]*Sweep, error) {
	if err := checkAcross(a, b); err != nil {
		return nil, err
	}
	var out []*Sweep
	for _, pair := range [][2]*Sweep{{a, b}, {b, a}} {
		s, err := across(pair[0], pair[1])
		if err != nil {
			return nil, err
		}
		if s != nil {
			out = append(out, s)
		}
	}
	if out == nil {
		return nil, fmt.Errorf("neither sweep has a time of %s to hold against the other's %s", a.Sides[1].Name, a.Sides[0].Name)
	}
	return out, nil
}

// checkAcross refuses two sweeps that ask different questions, or that one machine has answered.
func checkAcross(a, b *Sweep) error {
	x, y := a.sides.part, b.sides.part
	switch {
	case x.Epochs != y.Epochs:
		return fmt.Errorf("the sweeps are of different problems: %s, then %d", typeset.Plural(x.Epochs, "epoch"), y.Epochs)
	case !a.SameSides(b):
		return errors.New("the sweeps are between different sides")
	case a.SameMachine(b):
		return fmt.Errorf("both sweeps are of one machine: %s", machineOf(a))
	}
	return nil
}

// SameMachine reports whether two sweeps are of one machine, with the same device.
func (s *Sweep) SameMachine(o *Sweep) bool {
	other, _ := s.Env.Difference(&o.Env)
	return len(other) == 0 && s.Sides[1].Device == o.Sides[1].Device
}

// SameSides reports whether two sweeps are between the same sides.
func (s *Sweep) SameSides(o *Sweep) bool { return s.sides.part.SameSides(o.sides.part) }

// Between reports whether the sides of the sweep were named. If not, they are the CPU and the GPU.
func (s *Sweep) Between() bool { return len(s.sides.part.Between) > 0 }

// machineOf names the machine of a sweep.
func machineOf(s *Sweep) string {
	return fmt.Sprintf("%s, %s", s.Env.CPU, typeset.Plural(s.Env.Threads, "thread"))
}

// across holds the first side of a against the second side of b. It returns nil if one of them has
// no time.
func across(a, b *Sweep) (*Sweep, error) {
	out := &Sweep{
		ID: a.ID + "+" + b.ID, Version: a.Version, Time: a.Time, Env: a.Env, Plan: a.Plan, Budget: a.Budget,
		Ceilings: a.Ceilings, Probe: b.Probe,
		Sides: [2]Side{a.Sides[0], b.Sides[1]}, Runs: slices.Concat(a.Runs, b.Runs), sides: a.sides,
		End: journal.Complete, TotalNS: a.TotalNS + b.TotalNS, DriverNS: a.DriverNS + b.DriverNS, CeilingsNS: a.CeilingsNS + b.CeilingsNS,
	}
	for _, s := range []*Sweep{a, b} {
		if s.End != journal.Complete {
			out.End = s.End
		}
		out.Machine = machine.WorstOf(out.Machine, s.Machine)
	}
	if out.Machine != nil {
		out.Grade = machine.Worst(out.Machine)
	}
	if b.Time.After(a.Time) {
		out.Time = b.Time
	}
	out.Sides[0].Machine, out.Sides[1].Machine = machineOf(a), machineOf(b)
	found, shared := false, false
	for i := range a.Problems {
		for j := range b.Problems {
			p, q := &a.Problems[i], &b.Problems[j]
			if p.Features != q.Features || p.Precision != q.Precision {
				continue
			}
			both, err := overlay(p, q, out.Plan.Resolution)
			if err != nil {
				return nil, err
			}
			if len(both.Sizes) > 0 {
				shared = true
				found = found || both.Crossover.From > 0
				out.Problems = append(out.Problems, both)
			}
		}
	}
	if !shared {
		return nil, errors.New("the sweeps have no size in common, in the same precision and number of features")
	}
	if !found {
		return nil, nil
	}
	out.warnAcross(a, b)
	return out, nil
}

// warnAcross says loudly what the reader sees.
func (s *Sweep) warnAcross(a, b *Sweep) {
	s.Warnings = append(s.Warnings, fmt.Sprintf("TWO MACHINES: the times of %s are of one machine (%s), and the times of %s of another (%s). They never ran side by side.",
		s.Sides[0].Name, s.Sides[0].Machine, s.Sides[1].Name, s.Sides[1].Machine))
	s.warnOfSoftware(a.sides, 0)
	s.warnOfSoftware(b.sides, 1)
	for _, of := range []*Sweep{a, b} {
		s.warnOfMachine(of.Machine, machineOf(of))
	}
}

// overlay returns the problem whose first side is p's and whose second side is q's.
func overlay(p, q *Problem, resolution float64) (Problem, error) {
	out := Problem{Features: p.Features, Precision: p.Precision, Epochs: p.Epochs, checks: map[int][]*match{}}
	var err error
	if out.matches, err = overlaid(p.matches, q.matches); err != nil {
		return out, err
	}
	for k := range p.checks {
		if out.checks[k], err = overlaid(p.checks[k], q.checks[k]); err != nil {
			return out, err
		}
	}
	out.answer(resolution)
	return out, nil
}

// overlaid returns the matches of the sizes that both have: the first sides of ps against the
// second sides of qs.
func overlaid(ps, qs []*match) ([]*match, error) {
	var out []*match
	for _, p := range ps {
		i, found := slices.BinarySearchFunc(qs, p, byN)
		if !found {
			continue
		}
		q := qs[i]
		if err := p.header.SameProblem(q.header); err != nil {
			return nil, err
		}
		out = append(out, &match{
			n: p.n, visits: min(p.visits, q.visits), header: p.header, apart: true, prices: [2]float64{1, 1},
			sides: [2][]*arm{p.sides[0], q.sides[1]}, missing: [2]string{p.missing[0], q.missing[1]}, floor: max(p.floor, q.floor),
		})
	}
	return out, nil
}
