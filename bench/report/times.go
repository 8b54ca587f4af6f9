package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench"
	"descent/bench/stats"
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
func (p *page) timeGrid(rep *Report) grid {
	g := grid{
		head:  []string{"contender", Plural(rep.Plan.Epochs, "epoch"), "95% interval", "per epoch", "samples", "verified", "notes"},
		right: []int{1, 2, 3, 4},
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
			g.add(marked(row), "", "", "", some(row.Samples), p.in(text.FgRed, statusWord(row)), references)
			continue
		}
		s := row.Run.Scaled(float64(rep.Plan.Epochs) / float64(row.Epochs))
		mark := ""
		if row.Epochs != rep.Plan.Epochs {
			mark = "≈ "
		}
		g.add(marked(row), mark+duration(s.Median), bounds(s), duration(row.PerEpoch()), count(row.Samples), "yes", references)
	}
	return g
}

// bounds formats an interval in the unit of its median, or says why there is none.
func bounds(s *stats.Summary) string {
	if s.Lo == 0 {
		return noInterval
	}
	unit := pick(s.Median, times).size
	return digits(s.Lo/unit) + " – " + digits(s.Hi/unit)
}

// against returns the rows that all rows are compared with: the baseline, and the fastest row if it
// is another one.
func against(base, fastest *Row) []*Row {
	rows := slices.DeleteFunc([]*Row{base, fastest}, func(row *Row) bool { return row == nil })
	return slices.Compact(rows)
}

// speedGrid has a row for each contender that has a time, and a column for each row of against.
func (p *page) speedGrid(rep *Report) grid {
	base, fastest := rep.BaselineRow(), rep.FastestRow()
	g := grid{head: []string{"contender"}}
	for _, other := range against(base, fastest) {
		g.head = append(g.head, "vs "+other.Contender)
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
				cells = append(cells, p.ratioCell(ratio)+" ("+noInterval+")")
			default:
				cells = append(cells, p.ratioCell(ratio))
			}
		}
		g.add(cells...)
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
		out = append(out, p.wrap("- ", line))
	}
	p.parts = append(p.parts, strings.Join(out, p.line))
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
func (p *page) costGrid(rep *Report) grid {
	g := grid{
		head:  []string{"contender", "w", "init", "load", "peak memory", "device clock", "min(times)/number"},
		right: []int{2, 3, 4, 5, 6},
	}
	for _, row := range rep.listed(p.inOrder) {
		if row.Run == nil {
			continue
		}
		clock, peak := "", ""
		if row.DeviceShare > 0 {
			clock = share(row.DeviceShare) + " of run"
		}
		if row.PeakBytes > 0 {
			peak = bytes(float64(row.PeakBytes))
		}
		scale := float64(rep.Plan.Epochs) / float64(row.Epochs)
		g.add(marked(row), weights(row.W), told(row.Init), told(row.Load), peak, clock, knownDuration(scale*row.Timeit))
	}
	return g
}

// told formats a time that a contender tells of itself.
func told(s *stats.Summary) string {
	if s.Median == 0 {
		return said("")
	}
	return duration(s.Median)
}
