package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench"
	"descent/bench/stats"
	"descent/bench/typeset"
)

// noInterval stands in place of an interval, and says why there is none.
var noInterval = fmt.Sprintf("needs %d processes", stats.MinProcesses)

// times writes the tables of times, of ratios, and of costs outside the times.
func (p *page) times(rep *Report) {
	has := func(what func(Row) bool) bool { return slices.ContainsFunc(rep.Rows, what) }
	timed := has(func(row Row) bool { return row.Run != nil })
	p.table("Times", p.timeGrid(rep))
	if timed {
		p.explain("A time is the median over fresh processes. The worker's own clock measures it, around the epochs alone: " +
			"the process, its context and its data are ready before. Every sample's w was held against the exact answer after as many epochs.")
	}
	base, fastest := rep.BaselineRow(), rep.FastestRow()
	if has(func(row Row) bool { return row.Baseline != nil || row.Fastest != nil }) {
		p.table("How many times as fast as the baseline and as the fastest", p.speedGrid(rep))
		p.explain("In parentheses is the 95% interval of the ratio. If it contains 1, a ratio over 1 is faster.")
	}
	p.list(unresolved(rep, base, fastest))
	p.table("Answers, and costs that the times leave out", p.costGrid(rep))
	if timed {
		p.explain("init opens the backend. load converts and copies the data. min(times)/number is what timeit would show: the least mean of any process.")
	}
	if isArticles(rep.Plan) {
		p.explain("For reference, the article's figures for this problem: pure Python 18.65 s, NumPy 0.32 s, TensorFlow 1.20 s. " +
			"They are from another machine (i7-4790K, 2018), all on its CPU, and not measured here. " +
			"They are min(times)/number over 5 × 5 calls: compare them with the column of that name.")
	}
}

// timeGrid has a row for each contender that could run: its time, the number of samples, and
// whether they were verified.
func (p *page) timeGrid(rep *Report) typeset.Grid {
	g := typeset.Grid{
		Head:  []string{"contender", typeset.Plural(rep.Plan.Epochs, "epoch"), "95% interval", "per epoch", "samples", "verified", "notes"},
		Right: []int{1, 2, 3, 4},
	}
	for _, row := range rep.listed(p.inOrder) {
		if row.Status == bench.Unavailable {
			continue // a note has the reason
		}
		references := ""
		if p.has("notes") {
			references = p.references(row)
		}
		if row.Run == nil {
			g.Add(marked(row), "", "", "", some(row.Samples), p.In(text.FgRed, statusWord(row)), references)
			continue
		}
		s := row.Run.Scaled(float64(rep.Plan.Epochs) / float64(row.Epochs))
		mark := ""
		if row.Epochs != rep.Plan.Epochs {
			mark = "≈ "
		}
		g.Add(marked(row), mark+typeset.Duration(s.Median), bounds(s), typeset.Duration(row.PerEpoch()), typeset.Count(row.Samples), "yes", references)
	}
	return g
}

// bounds formats an interval in the unit of its median, or says why there is none.
func bounds(s *stats.Summary) string {
	if s.Lo == 0 {
		return noInterval
	}
	_, unit := typeset.TimeUnit(s.Median)
	return typeset.Digits(s.Lo/unit) + " – " + typeset.Digits(s.Hi/unit)
}

// against returns the rows that all rows are compared with: the baseline, and the fastest row if it
// is another one.
func against(base, fastest *Row) []*Row {
	rows := slices.DeleteFunc([]*Row{base, fastest}, func(row *Row) bool { return row == nil })
	return slices.Compact(rows)
}

// speedGrid has a row for each contender that has a time, and a column for each row of against.
func (p *page) speedGrid(rep *Report) typeset.Grid {
	base, fastest := rep.BaselineRow(), rep.FastestRow()
	g := typeset.Grid{Head: []string{"contender"}}
	for _, other := range against(base, fastest) {
		g.Head = append(g.Head, "vs "+other.Contender)
	}
	for _, row := range rep.listed(p.inOrder) {
		if row.Run == nil {
			continue
		}
		cells := []string{marked(row)}
		for _, other := range against(base, fastest) {
			ratio, self := row.Fastest, "the fastest"
			if other == base {
				ratio, self = row.Baseline, "the baseline"
			}
			switch {
			case other == row:
				cells = append(cells, self)
			case ratio == nil:
				cells = append(cells, "")
			case ratio.Lo == 0:
				cells = append(cells, p.Ratio(ratio)+" ("+noInterval+")")
			default:
				cells = append(cells, p.Ratio(ratio))
			}
		}
		g.Add(cells...)
	}
	return g
}

// unresolved returns how much longer it would take to tell contenders apart that could not be.
func unresolved(rep *Report, base, fastest *Row) []string {
	var out []string
	for _, other := range against(base, fastest) {
		needs := func(row *Row) string {
			ratio := row.Fastest
			if other == base {
				ratio = row.Baseline
			}
			if ratio == nil || ratio.MoreBlocks == 0 {
				return ""
			}
			return longer(roughly(ratio.MoreBlocks), rep.BlockNS)
		}
		for _, n := range grouped(rep.Rows, needs, func(names, more string) string {
			line := "Cannot tell " + names + " from " + other.Contender + " yet: " + more
			if more == notWithinReach {
				return line + "."
			}
			return line + " would (--resume, with --budget and --resolution)."
		}) {
			out = append(out, n.text)
		}
	}
	return out
}

// notWithinReach stands in place of a time that nobody waits for.
const notWithinReach = "not within reach"

// farOff is how much longer a run may take before it is no advice to let it.
const farOff = 12 * time.Hour

// longer says how long so many more blocks take: "about 1m30s more", or "not within reach" if that
// is beyond farOff. blockNS is how long a block takes; if it is 0, which is not known, longer says
// how many blocks they are.
func longer(blocks int, blockNS int64) string {
	switch total := float64(blocks) * float64(blockNS); {
	case total > float64(farOff):
		return notWithinReach
	case total == 0:
		return "about " + typeset.Plural(blocks, "more block")
	default:
		return "about " + typeset.Span(max(time.Second, time.Duration(total).Round(time.Second))) + " more"
	}
}

// roughly rounds n to one significant digit, so that contenders with about the same number share a
// line.
func roughly(n int) int {
	unit := 1
	for n >= 10*unit {
		unit *= 10
	}
	return (n + unit/2) / unit * unit
}

// list adds a list of lines.
func (p *page) list(lines []string) {
	if len(lines) == 0 {
		return
	}
	var out []string
	for _, line := range lines {
		out = append(out, p.Wrap("- ", line))
	}
	p.parts = append(p.parts, strings.Join(out, p.Line))
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

// costGrid lists costs that the times do not include: init, load, memory; and w, the share of the
// device's clock, and timeit's minimum.
func (p *page) costGrid(rep *Report) typeset.Grid {
	g := typeset.Grid{
		Head:  []string{"contender", "w", "init", "load", "peak memory", "device clock", "min(times)/number"},
		Right: []int{2, 3, 4, 5, 6},
	}
	for _, row := range rep.listed(p.inOrder) {
		if row.Run == nil {
			continue
		}
		clock, peak := "", ""
		if row.DeviceShare > 0 {
			clock = typeset.Share(row.DeviceShare) + " of run"
		}
		if row.PeakBytes > 0 {
			peak = typeset.Bytes(float64(row.PeakBytes))
		}
		scale := float64(rep.Plan.Epochs) / float64(row.Epochs)
		g.Add(marked(row), weights(row.W), told(row.Init), told(row.Load), peak, clock, typeset.KnownDuration(scale*row.Timeit))
	}
	return g
}

// told formats a time that a contender tells of itself.
func told(s *stats.Summary) string {
	if s.Median == 0 {
		return said("")
	}
	return typeset.Duration(s.Median)
}

// weights formats the first three entries of w.
func weights(w []float64) string {
	const most = 3
	var parts []string
	for _, v := range w[:min(most, len(w))] {
		parts = append(parts, strconv.FormatFloat(v, 'g', 6, 64))
	}
	if len(w) > most {
		parts = append(parts, "…")
	}
	return strings.Join(parts, ", ")
}
