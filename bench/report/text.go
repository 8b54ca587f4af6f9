package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench/stats"
)

// The width of the detailed report, in columns, is at most mostColumns. It is the output's if that
// is less, but at least leastColumns.
const (
	mostColumns  = 100
	leastColumns = 60
)

// inText lays the detailed report out.
func inText(o Options) layout {
	return onTerminal(o, min(mostColumns, max(leastColumns, cmp.Or(o.Width, mostColumns))))
}

// onTerminal lays tables and paragraphs out in so many columns.
func onTerminal(o Options, width int) layout {
	l := layout{
		strong: func(s string) string { return s },
		line:   "\n",
		rule:   strings.Repeat("═", width),
		color:  o.Color,
		width:  width,
		spell:  func(s string) string { return s },
	}
	if o.Color {
		l.strong = func(s string) string { return text.Bold.Sprint(s) }
	}
	style := PlainStyle()
	if o.ASCII {
		l.spell, l.rule = ASCII, strings.Repeat("=", width)
		style.Box.MiddleHorizontal, style.Box.MiddleSeparator = "-", strings.Repeat("-", len(gap))
	}
	l.table = func(t table.Writer) string {
		t.SuppressTrailingSpaces()
		t.SetStyle(style)
		return t.Render()
	}
	return l
}

// A layout holds the differences between text and Markdown.
type layout struct {
	strong func(string) string // formats a title
	line   string              // between a title and what it is the title of
	rule   string              // between two runs
	color  bool                // write colours for a terminal
	width  int                 // of the text in columns; 0 does not wrap
	spell  func(string) string // writes text in the characters of the output
	table  func(table.Writer) string
}

// PlainStyle returns the style of tables on a terminal: one line below the header, and no other
// lines.
func PlainStyle() table.Style {
	style := table.StyleLight
	style.Options = table.Options{SeparateHeader: true, SeparateColumns: true}
	style.Box.PaddingLeft, style.Box.PaddingRight, style.Box.MiddleVertical = "", "", gap
	style.Box.MiddleSeparator = strings.Repeat(style.Box.MiddleHorizontal, len(gap))
	style.Format.Header = text.FormatDefault
	return style
}

// gap stands between two columns.
const gap = "  "

// A grid is a table of text.
type grid struct {
	head  []string
	rows  [][]string
	right []int // the columns that are aligned to the right, from 0
}

func (g *grid) add(cells ...string) { g.rows = append(g.rows, cells) }

// grid renders g without its empty columns. If it would be too wide, words of some cells move to
// further lines.
func (l layout) grid(g grid) string {
	var keep []int
	for i := range g.head {
		if slices.ContainsFunc(g.rows, func(row []string) bool { return row[i] != "" }) {
			keep = append(keep, i)
		}
	}
	lines := make([][]string, 1+len(g.rows))
	for k, cells := range slices.Insert(slices.Clone(g.rows), 0, g.head) {
		for _, i := range keep {
			lines[k] = append(lines[k], l.spell(cells[i]))
		}
	}
	widths := l.fit(lines)
	t := table.NewWriter()
	var configs []table.ColumnConfig
	for n, i := range keep {
		c := table.ColumnConfig{Number: n + 1, WidthMax: widths[n], WidthMaxEnforcer: text.WrapText}
		if slices.Contains(g.right, i) {
			c.Align, c.AlignHeader = text.AlignRight, text.AlignRight
		}
		configs = append(configs, c)
	}
	t.SetColumnConfigs(configs)
	for k, cells := range lines {
		row := make(table.Row, len(cells))
		for n, cell := range cells {
			row[n] = Wrap("", cell, widths[n])
		}
		if k == 0 {
			t.AppendHeader(row)
		} else {
			t.AppendRow(row)
		}
	}
	return l.table(t)
}

// width returns how wide g is if no line is broken.
func (g *grid) width() int {
	total := -len(gap)
	for i, head := range g.head {
		widest := columns(head)
		for _, row := range g.rows {
			widest = max(widest, columns(row[i]))
		}
		total += widest + len(gap)
	}
	return total
}

// fit returns the width of each column, 0 if the output has no width. The first of lines is the
// head. If the columns are too wide together, the widest become narrower: first as far as words of
// the head can move to further lines, then as far as words of the cells can, and then further.
func (l layout) fit(lines [][]string) []int {
	widths := make([]int, len(lines[0]))
	if l.width == 0 {
		return widths
	}
	cells, words := slices.Clone(widths), slices.Clone(widths)
	total := -len(gap)
	for i := range widths {
		for k, line := range lines {
			widths[i] = max(widths[i], columns(line[i]))
			for _, word := range strings.Fields(line[i]) {
				words[i] = max(words[i], columns(word))
			}
			if k > 0 {
				cells[i] = max(cells[i], columns(line[i]))
			}
		}
		cells[i] = max(cells[i], words[i])
		total += widths[i] + len(gap)
	}
	for _, least := range [][]int{cells, words, make([]int, len(widths))} {
		for ; total > l.width; total-- {
			widest := -1
			for i, width := range widths {
				if width > least[i] && (widest < 0 || width > widths[widest]) {
					widest = i
				}
			}
			if widest < 0 {
				break
			}
			widths[widest]--
		}
	}
	return widths
}

// columns returns how many columns of a terminal s takes.
func columns(s string) int { return text.StringWidthWithoutEscSequences(s) }

// wrap writes s in lines that fit the width, the first after lead and all others indented as far.
func (l layout) wrap(lead, s string) string { return Wrap(l.spell(lead), l.spell(s), l.width) }

// Wrap breaks the lines of s at blanks, so that they fit the width, which is not bounded if it is
// 0. The first line begins with lead, and all others are indented as far. A word that is too long,
// as a path, stays whole.
func Wrap(lead, s string, width int) string {
	if width == 0 || s == "" {
		return lead + s
	}
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		used := width // the next word begins a line
		for _, word := range strings.Fields(line) {
			if used+1+columns(word) <= width {
				out[len(out)-1] += " " + word
				used += 1 + columns(word)
				continue
			}
			out = append(out, lead+word)
			used = columns(out[len(out)-1])
			lead = strings.Repeat(" ", columns(lead))
		}
	}
	return strings.Join(out, "\n")
}

// in returns s in a colour, if the output has colours. 0 is no colour.
func (l layout) in(color text.Color, s string) string {
	if l.color && color != 0 {
		return color.Sprint(s)
	}
	return s
}

// ratioCell formats a ratio and its interval in words: 12x faster (10–14).
func (l layout) ratioCell(r *stats.Ratio) string {
	if r == nil {
		return ""
	}
	words, interval := speed(r)
	return strings.TrimSpace(l.in(verdictColor(r.Verdict), words) + " " + interval)
}

// verdictColor returns the colour of faster and slower, 0 for other verdicts.
func verdictColor(v stats.Verdict) text.Color {
	switch v {
	case stats.Faster:
		return text.FgGreen
	case stats.Slower:
		return text.FgRed
	}
	return 0
}

// asciiFor has what stands for the characters of the reports where the locale has ASCII alone.
var asciiFor = strings.NewReplacer("━", "=", "µ", "u", "×", "x", "–", "-", "—", "-", "…", ".", "·", "|", "≈", "~", "†", "*", "»", ">",
	"ᵀ", "'", "²", "^2", "³", "^3", "√", "sqrt ", "±", "+/-", "≥", ">=", "≤", "<=", "←", "<-", "λ", "lambda", "®", "(R)", "™", "(TM)")

// ASCII writes s in ASCII. A character without a likeness becomes a question mark.
func ASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r > 0x7e {
			return '?'
		}
		return r
	}, asciiFor.Replace(s))
}
