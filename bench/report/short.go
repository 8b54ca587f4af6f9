package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/machine"
	"descent/bench/typeset"
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
		out += l.Spell("Samples: "+o.File) + "\n"
	}
	more := "More: descent report --details "
	if o.File == "" || typeset.Columns(more+o.File) > l.Width {
		out += more + "FILE\n"
	} else {
		out += more + l.Spell(o.File) + "\n"
	}
	if last := reps[len(reps)-1]; o.Height > 0 && strings.Count(out, "\n") >= o.Height {
		out += "\n" + l.Strong(l.Paragraph(verdict(last)))
	}
	_, err := io.WriteString(w, out)
	return err
}

// shortRun returns the short report of one run.
func (l layout) shortRun(rep *Report, o Options) string {
	var b strings.Builder
	b.WriteString(l.Strong(l.Paragraph(verdict(rep))))
	for _, caution := range cautions(rep) {
		b.WriteString(l.Caution(caution))
	}
	b.WriteString(l.Paragraph(context(rep, l.Width)) + "\n")
	if table := newShortTable(rep, o.InOrder); len(table.lines) > 0 {
		b.WriteString(l.shortTable(table) + "\n")
	}
	for _, note := range shortNotes(rep) {
		b.WriteString(l.Paragraph(note))
	}
	return b.String()
}

// context says what was measured and where. It says when and by which version too, if that takes no
// further line.
func context(rep *Report, width int) string {
	p, e := rep.Plan, rep.Env
	data := "N = " + typeset.Count(p.N) + ", " + typeset.Plural(p.Features, "feature")
	if p.Data != "" {
		data = p.Source() + ", " + data
	}
	threads := typeset.Plural(e.Threads, "thread")
	if p.Threads > 0 && p.Threads < e.Threads {
		threads = fmt.Sprintf("%d of %s", p.Threads, threads)
	}
	line := typeset.Plural(p.Epochs, "epoch") + ", " + data + "; " + typeset.ProcessorName(e.CPU) + ", " + threads
	date := ""
	if !rep.Time.IsZero() {
		date = rep.Time.Format("2 Jan 2006")
	}
	wraps := typeset.Columns(line) > width
	for _, more := range []string{date, rep.Version} {
		if longer := line + "; " + more; more != "" && (wraps || typeset.Columns(longer) <= width) {
			line = longer
		}
	}
	return line
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
		return "Noise: the same contender, run twice, differed by " + typeset.Difference(rep.Null.Floor) + "."
	}
	return "Noise floor " + typeset.Percent(rep.Null.Floor) + "."
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
		return "Budget of " + typeset.Span(rep.Plan.Budget) + " ended the run early."
	case rep.End == journal.OutOfBudget:
		return "Budget of " + typeset.Span(rep.Plan.Budget) + " ended the run before " + resolution + "."
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
		if row.Info.Algorithm != "" && !algorithms[typeset.Brief(row.Info.Algorithm)] {
			algorithms[typeset.Brief(row.Info.Algorithm)] = true
			out = append(out, algorithmMark+" "+typeset.Brief(row.Info.Algorithm)+".")
		}
	}
	switch {
	case most > least:
		out = append(out, fmt.Sprintf("%s %s to %s timed, scaled.", scaledMark, typeset.Count(least), typeset.Plural(most, "epoch")))
	case most > 0:
		out = append(out, fmt.Sprintf("%s %s timed, scaled.", scaledMark, typeset.Plural(most, "epoch")))
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
	reasons, of := alike(rows, func(row *Row) string { return typeset.Brief(row.Note) })
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
