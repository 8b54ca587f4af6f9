package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// In text, versions and devices wrap after nameWidth characters, and phrases after phraseWidth.
const (
	nameWidth   = 60
	phraseWidth = 32
)

// fairnessTable lists each contender that was ready to descend, even if it failed later: what it
// ran on, how many threads it says it used, and how many processors it kept busy.
func fairnessTable(rep *Report) table.Writer {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"fairness sheet", "version", "device", "dtype", "threads", "busy"})
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 2, WidthMax: nameWidth, WidthMaxEnforcer: text.WrapSoft},
		{Number: 3, WidthMax: nameWidth, WidthMaxEnforcer: text.WrapSoft},
		{Number: 5, Align: text.AlignRight, AlignHeader: text.AlignRight},
		{Number: 6, Align: text.AlignRight, AlignHeader: text.AlignRight},
	})
	for _, row := range ready(rep) {
		t.AppendRow(table.Row{marked(row), said(row.Info.Version), said(device(row.Info)), dtype(row), some(row.Info.Threads), busy(row.Busy)})
	}
	return t
}

// ready returns the rows of contenders that were ready to descend. Only these have said what they
// are.
func ready(rep *Report) []*Row {
	var out []*Row
	for i := range rep.Rows {
		if row := &rep.Rows[i]; row.Init != nil {
			out = append(out, row)
		}
	}
	return out
}

// dtype returns a row's precision as array libraries name it: float64.
func dtype(row *Row) string { return strings.Replace(row.Precision, "f", "float", 1) }

// busy formats a number of processors, "" if it is not known.
func busy(processors float64) string {
	if processors == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f", processors)
}

// timedTable says what is within the timed call and what is not. Contenders that say the same share
// a row. The table is empty if no contender says anything, as in older results files.
func timedTable(rep *Report) table.Writer {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"timed call", "contains", "done before it", "how its end is known"})
	var columns []table.ColumnConfig
	for n := 1; n <= 4; n++ {
		columns = append(columns, table.ColumnConfig{Number: n, WidthMax: phraseWidth, WidthMaxEnforcer: text.WrapSoft})
	}
	t.SetColumnConfigs(columns)
	rows := ready(rep)
	says := func(row *Row) bool { return row.Info.Timed+row.Info.Untimed+row.Info.Sync != "" }
	if !slices.ContainsFunc(rows, says) {
		return t
	}
	keys, having := alike(rows, func(row *Row) [3]string {
		return [3]string{said(row.Info.Timed), said(row.Info.Untimed), said(row.Info.Sync)}
	})
	for _, key := range keys {
		t.AppendRow(table.Row{shortly(having[key], rows, marked), key[0], key[1], key[2]})
	}
	return t
}

func said(phrase string) string {
	if phrase == "" {
		return "not said"
	}
	return phrase
}

// fairnessNote explains the fairness sheet: what each contender says, what was measured, and what
// all were told.
func fairnessNote(rep *Report) string {
	rows := ready(rep)
	if len(rows) == 0 {
		return ""
	}
	out := "The fairness sheet has what each contender says of itself, in its own words"
	if slices.ContainsFunc(rows, func(row *Row) bool { return row.Busy > 0 }) {
		out += "; but busy is how many processors it was seen to\nkeep busy during its samples, waiting in a loop included, child processes not. Where that is below threads, it had no use for them"
	}
	if n := rep.Plan.Threads; n > 0 {
		out += ".\nEvery contender was told to use at most " + Plural(n, "thread") + " (--threads)"
	}
	return out + "."
}
