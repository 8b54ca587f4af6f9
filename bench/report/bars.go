package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench"
	"descent/bench/stats"
	"descent/bench/typeset"
)

// The marks of the short report's table, next to algorithmMark.
const (
	fastestMark = "»"
	scaledMark  = "≈"
)

// The short table's columns.
const (
	nameColumn = iota
	timeColumn
	intervalColumn
	ratioColumn
	shortColumns
)

// A shortLine is a line of the short table: the cells of a row with a time and the length of its
// bar, or words across all columns.
type shortLine struct {
	cells [shortColumns]string
	words string
	time  float64 // in nanoseconds; 0 has no bar
	color text.Color
}

// A shortTable is the table of the short report.
type shortTable struct {
	head  [shortColumns]string
	lines []shortLine
}

// newShortTable lists the ranked rows, then other algorithms, then what went wrong.
func newShortTable(rep *Report, inOrder bool) *shortTable {
	base := rep.BaselineRow()
	t := &shortTable{head: [shortColumns]string{nameColumn: "contender", timeColumn: "time", intervalColumn: "95% interval"}}
	if base == nil {
		base = rep.FastestRow()
	}
	if base != nil {
		t.head[ratioColumn] = "vs " + base.Contender
	}
	fastest, others := rep.fastestRows(), []*Row(nil)
	for _, row := range rep.listed(inOrder) {
		switch {
		case row.Run == nil:
		case row.Info.Algorithm != "":
			others = append(others, row)
		default:
			t.lines = append(t.lines, newShortLine(rep, row, base, fastest))
		}
	}
	if len(others) > 0 {
		t.lines = append(t.lines, shortLine{words: "another algorithm, not ranked:"})
	}
	for _, row := range others {
		line := newShortLine(rep, row, base, nil)
		line.time = 0
		t.lines = append(t.lines, line)
	}
	for _, row := range append(rep.having(bench.Wrong), append(rep.having(bench.Untrusted), rep.having(bench.Failed)...)...) {
		if !row.Unreached() {
			line := shortLine{words: row.Note, color: text.FgRed}
			line.cells[nameColumn], line.cells[timeColumn] = row.Contender, statusWord(row)
			t.lines = append(t.lines, line)
		}
	}
	return t
}

func newShortLine(rep *Report, row, base *Row, fastest []*Row) shortLine {
	line := shortLine{time: wholeTime(rep, row)}
	line.cells[nameColumn] = row.Contender
	for _, mark := range rowMarks(rep, row, fastest) {
		line.cells[nameColumn] += " " + mark
	}
	line.cells[timeColumn] = typeset.Duration3(line.time)
	line.cells[intervalColumn] = intervalCell(row, line.time/row.Run.Median)
	ratio := row.Baseline
	if base == rep.FastestRow() {
		ratio = row.Fastest
	}
	switch {
	case row == base:
		line.cells[ratioColumn] = "baseline"
	case ratio != nil:
		line.cells[ratioColumn], line.color = ratioWords(ratio, row.Info.Algorithm != "")
	}
	return line
}

// rowMarks returns the marks of a row that has a time.
func rowMarks(rep *Report, row *Row, fastest []*Row) []string {
	var marks []string
	if slices.Contains(fastest, row) {
		marks = append(marks, fastestMark)
	}
	if row.Info.Algorithm != "" {
		marks = append(marks, algorithmMark)
	}
	if row.Epochs != rep.Plan.Epochs {
		marks = append(marks, scaledMark)
	}
	return marks
}

// intervalCell formats the interval of a row's time, multiplied by by, in the unit of the time:
// 7.85 – 10.2. If there is none, it says of how many processes the time is.
func intervalCell(row *Row, by float64) string {
	if row.Run.Lo == 0 {
		if row.Processes == 1 {
			return "1 process"
		}
		return typeset.Count(row.Processes) + " processes"
	}
	_, unit := typeset.TimeUnit(row.Run.Median * by)
	return typeset.Significant(row.Run.Lo*by/unit, 3) + " – " + typeset.Significant(row.Run.Hi*by/unit, 3)
}

// ratioWords says how many times as fast as the baseline a row is: "12x faster (10–14)". Another
// algorithm is not called faster or slower.
func ratioWords(r *stats.Ratio, other bool) (words string, color text.Color) {
	words, interval := typeset.Speed(r)
	switch {
	case other && r.Ratio < 1:
		slower := typeset.Inverse(r)
		return strings.TrimSpace(typeset.AsFast(slower) + " slower " + typeset.Within(slower)), 0
	case r.Lo == 0 && other:
		return typeset.AsFast(r), 0
	case r.Lo == 0:
		return "about " + words, 0
	case other:
		return typeset.AsFast(r) + " " + interval, 0
	}
	return words + " " + interval, typeset.VerdictColor(r.Verdict)
}

// The least widths of the bars and of the names, in columns.
const (
	leastBar  = 12
	leastName = 10
)

// A shortLayout says which columns of the table are shown, and how wide they are.
type shortLayout struct {
	widths [shortColumns]int // 0 is a column that is left out
	bar    int               // of the bars; 0 for none
}

// layOut fits the table into width. Below 80 columns the bars go first, then the interval of the
// times, then those of the ratios; at last names are cut. Names have two fifths of the width at the
// most.
func (t *shortTable) layOut(width int) shortLayout {
	var l shortLayout
	for c := range shortColumns {
		l.widths[c] = typeset.Columns(t.head[c])
		for i := range t.lines {
			l.widths[c] = max(l.widths[c], typeset.Columns(t.lines[i].cells[c]))
		}
	}
	l.widths[nameColumn] = min(l.widths[nameColumn], max(leastName, width*2/5))
	if rest := width - l.total() - len(typeset.Gap); width >= 80 && rest >= leastBar {
		l.bar = rest
	}
	if l.total() > width {
		l.widths[intervalColumn] = 0
	}
	if over := l.total() - width; over > 0 {
		t.head[ratioColumn] = strings.TrimPrefix(t.head[ratioColumn], "vs ")
		l.widths[ratioColumn] = typeset.Columns(t.head[ratioColumn])
		for i := range t.lines {
			words, _, _ := strings.Cut(t.lines[i].cells[ratioColumn], " (")
			t.lines[i].cells[ratioColumn] = words
			l.widths[ratioColumn] = max(l.widths[ratioColumn], typeset.Columns(words))
		}
	}
	if over := l.total() - width; over > 0 {
		l.widths[nameColumn] = max(leastName, l.widths[nameColumn]-over)
	}
	if l.total() > width {
		l.widths[ratioColumn] = 0
	}
	return l
}

func (l *shortLayout) total() int {
	sum := -len(typeset.Gap)
	for _, w := range l.widths {
		if w > 0 {
			sum += w + len(typeset.Gap)
		}
	}
	return sum
}

// shortTable lays a table out.
func (l layout) shortTable(t *shortTable) string {
	t.spell(l.Spell)
	s := t.layOut(l.Width)
	scale := newBarScale(t.lines, s.bar)
	statuses := 0
	for i := range t.lines {
		if line := &t.lines[i]; line.words != "" {
			statuses = max(statuses, len(line.cells[timeColumn]))
		}
	}
	var b strings.Builder
	write := func(line string) { b.WriteString(strings.TrimRight(line, " ") + "\n") }
	write(l.Strong(strings.TrimRight(l.shortLine(&shortLine{cells: t.head}, s)+l.Spell(scale.head()), " ")))
	for i := range t.lines {
		line := &t.lines[i]
		if line.words == "" {
			write(l.shortLine(line, s) + l.In(text.FgCyan, l.Spell(scale.bar(line.time))))
			continue
		}
		name := line.cells[nameColumn]
		if name == "" {
			write(l.Spell(typeset.Cut(line.words, l.Width)))
			continue
		}
		status := line.cells[timeColumn]
		room := l.Width - s.widths[nameColumn] - statuses - 2*len(typeset.Gap)
		write(typeset.Pad(l.Spell(cutName(name, s.widths[nameColumn])), s.widths[nameColumn]) + typeset.Gap + typeset.Pad(l.In(line.color, status), statuses) + typeset.Gap + l.Spell(typeset.Cut(line.words, room)))
	}
	return b.String()
}

// spell writes the cells in the characters of the output.
func (t *shortTable) spell(spell func(string) string) {
	for c := range t.head {
		t.head[c] = spell(t.head[c])
	}
	for i := range t.lines {
		line := &t.lines[i]
		line.words = spell(line.words)
		for c := range line.cells {
			line.cells[c] = spell(line.cells[c])
		}
	}
}

// cutName cuts the name of a contender within, so that its precision and its marks stay.
func cutName(name string, width int) string {
	over := typeset.Columns(name) - width
	at := strings.LastIndexByte(name, '/')
	if over <= 0 || at < 0 {
		return typeset.Cut(name, width)
	}
	return typeset.Cut(name[:at], typeset.Columns(name[:at])-over) + name[at:]
}

// shortLine lays out the cells of a line. The time and its interval are on the right of their
// columns.
func (l layout) shortLine(line *shortLine, s shortLayout) string {
	var parts []string
	for c, width := range s.widths {
		cell := line.cells[c]
		if c == nameColumn {
			cell = l.Spell(cutName(cell, width))
		}
		switch {
		case width == 0:
		case c == timeColumn || c == intervalColumn:
			parts = append(parts, strings.Repeat(" ", width-typeset.Columns(cell))+cell)
		case c == ratioColumn:
			parts = append(parts, typeset.Pad(l.In(line.color, cell), width))
		default:
			parts = append(parts, typeset.Pad(cell, width))
		}
	}
	return strings.Join(parts, typeset.Gap)
}

// A barScale maps times to lengths of bars: logarithmic, from one round time to another.
type barScale struct {
	lo, hi float64 // nanoseconds
	width  int
}

func newBarScale(lines []shortLine, width int) barScale {
	least, most := math.Inf(1), 0.0
	for i := range lines {
		if ns := lines[i].time; ns > 0 {
			least, most = min(least, ns), max(most, ns)
		}
	}
	if most == 0 {
		return barScale{}
	}
	// The least bar is to be seen as well.
	return barScale{lo: roundTime(0.7 * least), hi: 1 / roundTime(1/most), width: width}
}

// roundTime returns the largest of 1, 2, 5, 10, 20, … that is not above ns.
func roundTime(ns float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(ns)))
	for _, digit := range []float64{5, 2} {
		if digit*power <= ns {
			return digit * power
		}
	}
	return power
}

// head labels the two ends of the scale.
func (s barScale) head() string {
	if s.width == 0 {
		return ""
	}
	left, middle, right := roundLabel(s.lo), "(log)", roundLabel(s.hi)
	space := s.width - typeset.Columns(left+right)
	if space < len(middle)+2 {
		middle = ""
	}
	space -= len(middle)
	return typeset.Gap + left + strings.Repeat(" ", space/2) + middle + strings.Repeat(" ", space-space/2) + right
}

// roundLabel formats a round time: 10ms.
func roundLabel(ns float64) string {
	unit, size := typeset.TimeUnit(ns * 1.001)
	return fmt.Sprintf("%.3g%s", ns/size, unit)
}

func (s barScale) bar(ns float64) string {
	if s.width == 0 || ns <= 0 {
		return ""
	}
	length := int(math.Round(float64(s.width) * math.Log(ns/s.lo) / math.Log(s.hi/s.lo)))
	return typeset.Gap + strings.Repeat("━", max(1, length))
}
