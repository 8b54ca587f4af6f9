package sweep

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/bench/stats"
)

// A pool holds what all visits of one size, in one number of features and one precision, know of
// their contenders. The processes of a visit have numbers that no other visit has. So contenders
// are compared in pairs of processes that ran side by side, also across visits.
type pool struct {
	n, epochs int
	visits    int
	header    *journal.Header // of the first visit
	arms      []*arm          // in the order in which the headers name them
	// of and twin are the times of the null arm. Another visit may have twins of another contender.
	of, twin stats.Series
	leftOut  []journal.LeftOut
	next     int // the number of the next visit's first process
}

// An arm is one contender of a pool.
type arm struct {
	name    string
	side    int // -1 is none
	epochs  int // of the sweep
	rows    []*report.Row
	timings stats.Series // nanoseconds an epoch
	costs   map[int]cost // by process
	// prompt says that the clocks agree on a sample that counts. late says why not on the last one
	// that they do not agree on.
	prompt bool
	late   error
}

func newPool(n, epochs int) *pool {
	return &pool{n: n, epochs: epochs, of: stats.Series{}, twin: stats.Series{}}
}

// add adds a visit: the contenders of a precision, and the twins.
func (p *pool) add(v visit, precision string, sides *sides) {
	p.visits++
	p.header = cmp.Or(p.header, v.run.Header)
	first := p.next
	for _, c := range v.run.Header.Contenders {
		if c.Precision.String() == precision {
			p.arm(c.Name(), sides).add(v, first)
		}
	}
	if twin := v.run.Twin; twin != nil && v.report.Null != nil {
		maps.Copy(p.of, timings(v.run, twin.TwinOf(), first))
		maps.Copy(p.twin, timings(v.run, twin.Name(), first))
	}
	p.leftOut = append(p.leftOut, v.run.Header.Sweep.LeftOut...)
	for _, s := range v.run.Processes {
		p.next = max(p.next, first+s.Process+1)
	}
}

// arm returns the arm of a contender. It makes one if there is none.
func (p *pool) arm(name string, sides *sides) *arm {
	for _, a := range p.arms {
		if a.name == name {
			return a
		}
	}
	a := &arm{name: name, side: sides.of(name), epochs: p.epochs, timings: stats.Series{}, costs: map[int]cost{}}
	p.arms = append(p.arms, a)
	return a
}

// floor returns the noise floor, a logarithm: how far the twins differ.
func (p *pool) floor() float64 { return stats.Compare(p.of, p.twin).Floor() }

// timings returns the times of a contender's samples in a run, warm-ups left out. The number first
// is added to the numbers of its processes.
func timings(run *journal.Results, name string, first int) stats.Series {
	out := stats.Series{}
	for i := range run.Samples {
		if s := &run.Samples[i]; s.Contender == name && !s.Warmup {
			out.Add(first+s.Process, s.PerEpoch())
		}
	}
	return out
}

// add adds a visit.
func (a *arm) add(v visit, first int) {
	row := v.row(a.name)
	a.rows = append(a.rows, row)
	for i := range v.run.Samples {
		if s := &v.run.Samples[i]; s.Contender == a.name && !s.Warmup {
			_, late := journal.CheckClocks(s)
			a.prompt, a.late = a.prompt || late == nil, cmp.Or(late, a.late)
		}
	}
	if row.Status == bench.OK {
		maps.Copy(a.timings, timings(v.run, a.name, first))
		maps.Copy(a.costs, costs(v.run, a.name, first))
	}
}

// gravity orders what can become of a contender in a visit. A visit that ended before its first
// sample says least.
func gravity(row *report.Row) int {
	if row.Unreached() {
		return -1
	}
	return slices.Index([]bench.Status{bench.OK, bench.Unavailable, bench.Untrusted, bench.Failed, bench.Wrong}, row.Status)
}

// worst returns the row of the visit that decides what became of the contender at this size: a
// contender that was wrong in one visit has no time here, whatever it did in others.
func (a *arm) worst() *report.Row {
	return slices.MaxFunc(a.rows, func(x, y *report.Row) int { return cmp.Compare(gravity(x), gravity(y)) })
}

// best returns the row with the most samples.
func (a *arm) best() *report.Row {
	return slices.MaxFunc(a.rows, func(x, y *report.Row) int { return cmp.Compare(x.Samples, y.Samples) })
}

// became returns what became of the contender at this size, and why. A run takes few late samples
// for an accident. Here they would be all that speaks for the contender: if every sample of all
// visits is late, the contender is untrusted.
func (a *arm) became() (status bench.Status, why string) {
	worst := a.worst()
	if worst.Status == bench.OK && a.late != nil && !a.prompt {
		return bench.Untrusted, a.late.Error()
	}
	return worst.Status, worst.Note
}

// fit reports whether the contender has a time that counts.
func (a *arm) fit() bool {
	status, _ := a.became()
	return status == bench.OK && len(a.timings) > 0
}

// median returns the time of an epoch in nanoseconds: the median over processes.
func (a *arm) median() float64 {
	_, medians := a.timings.Medians()
	return stats.Median(medians)
}

// time returns what a size shows of the contender.
func (a *arm) time() Time {
	out := Time{Contender: a.name, Side: a.side, Algorithm: a.best().Info.Algorithm}
	out.Status, out.Note = a.became()
	if !a.fit() {
		return out
	}
	s := a.timings.Summary(1)
	out.EpochNS, out.Lo, out.Hi = s.Median, s.Lo, s.Hi
	out.Processes = len(a.timings)
	out.Scaled = a.scaled()
	return out
}

// scaled reports whether fewer epochs were timed in a visit than the plan has.
func (a *arm) scaled() bool {
	return slices.ContainsFunc(a.rows, func(row *report.Row) bool { return row.Status == bench.OK && row.Epochs < a.epochs })
}

// fault says in a few words why the contender has no time.
func (a *arm) fault() string {
	status, why := a.became()
	switch {
	case a.worst().Unreached():
		return a.name + " was not reached"
	case status == bench.Wrong:
		return a.name + " answered wrongly"
	case status == bench.Untrusted:
		return fmt.Sprintf("the times of %s cannot be trusted", a.name)
	case status == bench.Unavailable:
		return a.name + " cannot run: " + why
	}
	return a.name + " failed: " + why
}
