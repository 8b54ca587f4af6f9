package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench"
	"descent/bench/machine"
)

// trust says how far the numbers go: what is odd about samples, the noise, the machine, and why the run ended.
func trust(rep *bench.Report) []string {
	var out []string
	for _, note := range []string{sampleNotes(rep), noise(rep), quietness(rep), ending(rep)} {
		if note != "" {
			out = append(out, note)
		}
	}
	return append(out, unresolved(rep)...)
}

// noise says what the null arm shows.
func noise(rep *bench.Report) string {
	if rep.Null == nil {
		return ""
	}
	n := rep.Null
	ran := fmt.Sprintf("Noise: %s ran twice, under two names, and one was %s× as fast as the other", n.Contender, digits(n.Ratio.Ratio))
	if n.Floor == 0 {
		return ran + fmt.Sprintf(";\nfrom fewer than %d processes there are no intervals, and nothing is called faster or slower.", bench.MinProcesses)
	}
	return ran + fmt.Sprintf(" [%s, %s]:\nthe noise floor is %s, and nothing within it is called faster or slower.", digits(n.Ratio.Lo), digits(n.Ratio.Hi), percent(n.Floor))
}

// percent writes a share: 2.3%.
func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }

// quietness is the trust line: the grade of the machine, and what took it.
func quietness(rep *bench.Report) string {
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

// ending says why the run ended, and what the driver itself took of it.
func ending(rep *bench.Report) string {
	line := ""
	switch rep.End {
	case bench.Resolved:
		line = "Measured until the ranking was known to " + percent(rep.Plan.Resolution) + " (--resolution)"
	case bench.OutOfBudget:
		line = "Measured until the budget of " + rep.Plan.Budget.String() + " (--budget) was used up, before the ranking was known to " + percent(rep.Plan.Resolution)
	case bench.Complete:
		line = "Measured as many processes and blocks as were asked for"
	case bench.Interrupted, bench.CutShort:
		return "This run was " + rep.End + ": the rows hold what was known by then."
	default:
		return ""
	}
	if rep.TotalNS > 0 {
		line += ", in " + duration(float64(rep.TotalNS))
	}
	if rep.DriverNS > 0 && rep.TotalNS > 0 {
		line += fmt.Sprintf(";\nof that the driver itself took %s of a processor, and %s of memory at the end", percent(float64(rep.DriverNS)/float64(rep.TotalNS)), bytes(float64(rep.DriverBytes)))
	}
	return line + "."
}

// unresolved says of comparisons that could not tell how much longer they would take.
func unresolved(rep *bench.Report) []string {
	longer := func(r *bench.Ratio) string {
		if r == nil || r.MoreBlocks == 0 {
			return ""
		}
		more := "about " + Plural(r.MoreBlocks, "more block")
		if rep.BlockNS > 0 {
			more += " (" + (time.Duration(r.MoreBlocks) * time.Duration(rep.BlockNS)).Round(time.Second).String() + ")"
		}
		return "no difference from " + r.To + " is shown; " + more + " would resolve it (--resume, --budget)"
	}
	var rows []bench.Row // once more for each that they are held against
	for _, row := range rep.Rows {
		other := row
		other.Baseline = row.Fastest
		rows = append(rows, row)
		if row.Fastest != nil && (row.Baseline == nil || row.Fastest.To != row.Baseline.To) {
			rows = append(rows, other)
		}
	}
	return grouped(rows, func(row *bench.Row) (string, string) { return "", longer(row.Baseline) })
}

// sampleTable says what the samples of each row are, and what is odd about them. All are counted.
func sampleTable(rep *bench.Report) table.Writer {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"of the samples", "a sample", "takes", "processes", "far out", "slow processor", "others awake", "not steady", "protocol"})
	var columns []table.ColumnConfig
	for n := 3; n <= 9; n++ {
		columns = append(columns, table.ColumnConfig{Number: n, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(columns)
	for i := range rep.Rows {
		row := &rep.Rows[i]
		if row.Run == nil {
			continue
		}
		steady := ""
		if row.Unsettled > 0 {
			steady = fmt.Sprintf("%d of %d", row.Unsettled, row.Processes)
		}
		t.AppendRow(table.Row{
			marked(row), sampleOf(row), duration(row.Run.Median * float64(row.Calls)), row.Processes,
			some(len(row.Outliers)), some(row.Slowed), some(row.Disturbed), steady, fmt.Sprintf("%.2f%%", 100*row.OverheadShare),
		})
	}
	return t
}

// sampleOf says what a sample is: 10,000 epochs, or 12 × 10,000 epochs.
func sampleOf(row *bench.Row) string {
	if row.Calls == 1 {
		return Plural(row.Epochs, "epoch")
	}
	return count(row.Calls) + " × " + Plural(row.Epochs, "epoch")
}

// some writes a number, but for 0.
func some(n int) string {
	if n == 0 {
		return ""
	}
	return count(n)
}

// sampleNotes say how the table is to be read.
func sampleNotes(rep *bench.Report) string {
	if !slices.ContainsFunc(rep.Rows, func(row bench.Row) bool { return row.Run != nil }) {
		return ""
	}
	return "Of the samples, all of which are counted: far out are those far from the others of their process, slow processor those before\n" +
		"and after which the driver's own computation took 10% longer than it can, others awake those in which another contender's\n" +
		"threads did not sleep; not steady are processes whose warm-up ended before their times were; protocol is its share of a sample."
}
