package typeset

import (
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// A Grid is a table of text.
type Grid struct {
	Head  []string
	Rows  [][]string
	Right []int // the columns that are aligned to the right, from 0
	Bare  bool  // no line below the head, which is strong
}

// Add adds a row.
func (g *Grid) Add(cells ...string) { g.Rows = append(g.Rows, cells) }

// Grid renders g without its empty columns. If it would be too wide, words of some cells move to
// further lines.
func (l Layout) Grid(g Grid) string {
	keep := g.columns()
	lines := make([][]string, 1+len(g.Rows))
	for k, cells := range slices.Insert(slices.Clone(g.Rows), 0, g.Head) {
		for _, i := range keep {
			lines[k] = append(lines[k], l.Spell(cells[i]))
		}
	}
	widths := l.fit(lines)
	t := table.NewWriter()
	var configs []table.ColumnConfig
	for n, i := range keep {
		c := table.ColumnConfig{Number: n + 1, WidthMax: widths[n], WidthMaxEnforcer: text.WrapText}
		if slices.Contains(g.Right, i) {
			c.Align, c.AlignHeader = text.AlignRight, text.AlignRight
		}
		configs = append(configs, c)
	}
	t.SetColumnConfigs(configs)
	for k, cells := range lines {
		row := make(table.Row, len(cells))
		for n, cell := range cells {
			if Columns(cell) > widths[n] {
				cell = Wrap("", cell, widths[n])
			}
			if k == 0 && g.Bare && l.Color {
				cell = l.Strong(cell)
			}
			row[n] = cell
		}
		if k == 0 {
			t.AppendHeader(row)
		} else {
			t.AppendRow(row)
		}
	}
	return l.table(t, g.Bare)
}

// columns returns the columns that are not empty.
func (g *Grid) columns() []int {
	var keep []int
	for i := range g.Head {
		if slices.ContainsFunc(g.Rows, func(row []string) bool { return row[i] != "" }) {
			keep = append(keep, i)
		}
	}
	return keep
}

// Width returns how wide g is if no line is broken.
func (g *Grid) Width() int {
	total := -len(Gap)
	for _, i := range g.columns() {
		widest := Columns(g.Head[i])
		for _, row := range g.Rows {
			widest = max(widest, Columns(row[i]))
		}
		total += widest + len(Gap)
	}
	return total
}

// fit returns the width of each column, 0 if the output has no width. The first of lines is the
// head. If the columns are too wide together, the widest become narrower: first as far as words of
// the head can move to further lines, then as far as words of the cells can, and then further.
func (l Layout) fit(lines [][]string) []int {
	widths := make([]int, len(lines[0]))
	if l.Width == 0 {
		return widths
	}
	cells, words := slices.Clone(widths), slices.Clone(widths)
	total := -len(Gap)
	for i := range widths {
		for k, line := range lines {
			widths[i] = max(widths[i], Columns(line[i]))
			for _, word := range strings.Fields(line[i]) {
				words[i] = max(words[i], Columns(word))
			}
			if k > 0 {
				cells[i] = max(cells[i], Columns(line[i]))
			}
		}
		cells[i] = max(cells[i], words[i])
		total += widths[i] + len(Gap)
	}
	for _, least := range [][]int{cells, words, make([]int, len(widths))} {
		for ; total > l.Width; total-- {
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
