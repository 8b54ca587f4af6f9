package sweep

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/machine"
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
	p.table("Ceilings, as measured before the runs", ceilings(s))
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

// ceilings lists how fast the processor and the device were measured to read and to compute.
func ceilings(s *Sweep) typeset.Grid {
	g := typeset.Grid{Head: []string{"", "1 thread", "all threads", "device"}, Right: []int{1, 2, 3}}
	const one, all, device = 1, 2, 3
	rows := map[string]int{}
	set := func(what string, column int, value string) {
		if _, known := rows[what]; !known {
			rows[what] = len(g.Rows)
			g.Add(what, "", "", "")
		}
		g.Rows[rows[what]][column] = value
	}
	readings := func(column int, bytes int64, perS float64) {
		if perS > 0 {
			set("reads "+typeset.Bytes(float64(bytes)), column, typeset.Rate(perS))
		}
	}
	computes := func(column int, precision string, perS float64) {
		if perS > 0 {
			set("multiply-adds in "+precision, column, typeset.Significant(perS/1e9, 3)+" G/s")
		}
	}
	sorted := slices.SortedFunc(slices.Values(s.Ceilings), func(a, b journal.Ceiling) int { return cmp.Compare(a.Bytes, b.Bytes) })
	for _, c := range slices.DeleteFunc(slices.Clone(sorted), func(c journal.Ceiling) bool { return c.Bytes == 0 }) {
		readings(columnOf(c.Threads, one, all), c.Bytes, c.BytesPerS)
	}
	if s.Probe != nil {
		for _, at := range s.Probe.Reads {
			readings(device, at.Bytes, at.BytesPerS)
		}
		computes(device, "f32", s.Probe.MulAddsF32)
		computes(device, "f64", s.Probe.MulAddsF64)
	}
	for _, c := range sorted {
		computes(columnOf(c.Threads, one, all), c.Precision, c.MulAddsPerS)
	}
	if s.Probe != nil {
		for _, wait := range []struct {
			what string
			ns   int64
		}{{"one more dispatch", s.Probe.DispatchNS}, {"one more barrier", s.Probe.BarrierNS}, {"an exchange in a work group", s.Probe.SyncNS},
			{"a wait of all work groups", s.Probe.MeetingNS}} {
			if wait.ns > 0 {
				set(wait.what, device, duration(float64(wait.ns)))
			}
		}
	}
	return g
}

// columnOf returns the column of a ceiling: of one thread, or of the best number of them.
func columnOf(threads, one, all int) int {
	if threads == 1 {
		return one
	}
	return all
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
