package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/stats"
)

// inText lays tables and notes out for a terminal.
func inText(o Options) layout {
	return layout{
		strong: func(s string) string { return s },
		line:   "\n",
		rule:   strings.Repeat("═", 100),
		color:  o.Color,
		table: func(t table.Writer) string {
			t.SuppressTrailingSpaces()
			t.SetStyle(PlainStyle())
			return t.Render()
		},
	}
}

// A layout holds the differences between text and Markdown.
type layout struct {
	strong func(string) string // formats a title
	line   string              // between the title and the machine
	rule   string              // between two runs
	color  bool                // write colours for a terminal
	table  func(table.Writer) string
}

// write writes one run after the other. If there are several, a table of all their times by size
// follows.
func (l layout) write(w io.Writer, reps []*Report) error {
	var parts []string
	for i, rep := range reps {
		if i > 0 {
			parts = append(parts, l.rule)
		}
		parts = append(parts, l.run(rep)...)
	}
	if all := newBySize(reps); len(reps) > 1 && len(all.names) > 0 {
		parts = append(parts, l.rule, l.strong("Time per epoch by N"), l.table(all.table()))
		parts = append(parts, all.notes()...)
	}
	_, err := io.WriteString(w, strings.Join(parts, "\n\n")+"\n")
	return err
}

// run returns a run's head, the tables that have rows, and the notes.
func (l layout) run(rep *Report) []string {
	parts := []string{l.strong(problem(rep.Plan)) + l.line + machineLine(rep.Env)}
	for _, t := range []table.Writer{l.mainTable(rep), costTable(rep), fairnessTable(rep), timedTable(rep), sampleTable(rep), phaseTable(rep), bandwidthTable(rep)} {
		if t.Length() > 0 {
			parts = append(parts, l.table(t))
		}
	}
	return append(parts, notes(rep)...)
}

// PlainStyle returns the style of tables on a terminal: one line below the header, and no other
// lines.
func PlainStyle() table.Style {
	style := table.StyleLight
	style.Options = table.Options{SeparateHeader: true}
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format.Header = text.FormatDefault
	return style
}

func problem(p journal.Plan) string {
	data := fmt.Sprintf("N = %s, %s, seed %d", count(p.N), Plural(p.Features, "feature"), p.Seed)
	if p.Data != "" {
		data = fmt.Sprintf("%s, N = %s, %s", p.Data, count(p.N), Plural(p.Features, "feature"))
	}
	return fmt.Sprintf("Batch gradient descent on least squares: %s; %s at rate %v", data, Plural(p.Epochs, "epoch"), p.Rate)
}

// Plural formats a count with its noun: 1 epoch, 10,000 epochs.
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}

func machineLine(e journal.Env) string {
	parts := []string{e.CPU, Plural(e.Threads, "thread")}
	if e.SIMD != "" {
		parts = append(parts, e.SIMD)
	}
	if e.Memory > 0 {
		parts = append(parts, bytes(float64(e.Memory)))
	}
	parts = append(parts, e.OS)
	if e.Virtual != "" {
		parts = append(parts, "a "+e.Virtual+" guest")
	}
	return strings.Join(append(parts, e.GoVersion), ", ")
}

// mainTable has a row for each contender: its time, its ratios to the rows in against, the number
// of samples, and whether they were verified.
func (l layout) mainTable(rep *Report) table.Writer {
	t := table.NewWriter()
	base, fastest := rep.BaselineRow(), rep.FastestRow()
	header := table.Row{"contender", Plural(rep.Plan.Epochs, "epoch"), "per epoch"}
	for _, row := range against(base, fastest) {
		header = append(header, "vs "+row.Contender)
	}
	t.AppendHeader(append(header, "samples", "verified"))
	right := table.ColumnConfig{Align: text.AlignRight, AlignHeader: text.AlignRight}
	var columns []table.ColumnConfig
	for _, n := range []int{3, len(header) + 1} {
		right.Number = n
		columns = append(columns, right)
	}
	t.SetColumnConfigs(columns)
	for i := range rep.Rows {
		row := &rep.Rows[i]
		if row.Status == bench.Unavailable {
			continue // a note below the table has the reason
		}
		t.AppendRow(l.mainRow(rep, row))
	}
	return t
}

// against returns the rows that all rows are compared with: the baseline, and the fastest row if it
// is another one.
func against(base, fastest *Row) []*Row {
	rows := slices.DeleteFunc([]*Row{base, fastest}, func(row *Row) bool { return row == nil })
	return slices.Compact(rows)
}

func (l layout) mainRow(rep *Report, row *Row) table.Row {
	base, fastest := rep.BaselineRow(), rep.FastestRow()
	ratios := map[*Row]*stats.Ratio{base: row.Baseline}
	if fastest != base {
		ratios[fastest] = row.Fastest
	}
	if row.Run == nil {
		word := statusWord(row)
		if l.color {
			word = text.FgRed.Sprint(word)
		}
		line := table.Row{marked(row), "", ""}
		for range against(base, fastest) {
			line = append(line, "")
		}
		return append(line, row.Samples, word)
	}
	time := interval(row.Run, float64(rep.Plan.Epochs)/float64(row.Epochs))
	if row.Epochs != rep.Plan.Epochs {
		time = "≈ " + time
	}
	line := table.Row{marked(row), time, duration(row.PerEpoch())}
	for _, other := range against(base, fastest) {
		if other == row {
			line = append(line, "1×")
			continue
		}
		line = append(line, l.ratioCell(ratios[other]))
	}
	return append(line, row.Samples, "yes")
}

// ratioCell formats a ratio, its interval and its verdict: 6.138× [5.921, 6.363] faster.
func (l layout) ratioCell(r *stats.Ratio) string {
	if r == nil {
		return ""
	}
	cell := digits(r.Ratio) + "×"
	if r.Lo == 0 {
		return cell
	}
	cell += fmt.Sprintf(" [%s, %s]", digits(r.Lo), digits(r.Hi))
	word := string(r.Verdict)
	switch {
	case l.color && r.Verdict == stats.Faster:
		word = text.FgGreen.Sprint(word)
	case l.color && r.Verdict == stats.Slower:
		word = text.FgRed.Sprint(word)
	}
	return cell + " " + word
}

// statusWord returns the word that a row has in place of a time: FAILED, WRONG.
func statusWord(row *Row) string { return strings.ToUpper(string(row.Status)) }

// algorithmMark marks a contender that has another algorithm.
const algorithmMark = "†"

// marked returns a row's contender. It adds algorithmMark if the algorithm is not a pass over the
// data in each epoch.
func marked(row *Row) string {
	if row.Info.Algorithm != "" {
		return row.Contender + " " + algorithmMark
	}
	return row.Contender
}

func device(i bench.Info) string {
	if i.Software {
		return i.Device + " (software, not a GPU)"
	}
	return i.Device
}

// costTable lists costs that the times of the main table do not include: init, load, memory; and w,
// the share of the device's clock, and timeit's minimum.
func costTable(rep *Report) table.Writer {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"beside the times above", "w", "init", "load", "device clock / run", "peak memory", "min(times)/number"})
	for i := range rep.Rows {
		row := &rep.Rows[i]
		if row.Run == nil {
			continue
		}
		clock := ""
		if row.Device != nil {
			clock = fmt.Sprintf("%.0f%%", 100*row.Device.Median/row.Run.Median)
		}
		peak := ""
		if row.PeakBytes > 0 {
			peak = bytes(float64(row.PeakBytes))
		}
		scale := float64(rep.Plan.Epochs) / float64(row.Epochs)
		t.AppendRow(table.Row{
			marked(row), weights(row.W), duration(row.Init.Median), duration(row.Load.Median), clock, peak,
			knownDuration(scale * row.Timeit),
		})
	}
	return t
}
