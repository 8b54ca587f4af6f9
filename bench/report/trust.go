package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/machine"
	"descent/bench/stats"
	"descent/bench/typeset"
)

// trust writes how far the times can be trusted: why the run ended, the noise, and the machine.
func (p *page) trust(rep *Report) {
	heading := p.Strong("How far the times can be trusted") + p.Line
	for _, line := range []string{ending(rep), noise(rep), quietness(rep)} {
		if line != "" {
			p.parts = append(p.parts, heading+p.Wrap("", line))
			heading = ""
		}
	}
	g := typeset.Grid{Head: []string{"check", "grade", "seen", "remedy"}}
	for _, a := range rep.Machine {
		if a.Grade == machine.Good {
			continue
		}
		grade := string(a.Grade)
		if a.Grade == machine.Poor {
			grade = p.In(text.FgRed, grade)
		}
		g.Add(a.What, grade, a.Value, a.Remedy)
	}
	p.table("What disturbed the machine", g)
	p.explain(driverCost(rep))
}

// ending returns why the run ended.
func ending(rep *Report) string {
	after := "."
	if rep.TotalNS > 0 {
		after = ", after " + typeset.Duration(float64(rep.TotalNS)) + "."
	}
	resolution := typeset.Percent(rep.Plan.Resolution) + " (--resolution)"
	outOfBudget := "The run ended when its budget of " + typeset.Span(rep.Plan.Budget) + " (--budget) was used up" + after
	if rep.TotalNS > rep.Plan.Budget.Nanoseconds()*11/10 {
		outOfBudget += fmt.Sprintf(" Every contender gets %d samples, whatever the budget.", journal.MinSamples)
	}
	has := func(what func(Row) bool) bool { return slices.ContainsFunc(rep.Rows, what) }
	switch {
	case rep.End == journal.InProgress:
		return "The run is in progress. The report has what is known so far."
	case rep.End == journal.Interrupted || rep.End == journal.CutShort:
		return "This run was " + rep.End + ": the rows hold what was known by then."
	case !has(func(row Row) bool { return row.Status != bench.Unavailable }):
		return "No contender could run."
	case !has(func(row Row) bool { return row.Run != nil }):
		return "No contender has a time."
	case rep.End == journal.Resolved:
		return "The run ended when the ranking was known to " + resolution + after
	case rep.End == journal.Complete:
		return "The run ended when all processes and blocks that were asked for were measured" + after
	case rep.End == journal.OutOfBudget && rep.Plan.Processes > 0:
		return outOfBudget + " Not all processes and blocks that were asked for are measured."
	case rep.End == journal.OutOfBudget:
		return outOfBudget + " The ranking is not known to " + resolution + " yet."
	}
	return ""
}

// noise returns what the null arm shows.
func noise(rep *Report) string {
	if rep.Null == nil {
		return ""
	}
	r := rep.Null.Ratio
	twice := rep.Null.Contender + " ran twice, under two names"
	if r.Lo == 0 {
		return fmt.Sprintf("Noise floor: not known. %s, but an interval takes %d processes. So nothing is called faster or slower.", twice, stats.MinProcesses)
	}
	out := fmt.Sprintf("Noise floor: %s. %s, and its two times differ by that much. A smaller difference is not called faster or slower. "+
		"The 95%% interval of the difference is %s to %s.", typeset.Difference(rep.Null.Floor), twice, direction(r.Lo), direction(r.Hi))
	if math.Log(r.Hi/r.Lo)/2 > max(math.Log1p(rep.Plan.Resolution), rep.floor()) {
		out += " So the floor is a rough estimate. Every ratio has an interval of its own, too."
	}
	return out
}

// direction says a ratio in words: 12x faster.
func direction(ratio float64) string {
	if ratio < 1 {
		return typeset.Factor(1/ratio) + "x slower"
	}
	return typeset.Factor(ratio) + "x faster"
}

// quietness returns the machine's grade.
func quietness(rep *Report) string {
	switch rep.Grade {
	case "":
		return ""
	case machine.Good:
		return "The machine was good to measure on."
	}
	return "The machine was " + string(rep.Grade) + " to measure on, for the reasons below. 'descent check' grades it again."
}

// driverCost returns what the driver itself used, "" if that is not known.
func driverCost(rep *Report) string {
	if rep.DriverNS == 0 || rep.TotalNS == 0 || rep.Env.Threads == 0 {
		return ""
	}
	used := float64(rep.DriverNS) / float64(rep.TotalNS) / float64(rep.Env.Threads)
	return fmt.Sprintf("The driver itself used %s of processor time, %s of all processors' time. At the end it used %s of memory.",
		typeset.Duration(float64(rep.DriverNS)), typeset.Share(used), typeset.Bytes(float64(rep.DriverBytes)))
}
