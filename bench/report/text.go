package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench"
)

// textReport renders for a terminal: the tables, and below them what they cannot say.
func textReport(w io.Writer, rep *bench.Report, o Options) error {
	return document(w, rep, title(rep)+"\n"+machine(rep.Env), o, func(t table.Writer) string {
		t.SuppressTrailingSpaces()
		t.SetStyle(plainStyle())
		return t.Render()
	})
}

// document renders a head, the tables that have rows, and the notes, with a blank line
// between them.
func document(w io.Writer, rep *bench.Report, head string, o Options, render func(table.Writer) string) error {
	parts := []string{head}
	for _, t := range []table.Writer{mainTable(rep, o.Color), phaseTable(rep)} {
		if t.Length() > 0 {
			parts = append(parts, render(t))
		}
	}
	_, err := io.WriteString(w, strings.Join(append(parts, notes(rep)...), "\n\n")+"\n")
	return err
}

func plainStyle() table.Style {
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
	name := row.Contender
	if row.Algorithm != "" {
		name += " *"
	}
	if row.Run == nil {
		verdict := strings.ToUpper(string(row.Status))
		if color {
			verdict = text.FgRed.Sprint(verdict)
		}
		return table.Row{name, "", "", "", row.Samples, device(row.Info), weights(row.W), verdict}
	}
	time := interval(row.Run, float64(rep.Plan.Epochs)/float64(row.Epochs))
	if row.Epochs != rep.Plan.Epochs {
		time = "≈ " + time
	}
	ratio := ""
	if base != nil {
		ratio = digits(speedup(base, row)) + "×"
	}
	return table.Row{name, time, duration(row.PerEpoch()), ratio, row.Samples, device(row.Info), weights(row.W), "yes"}
}

func device(i bench.Info) string {
	if i.Software {
		return i.Device + " (software, not a GPU)"
	}
	return i.Device
}

// phaseTable holds what the time of a row does not include.
func phaseTable(rep *bench.Report) table.Writer {
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
		t.AppendRow(table.Row{row.Contender, duration(row.Init.Median), duration(row.Load.Median), clock, peak})
	}
	return t
}

// notes returns the paragraphs below the tables.
func notes(rep *bench.Report) []string {
	var out []string
	if slices.ContainsFunc(rep.Rows, func(row bench.Row) bool { return row.Run != nil }) {
		out = append(out, "Times are medians with their 95% interval, by the worker's own clock around the epochs alone: the process, its\n"+
			"context and its data are there already. Every sample's w was held against the exact answer after as many epochs.")
	}
	out = append(out, faults(rep)...)
	out = append(out, remarks(rep)...)
	if end := ending(rep); end != "" {
		out = append(out, end)
	}
	if isArticles(rep.Plan) {
		out = append(out, "For reference, the article's figures for this problem, from another machine (i7-4790K, 2018), not measured here:\n"+
			"pure Python 18.65 s, NumPy 0.32 s, TensorFlow 1.20 s, all on its CPU.")
	}
	return out
}

// remarks are on rows that have a time.
func remarks(rep *bench.Report) []string {
	timed := func(mark string, remark func(*bench.Row) string) []string {
		return grouped(rep, func(row *bench.Row) (string, string) {
			if row.Run == nil {
				return "", ""
			}
			return mark, remark(row)
		})
	}
	return slices.Concat(
		timed("* ", func(row *bench.Row) string { return row.Algorithm }),
		timed("≈ ", func(row *bench.Row) string {
			if row.Epochs == rep.Plan.Epochs {
				return ""
			}
			epochs := Plural(row.Epochs, "epoch")
			return "timed over " + epochs + " at a time, to keep within the budget, and scaled; w is that after " + epochs
		}),
		timed("", func(row *bench.Row) string { return row.Info.Note }),
	)
}

// faults are on rows that have none.
func faults(rep *bench.Report) []string {
	return grouped(rep, func(row *bench.Row) (mark, remark string) {
		if row.Status == bench.OK {
			return "", ""
		}
		remark = string(row.Status) + ": " + row.Note
		if row.Hint != "" {
			remark += "\n  hint: " + row.Hint
		}
		if row.Stderr != "" {
			remark += "\n  stderr: " + strings.ReplaceAll(lastLines(row.Stderr, 3), "\n", "\n          ")
		}
		return "", remark
	})
}

// grouped says once what several rows have in common.
func grouped(rep *bench.Report, say func(*bench.Row) (mark, remark string)) []string {
	var keys [][2]string
	names := map[[2]string][]string{}
	for i := range rep.Rows {
		mark, remark := say(&rep.Rows[i])
		if remark == "" {
			continue
		}
		key := [2]string{mark, remark}
		if names[key] == nil {
			keys = append(keys, key)
		}
		names[key] = append(names[key], rep.Rows[i].Contender)
	}
	out := make([]string, len(keys))
	for i, key := range keys {
		out[i] = key[0] + strings.Join(names[key], ", ") + ": " + key[1]
	}
	return out
}

func lastLines(s string, n int) string {
	lines := strings.Split(s, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func ending(rep *bench.Report) string {
	switch rep.End {
	case "budget":
		return "Some contenders have fewer samples than planned: the budget of " + rep.Plan.Budget.String() + " was used up (--budget)."
	case "interrupted", "cut short":
		return "This run was " + rep.End + ": the rows hold what was known by then."
	}
	return ""
}

// isArticles reports whether the plan is the article's problem.
func isArticles(p bench.Plan) bool {
	return p.Data == "" && p.N == 10_000 && p.Features == 1 && p.Epochs == 10_000 && p.Rate == 0.001
}
