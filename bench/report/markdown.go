package report

import (
	"io"

	"github.com/jedib0t/go-pretty/v6/table"

	"descent/bench"
)

// markdown renders the tables and notes of the text format as GitHub-flavoured Markdown.
func markdown(w io.Writer, reps []*bench.Report, _ Options) error {
	return layout{
		strong: func(s string) string { return "**" + s + "**" },
		line:   "\n\n",
		rule:   "---",
		table:  table.Writer.RenderMarkdown,
	}.write(w, reps)
}
