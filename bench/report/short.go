package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/machine"
)

// short writes the report that is read: the answer, a table with bars, and a few lines on what the
// numbers stand on. It fits o.Width.
func short(w io.Writer, reps []*Report, o Options) error {
	l := inShort(o)
	var pages []string
	for _, rep := range reps {
		pages = append(pages, l.shortRun(rep, o))
	}
	if all := newBySize(reps); len(reps) > 1 && len(all.names) > 0 {
		p := &page{layout: l, said: map[string]bool{}}
		all.write(p)
		pages = append(pages, strings.Join(p.parts, "\n\n")+"\n\n")
	}
	out := strings.Join(pages, "\n")
	if o.File != "" {
		out += l.spell("Samples: "+o.File) + "\n"
	}
	more := "More: descent report --details "
	if o.File == "" || columns(more+o.File) > l.width {
		out += more + "FILE\n"
	} else {
		out += more + l.spell(o.File) + "\n"
	}
	if last := reps[len(reps)-1]; o.Height > 0 && strings.Count(out, "\n") >= o.Height {
		out += "\n" + l.strong(l.paragraph(verdict(last)))
	}
	_, err := io.WriteString(w, out)
	return err
}

// inShort lays the short report out: as wide as the output.
func inShort(o Options) layout { return onTerminal(o, cmp.Or(o.Width, 80)) }

// shortRun returns the short report of one run.
func (l layout) shortRun(rep *Report, o Options) string {
	var b strings.Builder
	b.WriteString(l.strong(l.paragraph(verdict(rep))))
	for _, caution := range cautions(rep) {
		const word = "CAUTION:"
		b.WriteString(l.in(text.FgYellow, word) + strings.TrimPrefix(l.paragraph(word+" "+caution), word))
	}
	b.WriteString(l.paragraph(context(rep, l.width)) + "\n")
	if table := newShortTable(rep, o.InOrder); len(table.lines) > 0 {
		b.WriteString(l.shortTable(table) + "\n")
	}
	for _, note := range shortNotes(rep) {
		b.WriteString(l.paragraph(note))
	}
	return b.String()
}

// paragraph wraps s to the width, and breaks words that are longer. It ends the last line.
func (l layout) paragraph(s string) string {
	return text.WrapText(l.wrap("", s), l.width) + "\n"
}

// context says what was measured and where. It says when and by which version too, if that takes no
// further line.
func context(rep *Report, width int) string {
	p, e := rep.Plan, rep.Env
	data := "N = " + count(p.N) + ", " + Plural(p.Features, "feature")
	if p.Data != "" {
		data = p.Source() + ", " + data
	}
	threads := Plural(e.Threads, "thread")
	if p.Threads > 0 && p.Threads < e.Threads {
		threads = fmt.Sprintf("%d of %s", p.Threads, threads)
	}
	line := Plural(p.Epochs, "epoch") + ", " + data + "; " + processorName(e.CPU) + ", " + threads
	date := ""
	if !rep.Time.IsZero() {
		date = rep.Time.Format("2 Jan 2006")
	}
	wraps := columns(line) > width
	for _, more := range []string{date, rep.Version} {
		if longer := line + "; " + more; more != "" && (wraps || columns(longer) <= width) {
			line = longer
		}
	}
	return line
}

// processorName shortens the name that a processor gives itself: "Intel(R) Xeon(R) Gold 6348 CPU @
// 2.60GHz" becomes "Intel Xeon Gold 6348".
func processorName(brand string) string {
	brand, _, _ = strings.Cut(strings.NewReplacer("(R)", "", "(TM)", "", "(r)", "", "(tm)", "").Replace(brand), "@")
	words := slices.DeleteFunc(strings.Fields(brand), func(word string) bool {
		return word == "CPU" || word == "Processor" || strings.HasSuffix(word, "-Core")
	})
	return strings.Join(words, " ")
}

// cautions returns what the reader must know before believing a number.
func cautions(rep *Report) []string {
	var out []string
	if wrong := rep.having(bench.Wrong); len(wrong) > 0 {
		out = append(out, names(wrong)+" gave a WRONG answer.")
	}
	switch rep.End {
	case journal.InProgress:
		out = append(out, "the run is in progress; this is what is known so far.")
	case journal.Interrupted, journal.CutShort:
		out = append(out, "the run was "+rep.End+"; this is what was known by then.")
	}
	var software []*Row
	for i := range rep.Rows {
		if row := &rep.Rows[i]; row.Run != nil && row.Info.Software {
			software = append(software, row)
		}
	}
	if len(software) > 0 {
		out = append(out, fmt.Sprintf("%s ran on %s, a software renderer, not a GPU.", shortly(software, software, contender), software[0].Info.Device))
	}
	if rep.Grade == machine.Poor {
		var causes []string
		for _, a := range rep.Machine {
			if a.Grade != machine.Poor {
				continue
			}
			if causes == nil {
				value := a.Value
				if len(value) > 30 {
					value, _, _ = strings.Cut(value, ", ")
				}
				a.What += " (" + value + ")"
			}
			causes = append(causes, a.What)
		}
		out = append(out, "poor machine: "+strings.Join(causes, ", ")+"; 'descent check' has remedies.")
	}
	return out
}

// having returns the rows of a status.
func (rep *Report) having(status bench.Status) []*Row {
	var out []*Row
	for i := range rep.Rows {
		if row := &rep.Rows[i]; row.Status == status {
			out = append(out, row)
		}
	}
	return out
}

func names(rows []*Row) string {
	var out []string
	for _, row := range rows {
		out = append(out, row.Contender)
	}
	return strings.Join(out, ", ")
}

// shortNotes returns the lines below the table.
func shortNotes(rep *Report) []string {
	var out []string
	add := func(line string) {
		if line != "" {
			out = append(out, line)
		}
	}
	add(strings.Join(slices.DeleteFunc([]string{answers(rep), floorNote(rep), endNote(rep)}, func(s string) bool { return s == "" }), " "))
	add(legend(rep))
	add(boundNote(rep))
	add(pairedNote(rep))
	add(unreachedNote(rep))
	add(absentNote(rep))
	return out
}

// boundNote says what bounds the fastest row, unless the verdict says what bounds the GPU's best.
func boundNote(rep *Report) string {
	fastest := rep.FastestRow()
	if fastest == nil || deviceVerdict(rep, fastest) != "" {
		return ""
	}
	return boundSentence(fastest)
}

// pairedNote says why a ratio is not that of the times beside it, if one is far from it.
func pairedNote(rep *Report) string {
	base := rep.BaselineRow()
	for i := range rep.Rows {
		if row := &rep.Rows[i]; row.Run != nil && row.Baseline != nil {
			if off := row.Baseline.Ratio * row.PerEpoch() / base.PerEpoch(); off > 1.25 || off < 0.8 {
				return "A ratio is of samples taken side by side: it can differ from the ratio of the times."
			}
		}
	}
	return ""
}

// answers says how many answers are right.
func answers(rep *Report) string {
	right := len(rep.having(bench.OK))
	checked := right + len(rep.having(bench.Wrong))
	switch {
	case right == 0:
		return ""
	case right < checked:
		return fmt.Sprintf("%d of %d answers are right.", right, checked)
	case right == 1:
		return "The answer is right."
	case right == 2:
		return "Both answers are right."
	}
	return fmt.Sprintf("All %d answers are right.", right)
}

func floorNote(rep *Report) string {
	if rep.Null == nil || rep.Null.Floor == 0 {
		return ""
	}
	if rep.Null.Floor >= 1 {
		return "Noise: the same contender, run twice, differed by " + difference(rep.Null.Floor) + "."
	}
	return "Noise floor " + percent(rep.Null.Floor) + "."
}

// endNote says why the run ended, if it ended in order.
func endNote(rep *Report) string {
	resolution := fmt.Sprintf("%.3g%%", 100*rep.Plan.Resolution)
	switch {
	case len(rep.having(bench.OK)) == 0:
		return ""
	case rep.End == journal.Resolved:
		return "The ranking is settled."
	case rep.End == journal.OutOfBudget && rep.Plan.Processes > 0:
		return "Budget of " + Span(rep.Plan.Budget) + " ended the run early."
	case rep.End == journal.OutOfBudget:
		return "Budget of " + Span(rep.Plan.Budget) + " ended the run before " + resolution + "."
	}
	return ""
}

// legend explains the marks in the table.
func legend(rep *Report) string {
	var out []string
	if len(rep.fastestRows()) > 1 {
		out = append(out, fastestMark+" none of these is shown to be slower than another.")
	}
	least, most := 0, 0
	few := false
	algorithms := map[string]bool{}
	for i := range rep.Rows {
		row := &rep.Rows[i]
		if row.Run == nil {
			continue
		}
		if row.Epochs != rep.Plan.Epochs {
			if least == 0 || row.Epochs < least {
				least = row.Epochs
			}
			most = max(most, row.Epochs)
		}
		few = few || row.Run.Lo == 0
		if row.Info.Algorithm != "" && !algorithms[brief(row.Info.Algorithm)] {
			algorithms[brief(row.Info.Algorithm)] = true
			out = append(out, algorithmMark+" "+brief(row.Info.Algorithm)+".")
		}
	}
	switch {
	case most > least:
		out = append(out, fmt.Sprintf("%s %s to %s timed, scaled.", scaledMark, count(least), Plural(most, "epoch")))
	case most > 0:
		out = append(out, fmt.Sprintf("%s %s timed, scaled.", scaledMark, Plural(most, "epoch")))
	}
	if few {
		out = append(out, "An interval takes 5 processes.")
	}
	return strings.Join(out, "  ")
}

// unreachedNote names the contenders that the run ended before.
func unreachedNote(rep *Report) string {
	var rows []*Row
	for _, row := range rep.having(bench.Failed) {
		if row.Unreached() {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return ""
	}
	return "Not measured before the end: " + names(rows) + "."
}

// absentNote names the contenders that cannot run here, grouped by the reason in brief.
func absentNote(rep *Report) string {
	rows := rep.having(bench.Unavailable)
	reasons, of := alike(rows, func(row *Row) string { return brief(row.Note) })
	var out []string
	for _, reason := range reasons {
		out = append(out, crowd(of[reason])+" ("+reason+")")
	}
	if out == nil {
		return ""
	}
	return "Not run: " + strings.Join(out, ", ") + ". --details=notes says what to do."
}

// crowd names the backends of rows in few words. The forms of OpenGL are one, and of more than
// three backends it names the first.
func crowd(rows []*Row) string {
	var backends []string
	for _, row := range rows {
		name := row.Backend
		if name == "gl" || strings.HasPrefix(name, "gl-") {
			name = "OpenGL"
		}
		if !slices.Contains(backends, name) {
			backends = append(backends, name)
		}
	}
	if len(backends) > 3 {
		return fmt.Sprintf("%s and %d more", backends[0], len(backends)-1)
	}
	return strings.Join(backends, ", ")
}

// brief returns the first words of a reason, which stand before a colon: "not installed: the
// Python library numpy" becomes "not installed".
func brief(reason string) string {
	const most = 40
	reason, _, _ = strings.Cut(reason, ": ")
	return cut(reason, most)
}

// pad fills s with blanks up to width.
func pad(s string, width int) string { return s + strings.Repeat(" ", max(0, width-columns(s))) }

// cut cuts s, which has no escape codes, to width, and then ends it with an ellipsis.
func cut(s string, width int) string {
	if columns(s) <= width {
		return s
	}
	if width < 1 {
		return ""
	}
	return text.Trim(s, width-1) + "…"
}
