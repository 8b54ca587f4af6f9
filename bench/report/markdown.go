package report

import (
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// markdown writes the short report as GitHub-flavoured Markdown, without bars.
func markdown(w io.Writer, reps []*Report, o Options) error {
	var parts []string
	for i, rep := range reps {
		if i > 0 {
			parts = append(parts, inMarkdown.Rule)
		}
		parts = append(parts, inMarkdown.Strong(verdict(rep)))
		for _, caution := range cautions(rep) {
			parts = append(parts, "CAUTION: "+caution)
		}
		parts = append(parts, context(rep, 200))
		if t := newShortTable(rep, o.InOrder); len(t.lines) > 0 {
			parts = append(parts, t.markdown())
		}
		parts = append(parts, shortNotes(rep)...)
	}
	if all := newBySize(reps); len(reps) > 1 && len(all.names) > 0 {
		p := &page{layout: inMarkdown, said: map[string]bool{}}
		all.write(p)
		parts = append(append(parts, inMarkdown.Rule), p.parts...)
	}
	_, err := io.WriteString(w, strings.Join(parts, "\n\n")+"\n")
	return err
}

// markdown renders the table without the bars.
func (t *shortTable) markdown() string {
	out := table.NewWriter()
	row := func(cells [shortColumns]string) table.Row {
		var r table.Row
		for _, cell := range cells {
			r = append(r, cell)
		}
		return r
	}
	out.AppendHeader(row(t.head))
	out.SetColumnConfigs([]table.ColumnConfig{{Number: timeColumn + 1, Align: text.AlignRight}, {Number: intervalColumn + 1, Align: text.AlignRight}})
	for i := range t.lines {
		line := t.lines[i]
		if line.cells[nameColumn] == "" {
			continue // what the mark of the next rows says too
		}
		if line.words != "" {
			line.cells[ratioColumn] = line.words
		}
		out.AppendRow(row(line.cells))
	}
	return out.RenderMarkdown()
}
