package sweep

import (
	"cmp"
	"maps"
	"slices"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/machine"
	"descent/bench/report"
	"descent/bench/stats"
)

// New returns the answers of one sweep from its runs, in the order of the file. A run that was cut
// short, or is in progress, counts as far as it goes. New refuses runs that are not of one sweep,
// of one question, and of one machine.
func New(runs []*journal.Results) (*Sweep, error) {
	if err := checkOneSweep(runs); err != nil {
		return nil, err
	}
	var visits []visit
	for _, run := range runs {
		visits = append(visits, visit{run, report.New(run)})
	}
	sides := newSides(visits)
	out := newSweep(visits, sides)
	for _, key := range problems(visits) {
		out.Problems = append(out.Problems, newProblem(key, visits, sides, out.Plan.Resolution))
	}
	return out, nil
}

// newSweep returns what is known of a sweep as a whole.
func newSweep(visits []visit, sides *sides) *Sweep {
	first, last := visits[0].report, visits[len(visits)-1]
	out := &Sweep{
		ID: sides.part.ID, Version: first.Version, Time: first.Time, Env: first.Env, Plan: first.Plan,
		Budget: last.run.Header.Sweep.Budget, Sides: sides.names, End: last.report.End,
	}
	for _, v := range visits {
		out.Runs = append(out.Runs, v.report)
		out.TotalNS += v.report.TotalNS
		out.DriverNS += v.report.DriverNS
		out.Machine = machine.WorstOf(out.Machine, v.report.Machine)
		out.Probe = cmp.Or(out.Probe, v.report.Probe)
		for _, c := range v.run.Header.Ceilings {
			if !slices.ContainsFunc(out.Ceilings, func(known journal.Ceiling) bool { return sameCeiling(known, c) }) {
				out.Ceilings = append(out.Ceilings, c)
			}
		}
	}
	if out.Machine != nil {
		out.Grade = machine.Worst(out.Machine)
	}
	out.LeftOut, out.Absent = leftOut(visits), absent(visits, sides)
	out.warn()
	return out
}

// sameCeiling reports whether two ceilings say how fast the same is.
func sameCeiling(a, b journal.Ceiling) bool {
	a.BytesPerS, a.MulAddsPerS = b.BytesPerS, b.MulAddsPerS
	return a == b
}

// leftOut returns the contenders that the sweep left out, each with the first size at which it did.
func leftOut(visits []visit) []LeftOut {
	var out []LeftOut
	for _, v := range visits {
		for _, left := range v.run.Header.Sweep.LeftOut {
			n := v.run.Header.Plan.N
			i := slices.IndexFunc(out, func(known LeftOut) bool { return known.Contender == left.Contender })
			switch {
			case i < 0:
				out = append(out, LeftOut{left.Contender, n, left.Reason})
			case n < out[i].From:
				out[i].From, out[i].Reason = n, left.Reason
			}
		}
	}
	return out
}

// absent returns the contenders that could not run at all, each with its reason.
func absent(visits []visit, sides *sides) []LeftOut {
	var out []LeftOut
	for _, v := range visits {
		for i := range v.report.Rows {
			row := &v.report.Rows[i]
			known := slices.ContainsFunc(out, func(known LeftOut) bool { return known.Contender == row.Contender })
			if !known && !row.Unreached() && row.Status != bench.OK && sides.absent(row.Contender) {
				out = append(out, LeftOut{Contender: row.Contender, Reason: row.Note})
			}
		}
	}
	return out
}

// warn adds what the reader must know before believing a number.
func (s *Sweep) warn() {
	for _, side := range s.Sides {
		if side.Software {
			s.Warnings = append(s.Warnings, cmp.Or(side.Device, side.Name)+
				" is a software renderer: it runs on the processor, and says nothing about a GPU.")
		}
	}
	if s.Grade == machine.Poor {
		for _, a := range s.Machine {
			if a.Grade == machine.Poor {
				s.Warnings = append(s.Warnings, "The machine was poor to measure on: "+a.What+" "+a.Value+".")
			}
		}
	}
}

// A key names a problem of a sweep.
type key struct {
	features  int
	precision string
}

// problems returns the problems of a sweep: by features, and then by precision.
func problems(visits []visit) []key {
	found := map[key]bool{}
	for _, v := range visits {
		for _, c := range v.run.Header.Contenders {
			found[key{v.run.Header.Plan.Features, c.Precision.String()}] = true
		}
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.features, b.features), cmp.Compare(a.precision, b.precision))
	})
}

// newProblem returns the part of a sweep with one number of features and one precision.
func newProblem(key key, visits []visit, sides *sides, resolution float64) Problem {
	out := Problem{Features: key.features, Precision: key.precision, Epochs: sides.part.Epochs}
	pools := map[int]*pool{}
	for _, v := range visits {
		plan := v.run.Header.Plan
		if plan.Features != key.features || plan.Epochs != out.Epochs {
			continue
		}
		if pools[plan.N] == nil {
			pools[plan.N] = newPool(plan.N, plan.Epochs)
		}
		pools[plan.N].add(v, key.precision, sides)
	}
	for _, n := range slices.Sorted(maps.Keys(pools)) {
		out.Sizes = append(out.Sizes, pools[n].size(resolution, sides))
	}
	out.Crossover = stats.FindCrossover(out.points())
	return out
}

// points returns what a crossover is found from. The point of a gap has no ratio.
func (p *Problem) points() []stats.Point {
	var out []stats.Point
	for i := range p.Sizes {
		out = append(out, p.Sizes[i].point)
	}
	return out
}
