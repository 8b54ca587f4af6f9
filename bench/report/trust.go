package report

import (
	"fmt"
	"strings"
	"time"

	"descent/bench/journal"
	"descent/bench/machine"
	"descent/bench/stats"
)

// trust returns notes on how far the numbers can be trusted: odd samples, noise, the machine, and
// why the run ended.
func trust(rep *Report) []string {
	var out []string
	for _, note := range []string{sampleNotes(rep), noise(rep), quietness(rep), ending(rep)} {
		if note != "" {
			out = append(out, note)
		}
	}
	return append(out, unresolved(rep)...)
}

// noise returns what the null arm shows.
func noise(rep *Report) string {
	if rep.Null == nil {
		return ""
	}
	n := rep.Null
	ran := fmt.Sprintf("Noise: %s ran twice, under two names, and one was %s× as fast as the other", n.Contender, digits(n.Ratio.Ratio))
	if n.Floor == 0 {
		return ran + fmt.Sprintf(";\nfrom fewer than %d processes there are no intervals, and nothing is called faster or slower.", stats.MinProcesses)
	}
	return ran + fmt.Sprintf(" [%s, %s]:\nthe noise floor is %s, and nothing within it is called faster or slower.", digits(n.Ratio.Lo), digits(n.Ratio.Hi), percent(n.Floor))
}

// percent formats a share: 0.023 becomes "2.3%".
func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }

// quietness returns the machine's grade and what lowered it.
func quietness(rep *Report) string {
	if rep.Grade == "" {
		return ""
	}
	var causes []string
	for _, f := range rep.Machine {
		if f.Grade != machine.Good {
			causes = append(causes, fmt.Sprintf("%s (%s: %s)", f.What, f.Grade, f.Value))
		}
	}
	line := "Trust: the machine was " + string(rep.Grade) + " to measure on"
	if len(causes) > 0 {
		line += ", for " + strings.Join(causes, ", ") + ";\n'descent check' says what can be done"
	}
	return line + "."
}

// ending returns why the run ended, and the time and memory that the driver itself used.
func ending(rep *Report) string {
	line := ""
	switch rep.End {
	case journal.Resolved:
		line = "Measured until the ranking was known to " + percent(rep.Plan.Resolution) + " (--resolution)"
	case journal.OutOfBudget:
		line = "Measured until the budget of " + rep.Plan.Budget.String() + " (--budget) was used up, before "
		if rep.Plan.Processes > 0 {
			line += "all processes and blocks that were asked for"
		} else {
			line += "the ranking was known to " + percent(rep.Plan.Resolution)
		}
	case journal.Complete:
		line = "Measured as many processes and blocks as were asked for"
	case journal.InProgress:
		return "This run is in progress: the rows hold what is known so far."
	case journal.Interrupted, journal.CutShort:
		return "This run was " + rep.End + ": the rows hold what was known by then."
	default:
		return ""
	}
	if rep.TotalNS > 0 {
		line += ", in " + duration(float64(rep.TotalNS))
	}
	if rep.DriverNS > 0 && rep.TotalNS > 0 && rep.Env.Threads > 0 {
		share := float64(rep.DriverNS) / float64(rep.TotalNS) / float64(rep.Env.Threads)
		line += fmt.Sprintf(";\nthe driver itself took %s of processor time (%s of what there was) and, at the end, %s of memory",
			duration(float64(rep.DriverNS)), percent(share), bytes(float64(rep.DriverBytes)))
	}
	return line + "."
}

// unresolved returns notes on comparisons that show no difference: how much longer they would take.
func unresolved(rep *Report) []string {
	longer := func(r *stats.Ratio) string {
		if r == nil || r.MoreBlocks == 0 {
			return ""
		}
		more := "about " + Plural(r.MoreBlocks, "more block")
		if rep.BlockNS > 0 {
			more += " (" + (time.Duration(r.MoreBlocks) * time.Duration(rep.BlockNS)).Round(time.Second).String() + ")"
		}
		return "no difference from " + r.To + " is shown; " + more + " would resolve it (--resume, with --budget and --resolution)"
	}
	var rows []Row // a row that is compared with two others is here twice
	for _, row := range rep.Rows {
		other := row
		other.Baseline = row.Fastest
		rows = append(rows, row)
		if row.Fastest != nil && (row.Baseline == nil || row.Fastest.To != row.Baseline.To) {
			rows = append(rows, other)
		}
	}
	return grouped(rows, func(row *Row) (string, string) { return "", longer(row.Baseline) })
}
