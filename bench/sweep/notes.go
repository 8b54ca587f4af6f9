package sweep

import (
	"fmt"
	"slices"
	"strings"

	"descent/bench/journal"
	"descent/bench/stats"
	"descent/bench/typeset"
)

// notes returns the lines below the tables: gaps, marks, other algorithms, and what was not run.
func (p *page) notes(s *Sweep) []string {
	if p.brief(s) {
		return slices.DeleteFunc([]string{s.absent(), s.ending()}, func(note string) bool { return note == "" })
	}
	var out []string
	shown := ""
	for _, pr := range s.ordered() {
		out = append(out, s.gaps(pr)...)
		out = append(out, s.algorithms(pr)...)
		if sizes, all := p.shownSizes(s, pr), s.begun(pr); len(sizes) < len(all) {
			shown = fmt.Sprintf("%d of %s%s are shown; --details has all.", len(sizes), typeset.Plural(len(all), "size"), s.in(pr))
		}
	}
	out = append(out, strings.TrimSpace(s.legend()+"  "+shown), s.leftOut(), s.unvisited(), s.absent(), s.ending())
	return slices.DeleteFunc(slices.Compact(out), func(note string) bool { return note == "" })
}

// in says which problem a note is about, "" if there is only one.
func (s *Sweep) in(p *Problem) string {
	if len(s.Problems) == 1 {
		return ""
	}
	return " in " + p.name(s)
}

// grouped collects keys under what is said of them, in the order of their first mention.
type grouped struct {
	said []string
	keys map[string][]string
}

func (g *grouped) add(said, key string) {
	if g.keys == nil {
		g.keys = map[string][]string{}
	}
	if g.keys[said] == nil {
		g.said = append(g.said, said)
	}
	g.keys[said] = append(g.keys[said], key)
}

// gaps says why sizes could not be compared, if others could.
func (s *Sweep) gaps(p *Problem) []string {
	if len(p.compared()) == 0 {
		return nil
	}
	var g grouped
	for _, i := range s.begun(p) {
		if at := &p.Sizes[i]; at.Ratio == nil {
			reason := at.Gap
			if reason == "" {
				reason = "a side has no time"
			}
			g.add(reason, typeset.Count(at.N))
		}
	}
	var out []string
	for _, reason := range g.said {
		out = append(out, "Gap"+s.in(p)+" at N = "+strings.Join(g.keys[reason], ", ")+": "+reason+".")
	}
	return out
}

// algorithms says what other algorithms take, at the size of the verdict.
func (s *Sweep) algorithms(p *Problem) []string {
	at := mainSize(p.compared())
	if at == nil && len(p.Sizes) > 0 {
		at = &p.Sizes[len(p.Sizes)/2]
	}
	if at == nil {
		return nil
	}
	var out []string
	for i := range at.Others {
		if t := &at.Others[i]; t.Algorithm != "" && t.EpochNS > 0 {
			out = append(out, fmt.Sprintf("† %s (%s) takes %s at N = %s. It is on no side.", t.Contender, typeset.Brief(t.Algorithm), p.timed(t),
				typeset.Count(at.N)))
		}
	}
	return out
}

// legend explains the marks of the table of sizes.
func (s *Sweep) legend() string {
	scaled, threads, few, open, likely := false, false, false, false, false
	for i := range s.Problems {
		for k := range s.Problems[i].Sizes {
			at := &s.Problems[i].Sizes[k]
			if at.Ratio != nil {
				few = few || at.Ratio.Lo == 0
				likely = likely || at.likely() >= 0
				open = open || at.Ratio.Lo > 0 && at.Winner < 0 && at.likely() < 0
			}
			for _, c := range at.Champions {
				scaled = scaled || c != nil && c.Scaled
				threads = threads || c != nil && strings.HasSuffix(c.cell(), ")")
			}
		}
	}
	var out []string
	if threads {
		out = append(out, "(2) is the number of threads.")
	}
	if scaled {
		out = append(out, "≈ fewer epochs were timed, scaled.")
	}
	if few {
		out = append(out, fmt.Sprintf("An interval takes %d processes.", stats.MinProcesses))
	}
	if likely {
		out = append(out, "?: 95% sure, not 99.9%.")
	}
	if open {
		out = append(out, "The interval of \"cannot tell\" is over 1 where "+s.the(1)+" is faster.")
	}
	return strings.Join(out, "  ")
}

// leftOut says which contenders larger sizes leave out.
func (s *Sweep) leftOut() string {
	var g grouped
	for _, l := range s.LeftOut {
		name := l.Contender
		if l.From > 0 {
			name += " from N = " + typeset.Count(l.From)
		}
		g.add(reasonOf(l.Reason), name)
	}
	return g.line("Left out: ", "")
}

// reasonOf returns the part of a reason before a colon, cut to about a line.
func reasonOf(reason string) string {
	const most = 100
	reason, _, _ = strings.Cut(reason, ": ")
	return typeset.Cut(reason, most)
}

// unvisited says which sizes were not measured, or not by all contenders. The details say why.
func (s *Sweep) unvisited() string {
	var parts []string
	for _, partly := range []bool{false, true} {
		ns, short := []int(nil), true
		for _, u := range s.Unvisited {
			if s.hasTimes(u) == partly {
				ns = append(ns, u.N)
				short = short && strings.Contains(u.Reason, "budget")
			}
		}
		if ns == nil {
			continue
		}
		slices.Sort(ns)
		why, what := "--details says why", "Not measured"
		if short {
			why = "the budget was too short"
		}
		if partly {
			what = "Partly measured"
		}
		parts = append(parts, what+": N = "+counts(slices.Compact(ns))+" ("+why+").")
	}
	return strings.Join(parts, " ")
}

// hasTimes reports whether a size that was not measured has times all the same: a visit was cut
// short.
func (s *Sweep) hasTimes(u journal.Unvisited) bool {
	return slices.ContainsFunc(s.Problems, func(p Problem) bool {
		return p.Features == u.Features && slices.ContainsFunc(s.begun(&p), func(i int) bool { return p.Sizes[i].N == u.N })
	})
}

// absent names the contenders that could not run.
func (s *Sweep) absent() string {
	var g grouped
	for _, l := range s.Absent {
		name := backend(l.Contender)
		if strings.HasPrefix(name, "gl-") || name == "gl" {
			name = "OpenGL"
		}
		if reason := typeset.Brief(l.Reason); !slices.Contains(g.keys[reason], name) {
			g.add(reason, name)
		}
	}
	return g.line("Not run: ", " 'descent devices' says what to do.")
}

// line writes all groups in one line.
func (g *grouped) line(head, tail string) string {
	const most = 3
	var out []string
	for _, said := range g.said {
		part := atMost(g.keys[said], most)
		if said != "" {
			part += " (" + said + ")"
		}
		out = append(out, part)
	}
	if out == nil {
		return ""
	}
	return head + strings.Join(out, ", ") + "." + tail
}

// ending says that the budget ended the sweep.
func (s *Sweep) ending() string {
	if s.End != journal.OutOfBudget || s.Budget == 0 || s.TotalNS < s.Budget.Nanoseconds()*9/10 {
		return ""
	}
	more := "With --resume and a larger --budget, intervals become narrower."
	if len(s.Unvisited) > 0 {
		more = "With --resume and a larger --budget, it measures the other sizes too."
	}
	return "The budget of " + typeset.Span(s.Budget) + " ended the sweep. " + more
}
