package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench"
)

// textReport renders for a terminal: the tables, and below them what they cannot say.
func textReport(w io.Writer, reps []*bench.Report, o Options) error {
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
	}.write(w, reps)
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
func (l layout) write(w io.Writer, reps []*bench.Report) error {
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
func (l layout) run(rep *bench.Report) []string {
	parts := []string{l.strong(title(rep)) + l.line + machine(rep.Env)}
	for _, t := range []table.Writer{mainTable(rep, l.color), costTable(rep), phaseTable(rep), bandwidthTable(rep)} {
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

func title(rep *bench.Report) string {
	p := rep.Plan
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

func machine(e bench.Env) string {
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

// mainTable holds a row a contender: its time, and whether it may be believed.
func mainTable(rep *bench.Report, color bool) table.Writer {
	t := table.NewWriter()
	base := baseline(rep)
	against := "vs loop"
	if base != nil {
		against = "vs " + base.Contender
	}
	t.AppendHeader(table.Row{"contender", Plural(rep.Plan.Epochs, "epoch"), "per epoch", against, "samples", "device", "w", "verified"})
	right := text.AlignRight
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 3, Align: right, AlignHeader: right}, {Number: 4, Align: right, AlignHeader: right}, {Number: 5, Align: right, AlignHeader: right},
	})
	for i := range rep.Rows {
		row := &rep.Rows[i]
		if row.Status == bench.Unavailable {
			continue // below the table, with the reason
		}
		t.AppendRow(mainRow(rep, base, row, color))
	}
	return t
}

func mainRow(rep *bench.Report, base, row *bench.Row, color bool) table.Row {
	if row.Run == nil {
		word := verdict(row)
		if color {
			word = text.FgRed.Sprint(word)
		}
		return table.Row{marked(row), "", "", "", row.Samples, device(row.Info), weights(row.W), word}
	}
	time := interval(row.Run, float64(rep.Plan.Epochs)/float64(row.Epochs))
	if row.Epochs != rep.Plan.Epochs {
		time = "≈ " + time
	}
	ratio := ""
	if base != nil {
		ratio = digits(speedup(base, row)) + "×"
	}
	return table.Row{marked(row), time, duration(row.PerEpoch()), ratio, row.Samples, device(row.Info), weights(row.W), "yes"}
}

// verdict is what stands in place of a time.
func verdict(row *bench.Row) string { return strings.ToUpper(string(row.Status)) }

// algorithmMark stands at the name of a contender with another algorithm.
const algorithmMark = "†"

// marked is a row's contender, marked where its algorithm is another than a pass over the data an epoch.
func marked(row *bench.Row) string {
	if row.Info.Algorithm != "" {
		return row.Contender + " " + algorithmMark
	}
	return row.Contender
}

func device(i bench.Info) string {
	switch {
	case i.Software:
		return i.Device + " (software, not a GPU)"
	case i.Device == "cpu" && i.Threads > 1:
		return i.Device + ", " + Plural(i.Threads, "thread")
	}
	return i.Device
}

// costTable holds what the time of a row does not include.
func costTable(rep *bench.Report) table.Writer {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"not in the times above", "init", "load", "device clock / run", "peak memory"})
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
		t.AppendRow(table.Row{marked(row), duration(row.Init.Median), duration(row.Load.Median), clock, peak})
	}
	return t
}
