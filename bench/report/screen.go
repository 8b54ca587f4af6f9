package report

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// columns returns the width of the output.
func (o Options) columns() int {
	if o.Width > 0 {
		return o.Width
	}
	return 80
}

// paint returns s in a colour, if o has colours. 0 is no colour.
func (o Options) paint(c text.Color, s string) string {
	if !o.Color || c == 0 || s == "" {
		return s
	}
	return c.Sprint(s)
}

// strong returns s in bold, if o has colours.
func (o Options) strong(s string) string { return o.paint(text.Bold, s) }

// paragraph wraps words to the width, and ends the last line. It breaks a word that is longer.
func (o Options) paragraph(words string) string {
	lines := strings.Split(text.WrapSoft(words, o.columns()), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// pad fills s with blanks up to width.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-text.StringWidthWithoutEscSequences(s)))
}

// cut cuts s, which has no escape codes, to width, and then ends it with an ellipsis.
func cut(s string, width int) string {
	if text.StringWidthWithoutEscSequences(s) <= width {
		return s
	}
	if width < 1 {
		return ""
	}
	return text.Trim(s, width-1) + "…"
}

// asciiOf has an ASCII character for each character of our own that is none. Each is as wide.
var asciiOf = strings.NewReplacer(
	"━", "=", "─", "-", "═", "=", "»", ">", "†", "+", "≈", "~", "–", "-", "…", ".", "×", "x", "µ", "u", "·", "*", "²", "2", "ᵀ", "'",
	"≤", "<", "≥", ">", "−", "-", "±", "~", "λ", "l", "→", ">", "←", "<",
)

// plain returns s as o's screen can show it.
func (o Options) plain(s string) string {
	if o.ASCII {
		return asciiOf.Replace(s)
	}
	return s
}
