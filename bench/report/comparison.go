package report

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench/journal"
	"descent/bench/stats"
	"descent/bench/typeset"
)

var comparisonFormats = formatsOf[Comparison]{
	"bench":    compareBench,
	"csv":      compareCSV,
	"json":     jsonComparisons,
	"markdown": func(w io.Writer, cs []*Comparison, o Options) error { return compareText(w, inMarkdown, cs) },
	"text":     func(w io.Writer, cs []*Comparison, o Options) error { return compareText(w, inShort(o), cs) },
}

// WriteComparison writes comparisons of two results files to w. format is one of Formats.
func WriteComparison(w io.Writer, format string, cs []*Comparison, o Options) error {
	return comparisonFormats.write(w, format, cs, o)
}

// compareText writes each comparison: what it shows in a sentence, a table, and notes.
func compareText(w io.Writer, l layout, cs []*Comparison) error {
	var parts []string
	for i, c := range cs {
		if i > 0 {
			parts = append(parts, l.Rule)
		}
		head := []string{l.Strong(l.Wrap("", c.verdict()))}
		for _, line := range c.about() {
			head = append(head, l.Wrap("", line))
		}
		parts = append(parts, strings.Join(head, l.Line), l.compareTable(c))
		var notes []string
		for _, note := range c.notes() {
			notes = append(notes, l.Wrap("", note))
		}
		if notes != nil {
			parts = append(parts, strings.Join(notes, l.Line))
		}
	}
	_, err := io.WriteString(w, strings.Join(parts, "\n\n")+"\n")
	return err
}

// verdict returns what the comparison shows, in one sentence or a few.
func (c *Comparison) verdict() string {
	rows := c.worstFirst()
	first := rows[0]
	said := ""
	switch {
	case first.Regressed:
		said = first.is() + ": a regression."
	case c.NotJudged != nil:
		return "Not judged: " + c.NotJudged[0] + "."
	case first.Unclear:
		said = "Cannot tell whether " + first.Contender + " " + first.doubt(c.Limit) + "."
	default: // the largest difference, if one is shown
		first = slices.MaxFunc(rows, func(a, b *Compared) int { return cmp.Compare(a.shown(), b.shown()) })
		said = first.is() + "."
	}
	others := slices.DeleteFunc(rows, func(row *Compared) bool { return row == first })
	if len(others) > 0 {
		said += " " + typeset.Plural(len(others), "other") + ": " + tally(others) + "."
	}
	if c.NotJudged != nil {
		said += " Times are not judged: " + c.NotJudged[0] + "."
	}
	return said
}

// worstFirst returns the rows that were measured in both runs, or became worse.
func (c *Comparison) worstFirst() []*Compared {
	var rows []*Compared
	for i := range c.Rows {
		if c.Rows[i].compared() {
			rows = append(rows, &c.Rows[i])
		}
	}
	slices.SortStableFunc(rows, func(a, b *Compared) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.speed(), b.speed()))
	})
	return rows
}

// compared reports whether the contender was measured in both runs, or became worse.
func (c *Compared) compared() bool { return c.Ratio != nil || c.Regressed || c.Unclear }

// rank is lower the worse a row is.
func (c *Compared) rank() int {
	switch {
	case c.Regressed:
		return 0
	case c.Unclear:
		return 1
	}
	return 2
}

// speed returns the ratio, 0 if it is not known or not judged.
func (c *Compared) speed() float64 {
	if c.Ratio == nil || c.Ratio.Verdict == stats.NotJudged {
		return 0
	}
	return c.Ratio.Ratio
}

// shown returns how large a difference the row shows, as a logarithm: 0 if it shows none.
func (c *Compared) shown() float64 {
	if c.Ratio == nil || c.Ratio.Verdict != stats.Faster && c.Ratio.Verdict != stats.Slower {
		return 0
	}
	return math.Abs(math.Log(c.Ratio.Ratio))
}

func (c *Compared) name() string {
	if c.Against != "" {
		return c.Contender + " against " + c.Against
	}
	return c.Contender
}

// is returns a clause: "simd/f64 is 1.2x slower (1.1–1.3)", "simd/f64 is wrong in the new run",
// "simd/f64 is 1.2x slower than old/f64 (1.1–1.3)".
func (c *Compared) is() string {
	switch {
	case c.Ratio == nil && c.Against != "":
		return c.state()
	case c.Ratio == nil:
		return c.Contender + " is " + c.state()
	case c.shown() == 0:
		if c.Ratio.Verdict == stats.CannotTell {
			return c.name() + ": " + change(c.Ratio)
		}
		return c.name() + " shows " + change(c.Ratio)
	}
	words, bounds := typeset.Speed(c.Ratio)
	if c.Against != "" {
		words += " than " + c.Against
	}
	return c.Contender + " is " + words + " " + bounds
}

// doubt says what cannot be told of a row that is unclear.
func (c *Compared) doubt(limit float64) string {
	slower := "slower"
	if limit > 0 {
		slower = "more than " + typeset.Percent(limit) + " slower"
	}
	if c.Against != "" {
		return "is " + slower + " than " + c.Against
	}
	return "became " + slower
}

// state returns the part of a note that a cell of a table holds, without the reason.
func (c *Compared) state() string {
	state, _, _ := strings.Cut(c.Note, ":")
	return state
}

// tally says what became of rows: "2 faster, 5 no difference shown", and no number if all became
// the same.
func tally(rows []*Compared) string {
	count, order := map[string]int{}, []string(nil)
	for _, row := range rows {
		said := string(stats.CannotTell)
		switch {
		case row.Regressed:
			said = "regressed"
		case !row.Unclear || row.Ratio != nil && row.Ratio.Verdict == stats.NotJudged:
			said = string(row.Ratio.Verdict)
		}
		if count[said]++; count[said] == 1 {
			order = append(order, said)
		}
	}
	if len(order) == 1 {
		return order[0]
	}
	for i, said := range order {
		order[i] = fmt.Sprintf("%d %s", count[said], said)
	}
	return strings.Join(order, ", ")
}

// change says how a time changed: "1.2x slower (1.2–1.3)", "no difference (±1.4%)", "cannot tell
// (0.94–1.06)". In the last, over 1 is faster.
func change(r *stats.Ratio) string {
	words, bounds := typeset.Speed(r)
	switch {
	case r.Verdict == stats.NotJudged:
		return string(r.Verdict)
	case r.Lo == 0:
		return fmt.Sprintf("%s (under %d processes)", r.Verdict, stats.MinProcesses)
	case r.Verdict == stats.NoDifference:
		return "no difference (±" + typeset.Percent(max(r.Hi-1, 1-r.Lo)) + ")"
	}
	return words + " " + bounds
}

// about returns the lines about the problem and the machines of the runs.
func (c *Comparison) about() []string {
	lines := []string{context(&Report{Plan: c.Plan, Env: c.New}, math.MaxInt)}
	if c.CrossMachine != "" {
		lines = append(lines, "ACROSS MACHINES: what differs may be the machines alone, not the programs.",
			"old: "+machineLine(c.Old), "new: "+machineLine(c.New))
	}
	if c.Changed != nil {
		lines = append(lines, "changed beside it: "+strings.Join(c.Changed, ", "))
	}
	if c.NotJudged != nil {
		lines = append(lines, c.NotJudged[1:]...)
	}
	return lines
}

// compareTable has a row for each contender that was measured in both runs or became worse.
func (l layout) compareTable(c *Comparison) string {
	g := typeset.Grid{Head: []string{"contender", "old", "new", "change", ""}, Right: []int{1, 2}}
	cell := func(row *Row) string {
		switch {
		case row == nil:
			return ""
		case row.Run == nil:
			return statusWord(row)
		}
		return typeset.Duration3(row.PerEpoch() * float64(c.Plan.Epochs))
	}
	for _, row := range c.worstFirst() {
		g.Add(row.name(), cell(row.before), cell(row.after), l.changeCell(row), l.flag(row))
	}
	return l.Grid(g)
}

// changeCell says how a time changed, in the colour of its verdict.
func (l layout) changeCell(row *Compared) string {
	if row.Ratio == nil {
		return row.state()
	}
	color := typeset.VerdictColor(row.Ratio.Verdict)
	if color == 0 && row.Ratio.Verdict != stats.NoDifference {
		color = text.FgYellow
	}
	return l.In(color, change(row.Ratio))
}

// flag returns the mark of a row that changes the exit status, if its verdict does not say so.
func (l layout) flag(row *Compared) string {
	switch {
	case row.Regressed:
		return l.In(text.FgRed, "REGRESSION")
	case row.Unclear && (row.Ratio == nil || row.shown() > 0 || row.Ratio.Verdict == stats.NoDifference):
		return l.In(text.FgYellow, "unclear")
	}
	return ""
}

// notes returns the lines below the table.
func (c *Comparison) notes() []string {
	var out []string
	if c.Floor > 0 && c.NotJudged == nil {
		note := "Noise floor " + typeset.Percent(c.Floor) + ": nothing within it is called faster or slower."
		if c.wideFloor {
			note = "The machine was poor. So the noise floor here is " + typeset.Percent(c.Floor) + ", all that the twins may differ by: nothing within it is called faster or slower."
		}
		if off := math.Abs(math.Log(c.SpinRatio)); c.SpinRatio > 0 && math.Expm1(off) >= c.Floor {
			note = fmt.Sprintf("Noise floor %s, because the processor itself was %sx as fast in the new run.", typeset.Percent(c.Floor), typeset.Factor(c.SpinRatio))
		}
		out = append(out, note)
	}
	if c.Limit > 0 {
		out = append(out, "A regression is a slow-down of more than "+typeset.Percent(c.Limit)+" over the whole interval.")
	}
	for i := range c.Rows {
		row := &c.Rows[i]
		if row.compared() && row.Note != "" {
			out = append(out, row.Contender+": "+row.Note+".")
		}
		if row.Ratio != nil && row.Ratio.MoreBlocks > 0 {
			out = append(out, row.Contender+": cannot tell. A longer run (--resume): "+longer(row.Ratio.MoreBlocks, c.blockNS)+".")
		}
	}
	return append(out, c.uncompared()...)
}

// uncompared has a line for all contenders of which there is the same to say: never run, only in
// one run.
func (c *Comparison) uncompared() []string {
	var out []string
	var all, apart []*Row
	notes := map[*Row]string{}
	for i := range c.Rows {
		row := &c.Rows[i]
		last := cmp.Or(row.after, row.before)
		all = append(all, last)
		if row.compared() {
			continue
		}
		apart, notes[last] = append(apart, last), row.Note
	}
	said, having := alike(apart, func(row *Row) string { return notes[row] })
	for _, note := range said {
		out = append(out, strings.ToUpper(note[:1])+note[1:]+": "+shortly(having[note], all, contender)+".")
	}
	return out
}

// compareCSV writes a line for each contender of each comparison. Comparisons are numbered from 1.
func compareCSV(w io.Writer, cs []*Comparison, _ Options) error {
	out := csv.NewWriter(w)
	out.Write([]string{ // out.Error returns the error
		"contender", "n", "features", "epochs", "old_median_ns", "old_lo_ns", "old_hi_ns", "new_median_ns", "new_lo_ns", "new_hi_ns",
		"ratio", "lo", "hi", "verdict", "more_blocks", "regressed", "unclear", "note", "noise_floor", "cross_machine", "comparison",
		"against", "not_judged",
	})
	for i, c := range cs {
		for _, row := range c.Rows {
			line := []string{row.Contender, fmt.Sprint(c.Plan.N), fmt.Sprint(c.Plan.Features), fmt.Sprint(c.Plan.Epochs)}
			for _, s := range []*stats.Summary{row.Old, row.New} {
				if s == nil {
					s = new(stats.Summary)
				}
				line = append(line, typeset.Known(s.Median), typeset.Known(s.Lo), typeset.Known(s.Hi))
			}
			line = append(line, ratioFields(row.Ratio)...)
			out.Write(append(line, fmt.Sprint(row.Regressed), fmt.Sprint(row.Unclear), row.Note, typeset.Known(c.Floor), c.CrossMachine, fmt.Sprint(i+1),
				row.Against, strings.Join(c.NotJudged, "; ")))
		}
	}
	out.Flush()
	return out.Error()
}

// ratioFields returns the ratio, its interval, its verdict, and how many more blocks would tell.
func ratioFields(r *stats.Ratio) []string {
	if r == nil {
		return make([]string, 5)
	}
	return []string{typeset.Number(r.Ratio), typeset.Known(r.Lo), typeset.Known(r.Hi), string(r.Verdict), typeset.Known(r.MoreBlocks)}
}

// compareBench writes the samples of both runs in the format of Go benchmarks. They are marked
// "run: old" and "run: new", so that 'benchstat -col run' compares them.
func compareBench(w io.Writer, cs []*Comparison, _ Options) error {
	out := bufio.NewWriter(w)
	for _, c := range cs {
		for k, run := range []struct {
			name string
			env  journal.Env
		}{{"old", c.Old}, {"new", c.New}} {
			benchHead(out, run.env, &c.Plan)
			fmt.Fprintf(out, "run: %s\n", run.name)
			for i := range c.Rows {
				row := &c.Rows[i]
				if row.Ratio == nil {
					continue
				}
				before, after := row.Times()
				b := benchmark{row.Contender, c.Plan.N, c.Plan.Features, row.Epochs, run.env.Threads}
				b.write(out, [2][]float64{before, after}[k])
			}
		}
	}
	return out.Flush() // returns the first error of any write
}
