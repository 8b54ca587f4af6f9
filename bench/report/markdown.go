package report

import "github.com/jedib0t/go-pretty/v6/table"

// inMarkdown lays the text format out as GitHub-flavoured Markdown.
var inMarkdown = layout{
	strong: func(s string) string { return "**" + s + "**" },
	line:   "\n\n",
	rule:   "---",
	spell:  func(s string) string { return s },
	table:  table.Writer.RenderMarkdown,
}
