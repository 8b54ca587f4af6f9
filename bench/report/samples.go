package report

import (
	"fmt"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// sampleTable lists what the samples of each row are, and how many are odd. Odd samples count like
// all others.
func sampleTable(rep *Report) table.Writer {
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

// sampleOf describes a sample: 10,000 epochs, or 12 × 10,000 epochs.
func sampleOf(row *Row) string {
	if row.Calls == 1 {
		return Plural(row.Epochs, "epoch")
	}
	return count(row.Calls) + " × " + Plural(row.Epochs, "epoch")
}

// some formats a number, or returns "" if n is 0.
func some(n int) string {
	if n == 0 {
		return ""
	}
	return count(n)
}

// sampleNotes explains the table of samples.
func sampleNotes(rep *Report) string {
	if !slices.ContainsFunc(rep.Rows, func(row Row) bool { return row.Run != nil }) {
		return ""
	}
	return "Of the samples, all of which are counted: far out are those far from the others of their process, slow processor those before\n" +
		"and after which the driver's own computation took 10% longer than it can, others awake those in which another contender's\n" +
		"threads did not sleep; not steady are processes whose warm-up ended before their times were; protocol is its share of a sample."
}
