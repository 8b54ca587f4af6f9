package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"descent/bench"
)

// markdown renders the tables and notes of the text format as GitHub-flavoured Markdown.
func markdown(w io.Writer, rep *bench.Report, _ Options) error {
	out := &strings.Builder{}
	fmt.Fprintf(out, "**%s**\n\n%s\n", title(rep), machine(rep.Env))
	for _, t := range []table.Writer{mainTable(rep, false), phaseTable(rep)} {
		if t.Length() > 0 {
			fmt.Fprintf(out, "\n%s\n", t.RenderMarkdown())
		}
	}
	for _, n := range notes(rep) {
		fmt.Fprintf(out, "\n%s\n", n)
	}
	_, err := io.WriteString(w, out.String())
	return err
}
