package typeset

import (
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Paragraph wraps s to the width, and breaks words that are longer. It ends the last line.
func (l Layout) Paragraph(s string) string {
	return text.WrapText(l.Wrap("", s), l.Width) + "\n"
}

// ProcessorName shortens the name that a processor gives itself: "Intel(R) Xeon(R) Gold 6348 CPU @
// 2.60GHz" becomes "Intel Xeon Gold 6348".
func ProcessorName(brand string) string {
	brand, _, _ = strings.Cut(strings.NewReplacer("(R)", "", "(TM)", "", "(r)", "", "(tm)", "").Replace(brand), "@")
	words := slices.DeleteFunc(strings.Fields(brand), func(word string) bool {
		return word == "CPU" || word == "Processor" || strings.HasSuffix(word, "-Core")
	})
	return strings.Join(words, " ")
}

// Brief returns the first words of a reason, which stand before a colon: "not installed: the Python
// library numpy" becomes "not installed".
func Brief(reason string) string {
	const most = 40
	reason, _, _ = strings.Cut(reason, ": ")
	return Cut(reason, most)
}

// Pad fills s with blanks up to width.
func Pad(s string, width int) string { return s + strings.Repeat(" ", max(0, width-Columns(s))) }

// Cut cuts s, which has no escape codes, to width, and then ends it with an ellipsis.
func Cut(s string, width int) string {
	if Columns(s) <= width {
		return s
	}
	if width < 1 {
		return ""
	}
	return text.Trim(s, width-1) + "…"
}

// Columns returns how many columns of a terminal s takes.
func Columns(s string) int { return text.StringWidthWithoutEscSequences(s) }

// Wrap writes s in lines that fit the width, the first after lead and all others indented as far.
func (l Layout) Wrap(lead, s string) string { return Wrap(l.Spell(lead), l.Spell(s), l.Width) }

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
			if used+1+Columns(word) <= width {
				out[len(out)-1] += " " + word
				used += 1 + Columns(word)
				continue
			}
			out = append(out, lead+word)
			used = Columns(out[len(out)-1])
			lead = strings.Repeat(" ", Columns(lead))
		}
	}
	return strings.Join(out, "\n")
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
