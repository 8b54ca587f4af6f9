package report

import (
	"cmp"

	"descent/bench/typeset"
)

// The width of the detailed report, in columns, is at most mostColumns. It is the output's if that
// is less, but at least leastColumns.
const (
	mostColumns  = 100
	leastColumns = 60
)

// A layout lays a report out as text or as Markdown.
type layout struct{ typeset.Layout }

// inText lays the detailed report out.
func inText(o Options) layout {
	return onTerminal(o, min(mostColumns, max(leastColumns, cmp.Or(o.Width, mostColumns))))
}

// inShort lays the short report out: as wide as the output.
func inShort(o Options) layout { return onTerminal(o, cmp.Or(o.Width, 80)) }

func onTerminal(o Options, width int) layout {
	return layout{typeset.Terminal(width, o.Color, o.ASCII)}
}

// inMarkdown lays the report out as GitHub-flavoured Markdown.
var inMarkdown = layout{typeset.Markdown}
