// Package typeset lays text out: tables and paragraphs that fit a width, and times, bytes, counts
// and ratios in words. Reports and the command line share it. So a quantity looks alike everywhere.
//
//	layout.go     how text and Markdown differ
//	grid.go       tables
//	text.go       paragraphs, widths, ASCII, and names made short
//	quantity.go   times, bytes, counts and shares
//	ratio.go      how many times as fast
package typeset

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// A Layout holds the differences between text and Markdown.
type Layout struct {
	Strong func(string) string // formats a title
	Line   string              // between a title and what it is the title of
	Rule   string              // between two runs
	Color  bool                // write colours for a terminal
	Width  int                 // of the text in columns; 0 does not wrap
	Spell  func(string) string // writes text in the characters of the output
	table  func(t table.Writer, bare bool) string
}

// Terminal lays tables and paragraphs out in so many columns of a terminal. With ascii it writes no
// other characters.
func Terminal(width int, color, ascii bool) Layout {
	l := Layout{
		Strong: func(s string) string { return s },
		Line:   "\n",
		Rule:   strings.Repeat("═", width),
		Color:  color,
		Width:  width,
		Spell:  func(s string) string { return s },
	}
	if color {
		l.Strong = func(s string) string { return text.Bold.Sprint(s) }
	}
	style := PlainStyle()
	if ascii {
		l.Spell, l.Rule = ASCII, strings.Repeat("=", width)
		style.Box.MiddleHorizontal, style.Box.MiddleSeparator = "-", strings.Repeat("-", len(Gap))
	}
	l.table = func(t table.Writer, bare bool) string {
		style := style
		style.Options.SeparateHeader = !bare
		t.SuppressTrailingSpaces()
		t.SetStyle(style)
		return t.Render()
	}
	return l
}

// Markdown lays tables and paragraphs out as GitHub-flavoured Markdown.
var Markdown = Layout{
	Strong: func(s string) string { return "**" + s + "**" },
	Line:   "\n\n",
	Rule:   "---",
	Spell:  func(s string) string { return s },
	table:  func(t table.Writer, _ bool) string { return t.RenderMarkdown() },
}

// PlainStyle returns the style of tables on a terminal: one line below the header, and no other
// lines.
func PlainStyle() table.Style {
	style := table.StyleLight
	style.Options = table.Options{SeparateHeader: true, SeparateColumns: true}
	style.Box.PaddingLeft, style.Box.PaddingRight, style.Box.MiddleVertical = "", "", Gap
	style.Box.MiddleSeparator = strings.Repeat(style.Box.MiddleHorizontal, len(Gap))
	style.Format.Header = text.FormatDefault
	return style
}

// Gap stands between two columns.
const Gap = "  "

// In returns s in a colour, if the output has colours. 0 is no colour.
func (l Layout) In(color text.Color, s string) string {
	if l.Color && color != 0 {
		return color.Sprint(s)
	}
	return s
}

// Caution returns a paragraph that begins with the word CAUTION.
func (l Layout) Caution(s string) string {
	const word = "CAUTION:"
	return l.In(text.FgYellow, word) + strings.TrimPrefix(l.Paragraph(word+" "+s), word)
}
