package sweep

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"descent/bench"
	"descent/bench/machine"
	"descent/bench/report"
	"descent/bench/typeset"
)

// evidence adds what the short report leaves out: all contenders at all sizes, every bound of both
// champions, the ceilings, the runs, and the machine.
func (p *page) evidence(s *Sweep) {
	for _, pr := range s.ordered() {
		title := ""
		if len(s.Problems) > 1 {
			title = " " + pr.name(s)
		}
		p.table("Times of an epoch"+title, everyTime(pr),
			"Side 1 is "+s.the(0)+", and side 2 is "+s.the(1)+". The rest is on no side.")
		p.table("Bounds of an epoch of the champions"+title, everyBound(s, pr),
			"A bound is the least that an epoch takes by one resource, as measured here. Over 100% says that the ceiling was measured too low.")
	}
	const probed = "device"
	p.table("How fast data of a size are read again and again", report.Readings(s.Ceilings, s.Probe, probed), report.Peaks(s.Ceilings),
		report.Probed(s.Probe, probed))
	p.table("Runs", runGrid(s))
	p.table("Sizes that were not measured", s.unvisitedGrid())
	p.table("What disturbed the machine", s.disturbances())
	p.section(p.lines(s.costs())...)
}

// everyTime lists all contenders at all sizes.
func everyTime(pr *Problem) typeset.Grid {
	g := typeset.Grid{Head: []string{"N", "contender", "side", "epoch", "95% interval", "processes", "note"}, Right: []int{0, 3, 4, 5}}
	add := func(n int, t *Time) {
		side, interval, note := "", "", t.Note
		if t.Side >= 0 {
			side = strconv.Itoa(t.Side + 1)
		}
		if t.Lo > 0 && t.EpochNS > 0 {
			_, unit := typeset.TimeUnit(t.EpochNS)
			interval = typeset.Significant(t.Lo/unit, 3) + " – " + typeset.Significant(t.Hi/unit, 3)
		}
		switch {
		case t.Algorithm != "":
			note = "† " + typeset.Brief(t.Algorithm)
		case t.Status != bench.OK && t.Status != "":
			note = strings.ToUpper(string(t.Status)) + ": " + note
		case t.Scaled:
			note = "≈ scaled"
		}
		g.Add(typeset.Count(n), t.Contender, side, duration(t.EpochNS), interval, typeset.Count(t.Processes), note)
	}
	for i := range pr.Sizes {
		at := &pr.Sizes[i]
		for _, c := range at.Champions {
			if c != nil {
				add(at.N, &c.Time)
			}
		}
		for k := range at.Others {
			add(at.N, &at.Others[k])
		}
	}
	return g
}

// everyBound lists all bounds of the champions.
func everyBound(s *Sweep, pr *Problem) typeset.Grid {
	g := typeset.Grid{Head: []string{"N", "side", "champion", "resource", "takes", "share"}, Right: []int{0, 4, 5}}
	for i := range pr.Sizes {
		for side, c := range pr.Sizes[i].Champions {
			if c == nil {
				continue
			}
			for _, b := range c.Bounds {
				g.Add(typeset.Count(pr.Sizes[i].N), s.short(side), backend(c.Contender), b.Resource, duration(b.NS), fmt.Sprintf("%.1f%%", 100*b.Share))
			}
		}
	}
	return g
}

// runGrid lists the runs in their order: sizes were measured in random order, so that a drift of
// the machine is no trend in N.
func runGrid(s *Sweep) typeset.Grid {
	g := typeset.Grid{Head: []string{"run", "N", "features", "role", "took", "end", "machine"}, Right: []int{0, 1, 2, 4}}
	for i, rep := range s.Runs {
		role := ""
		if rep.Sweep != nil {
			role = string(rep.Sweep.Role)
		}
		g.Add(strconv.Itoa(i+1), typeset.Count(rep.Plan.N), typeset.Count(rep.Plan.Features), role, duration(float64(rep.TotalNS)), rep.End, string(rep.Grade))
	}
	return g
}

// unvisitedGrid lists the first sizes that were not measured, and why.
func (s *Sweep) unvisitedGrid() typeset.Grid {
	g := typeset.Grid{Head: []string{"N", "features", "reason"}, Right: []int{0, 1}}
	for _, u := range s.Unvisited {
		g.Add(typeset.Count(u.N), typeset.Count(u.Features), u.Reason)
	}
	return g
}

// disturbances lists what was not good about the machine, over all runs.
func (s *Sweep) disturbances() typeset.Grid {
	g := typeset.Grid{Head: []string{"check", "grade", "seen", "remedy"}}
	for _, a := range s.Machine {
		if a.Grade != machine.Good {
			g.Add(a.What, string(a.Grade), a.Value, a.Remedy)
		}
	}
	return g
}

// costs says how long the sweep took, and what the driver itself used.
func (s *Sweep) costs() []string {
	if s.TotalNS == 0 {
		return nil
	}
	out := fmt.Sprintf("The sweep took %s in %s.", typeset.Duration(float64(s.TotalNS)), typeset.Plural(len(s.Runs), "run"))
	if s.DriverNS > 0 {
		used := float64(s.DriverNS) / float64(s.TotalNS) / float64(cmp.Or(s.Env.Threads, 1))
		out += fmt.Sprintf(" The driver itself used %s of processor time, %s of all processors' time.", typeset.Duration(float64(s.DriverNS)), typeset.Share(used))
	}
	if s.CeilingsNS > 0 {
		out += fmt.Sprintf(" To measure the ceilings took it another %s, once.", typeset.Duration(float64(s.CeilingsNS)))
	}
	return []string{out}
}
