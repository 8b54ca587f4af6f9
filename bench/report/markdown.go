package report

import (
	"io"

	"github.com/jedib0t/go-pretty/v6/table"

	"descent/bench"
)

// markdown renders the tables and notes of the text format as GitHub-flavoured Markdown.
func markdown(w io.Writer, rep *bench.Report, _ Options) error {
	head := "**" + title(rep) + "**\n\n" + machine(rep.Env)
	return document(w, rep, head, Options{}, table.Writer.RenderMarkdown)
}
