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

// inText is for a terminal: the tables, and below them what they cannot say.
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

// A layout is in what the formats for a reader differ.
type layout struct {
	strong func(string) string // of a title
	line   string              // between the title and the machine
	rule   string              // between two runs
	color  bool
	table  func(table.Writer) string
}

// write renders one run after the other and, below several, what they come to together.
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

// run renders a head, the tables that have rows, and the notes.
func (l layout) run(rep *Report) []string {
	parts := []string{l.strong(problem(rep.Plan)) + l.line + machineLine(rep.Env)}
	for _, t := range []table.Writer{mainTable(rep, l.color), costTable(rep), fairnessTable(rep), timedTable(rep), sampleTable(rep), phaseTable(rep), bandwidthTable(rep)} {
		if t.Length() > 0 {
			parts = append(parts, l.table(t))
		}
	}
	return append(parts, notes(rep)...)
}

// PlainStyle is that of all tables for a terminal: a line below the header, and no other.
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

// Plural writes a count with its noun: 1 epoch, 10,000 epochs.
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

// mainTable holds a row a contender: its time, what it is against others, and whether it may be believed.
func mainTable(rep *Report, color bool) table.Writer {
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
			continue // below the table, with the reason
		}
		t.AppendRow(mainRow(rep, base, fastest, row, color))
	}
	return t
}

// against are the rows that all are held against: the baseline, and the fastest where that is another.
func against(base, fastest *Row) []*Row {
	rows := slices.DeleteFunc([]*Row{base, fastest}, func(row *Row) bool { return row == nil })
	return slices.Compact(rows)
}

func mainRow(rep *Report, base, fastest, row *Row, color bool) table.Row {
	ratios := map[*Row]*stats.Ratio{base: row.Baseline}
	if fastest != base {
		ratios[fastest] = row.Fastest
	}
	if row.Run == nil {
		word := verdict(row)
		if color {
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
		line = append(line, ratioCell(ratios[other], color))
	}
	return append(line, row.Samples, "yes")
}

// ratioCell writes a ratio with its interval and what it shows: 6.138× [5.921, 6.363] faster.
func ratioCell(r *stats.Ratio, color bool) string {
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
	case color && r.Verdict == stats.Faster:
		word = text.FgGreen.Sprint(word)
	case color && r.Verdict == stats.Slower:
		word = text.FgRed.Sprint(word)
	}
	return cell + " " + word
}

// verdict is what stands in place of a time.
func verdict(row *Row) string { return strings.ToUpper(string(row.Status)) }

// algorithmMark stands at the name of a contender with another algorithm.
const algorithmMark = "†"

// marked is a row's contender, marked where its algorithm is another than a pass over the data an epoch.
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

// costTable holds what the time of a row does not include, and what it is of.
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
