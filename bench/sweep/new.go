package sweep

import (
	"cmp"
	"maps"
	"slices"
	"strings"

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
		Budget: last.run.Header.Sweep.Budget, Sides: sides.names, End: ending(last), sides: sides,
	}
	out.TotalNS, out.DriverNS, out.CeilingsNS = used(visits)
	for _, v := range visits {
		out.Runs = append(out.Runs, v.report)
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
	if end := last.run.Swept; end != nil {
		out.Unvisited = end.Unvisited
	}
	out.LeftOut, out.Absent = leftOut(visits, sides), absent(visits, sides)
	for side := range out.Sides {
		out.warnOfSoftware(sides, side)
	}
	out.warnOfMachine(out.Machine, "")
	return out
}

// ending returns how a sweep ended, by its last run.
func ending(last visit) string {
	switch {
	case last.run.Swept != nil:
		return last.run.Swept.Reason
	case last.run.InProgress:
		return journal.InProgress
	}
	return journal.CutShort
}

// used returns how long a sweep took, and the processor time that its driver used: for all but the
// ceilings, and for those. A session that
// ended in order tells it with the making of the data, and with what lies between its runs.
func used(visits []visit) (total, driver, ceilings int64) {
	var session, own int64 // of the runs since the last session's end
	for _, v := range visits {
		session, own = session+v.report.TotalNS, own+v.report.DriverNS
		if s := v.run.Swept; s != nil {
			total, driver = total+max(session, s.TotalNS), driver+max(own, s.DriverNS)
			ceilings += s.CeilingsNS
			session, own = 0, 0
		}
	}
	return total + session, driver + own, ceilings
}

// sameCeiling reports whether two ceilings say how fast the same is.
func sameCeiling(a, b journal.Ceiling) bool {
	a.BytesPerS, a.MulAddsPerS = b.BytesPerS, b.MulAddsPerS
	return a == b
}

// leftOut returns the contenders that the sweep left out, each with the first size at which it did.
// Absent ones are not among them.
func leftOut(visits []visit, sides *sides) []LeftOut {
	var out []LeftOut
	for _, v := range visits {
		for _, left := range v.run.Header.Sweep.LeftOut {
			if sides.absent(left.Contender) {
				continue
			}
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

// warnOfSoftware warns of the software renderers of a side.
func (s *Sweep) warnOfSoftware(sides *sides, side int) {
	_, software := sides.devices(side)
	for _, device := range software {
		warning := device + " is a software renderer: it runs on the processor, and says nothing about a GPU."
		if !slices.Contains(s.Warnings, warning) {
			s.Warnings = append(s.Warnings, warning)
		}
	}
}

// warnOfMachine warns of what made a machine poor to measure on. name is its name; "" if there is
// one machine only.
func (s *Sweep) warnOfMachine(state []machine.Assessment, name string) {
	if name != "" {
		name = " (" + name + ")"
	}
	var poor []string
	for _, a := range state {
		if a.Grade == machine.Poor {
			poor = append(poor, a.What+" "+a.Value)
		}
	}
	if poor != nil {
		s.Warnings = append(s.Warnings, "The machine"+name+" was poor to measure on: "+strings.Join(poor, "; ")+".")
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
	epochs := sides.part.Epochs
	out := Problem{Features: key.features, Precision: key.precision, Epochs: epochs, checks: map[int][]*match{}}
	for k, matches := range matched(key, visits, sides) {
		if k == epochs {
			out.matches = matches
		} else {
			out.checks[k] = matches
		}
	}
	out.answer(resolution)
	return out
}

// matched returns the matches of a problem, by epochs and ascending in N. The sweep's own epochs
// are those of all runs but the ones that validate.
func matched(key key, visits []visit, sides *sides) map[int][]*match {
	type size struct{ epochs, n int }
	pools := map[size]*pool{}
	for _, v := range visits {
		plan := v.run.Header.Plan
		if plan.Features != key.features || !v.has(key.precision) {
			continue
		}
		at := size{plan.Epochs, plan.N}
		if pools[at] == nil {
			pools[at] = newPool(plan.N, plan.Epochs)
		}
		pools[at].add(v, key.precision, sides)
	}
	out := map[int][]*match{}
	for at, p := range pools {
		out[at.epochs] = append(out[at.epochs], p.match(sides))
	}
	for _, matches := range out {
		slices.SortFunc(matches, byN)
	}
	return out
}

// answer finds the answers of a problem from its matches.
func (p *Problem) answer(resolution float64) {
	for _, m := range p.matches {
		p.Sizes = append(p.Sizes, m.size(resolution))
		p.BreakEven = append(p.BreakEven, m.breakEvens()...)
	}
	p.Crossover = stats.FindCrossover(p.Points())
	p.Map, p.Models = winners(p.matches, p.checks, p.Epochs), models(p.matches)
}

// Points returns what the crossover is found from, ascending in N. The point of a gap has no ratio.
func (p *Problem) Points() []stats.Point { return pointsOf(p.matches) }

func pointsOf(matches []*match) []stats.Point {
	var out []stats.Point
	for _, m := range matches {
		out = append(out, m.point())
	}
	return out
}
