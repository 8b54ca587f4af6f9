package sweep

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench/journal"
	"descent/bench/stats"
	"descent/bench/typeset"
)

// A page collects the parts of a report. Between two of them is an empty line.
type page struct {
	typeset.Layout
	details bool // everything is written
	parts   []string
	said    map[string]bool // the explanations that were written
}

// long reports whether tables have all of their rows: in the details, and in Markdown, which has no
// screen to fit.
func (p *page) long() bool { return p.details || p.Width == 0 }

// writePages writes the report that is read, as text or as Markdown.
func writePages(w io.Writer, markdown bool, sweeps []*Sweep, o Options) error {
	p := &page{Layout: typeset.Markdown, details: len(o.Details) > 0, said: map[string]bool{}}
	if !markdown {
		p.Layout = typeset.Terminal(cmp.Or(o.Width, 80), o.Color, o.ASCII)
	}
	for i, s := range sweeps {
		if i > 0 {
			p.parts = append(p.parts, p.Rule)
		}
		p.sweep(s)
	}
	if !markdown {
		p.files(o)
	}
	out := strings.Join(p.parts, "\n\n") + "\n"
	if last := sweeps[len(sweeps)-1]; o.Height > 0 && strings.Count(out, "\n") >= o.Height {
		out += "\n" + p.Strong(p.line(verdicts(last)[0])) + "\n"
	}
	_, err := io.WriteString(w, out)
	return err
}

// sweep adds the report of one sweep.
func (p *page) sweep(s *Sweep) {
	head := p.head(s)
	p.section(head...)
	if p.brief(s) {
		p.section(p.lines(p.notes(s))...)
		return
	}
	for _, pr := range s.ordered() {
		p.problem(s, pr)
	}
	if p.details {
		p.evidence(s)
	}
	p.section(p.lines(p.notes(s))...)
}

// brief reports whether the report has no tables: they would be of one side. A sweep that did not
// end in order has them all the same, because they are all that it knows.
func (p *page) brief(s *Sweep) bool {
	main := s.main()
	unended := s.End == journal.InProgress || s.End == journal.Interrupted || s.End == journal.CutShort
	return !p.details && !unended && (main == nil || main.compared() == nil)
}

// line lays a paragraph out.
func (p *page) line(s string) string {
	if p.Width == 0 {
		return s
	}
	return strings.TrimSuffix(p.Paragraph(s), "\n")
}

func (p *page) lines(all []string) []string {
	var out []string
	for _, s := range all {
		out = append(out, p.line(s))
	}
	return out
}

// section adds lines without empty lines between them.
func (p *page) section(lines ...string) {
	if len(lines) > 0 {
		p.parts = append(p.parts, strings.Join(lines, p.Line))
	}
}

// table adds a grid below a title, and notes below it, each once a report. It adds nothing if the
// grid has no rows.
func (p *page) table(title string, g typeset.Grid, notes ...string) {
	if len(g.Rows) == 0 {
		return
	}
	g.Bare = true
	var head string
	if title != "" {
		head = p.Strong(p.line(title)) + p.Line
	}
	out := head + p.Grid(g)
	for _, note := range notes {
		if note != "" && !p.said[note] {
			p.said[note] = true
			out += p.Line + p.line(note)
		}
	}
	p.parts = append(p.parts, out)
}

// head has the verdict, the cautions, and what was measured where.
func (p *page) head(s *Sweep) []string {
	var out []string
	for _, verdict := range verdicts(s) {
		out = append(out, p.Strong(p.line(verdict)))
	}
	for _, caution := range s.cautions() {
		if p.Width == 0 {
			out = append(out, "CAUTION: "+caution)
		} else {
			out = append(out, strings.TrimSuffix(p.Caution(caution), "\n"))
		}
	}
	return append(out, p.line(s.context()))
}

// cautions returns what the reader must know before believing a number.
func (s *Sweep) cautions() []string {
	var out, wrong []string
	for i := range s.Problems {
		wrong = append(wrong, s.Problems[i].wrong()...)
	}
	if len(wrong) > 0 {
		out = append(out, atMost(wrong, 3)+" gave a WRONG answer.")
	}
	switch s.End {
	case journal.InProgress:
		out = append(out, "the sweep is in progress; this is what is known so far.")
	case journal.Interrupted, journal.CutShort:
		out = append(out, "the sweep was "+s.End+"; this is what was known by then. --resume goes on.")
	}
	for i := range s.Problems {
		p := &s.Problems[i]
		if worst := p.Map.worst(); worst > mostError {
			out = append(out, fmt.Sprintf("Do not rely on the computed cells of the map%s: %s found one off by %s.", s.in(p),
				typeset.Plural(len(p.Map.Checks), "check"), percent(worst)))
		}
	}
	return append(out, s.Warnings...)
}

// mostError is the largest error of a computed cell that readers need no warning of.
const mostError = 0.25

// worst returns the largest error of the checks of a map.
func (m *Map) worst() float64 {
	worst := 0.0
	for _, check := range m.Checks {
		worst = max(worst, check.Error)
	}
	return worst
}

// percent formats a share in whole percent.
func percent(share float64) string { return fmt.Sprintf("%.0f%%", math.Ceil(100*share)) }

// atMost lists names, of which it leaves out those beyond most.
func atMost(names []string, most int) string {
	if more := len(names) - most; more > 0 {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, ", ")
}

// context says what was measured, where and when.
func (s *Sweep) context() string {
	e := s.Env
	threads := ""
	if e.Threads > 0 {
		threads = ", " + typeset.Plural(e.Threads, "thread")
	}
	if n := s.Plan.Threads; n > 0 && n < e.Threads {
		threads = fmt.Sprintf(", %d of %s", n, typeset.Plural(e.Threads, "thread"))
	}
	var parts []string
	if main := s.main(); main != nil {
		what := typeset.Plural(main.Epochs, "epoch")
		if len(s.Problems) == 1 || main.name(s) == main.Precision {
			what += ", " + typeset.Plural(main.Features, "feature")
		}
		parts = append(parts, what)
	}
	if s.Sides[0].Machine == "" {
		parts = append(parts, typeset.ProcessorName(e.CPU)+threads)
	}
	for side, sd := range s.Sides {
		if sd.Machine != "" {
			processor, rest := sd.Machine, ""
			if i := strings.LastIndex(processor, ", "); i > 0 { // its threads follow
				processor, rest = processor[:i], processor[i:]
			}
			parts = append(parts, fmt.Sprintf("machine %d: %s", side+1, typeset.ProcessorName(processor)+rest))
		}
		if sd.Device != "" && sd.Device != "cpu" && !sd.Software {
			parts = append(parts, s.short(side)+": "+sd.Device)
		}
	}
	if !s.Time.IsZero() {
		parts = append(parts, s.Time.Format("2 Jan 2006"))
	}
	if s.Version != "" {
		parts = append(parts, s.Version)
	}
	return strings.Join(parts, "; ")
}

// problem adds the tables and answers of one problem.
func (p *page) problem(s *Sweep, pr *Problem) {
	title := ""
	if len(s.Problems) > 1 {
		title = pr.name(s)
	}
	p.sizes(title, s, pr)
	p.breakEven(s, pr)
	p.winners(s, pr, &pr.Map, "Who wins for N rows and K epochs from a cold start")
	if pr.CostMap != nil {
		p.winners(s, pr, pr.CostMap, "Who is cheaper for N rows and K epochs from a cold start")
	}
	p.reasons(s, pr)
}

// files says where the samples are, and how to see more.
func (p *page) files(o Options) {
	var out []string
	if o.File != "" {
		out = append(out, p.Spell("Samples: "+o.File))
	}
	if !p.details {
		more, file := "More: descent report --details ", cmp.Or(o.File, "FILE")
		if typeset.Columns(more+file) > p.Width { // so that it can be copied whole
			more = strings.Replace(more, " ", p.Line, 1)
		}
		out = append(out, more+p.Spell(file))
	}
	p.parts[len(p.parts)-1] += p.Line + strings.Join(out, p.Line)
}

// color returns the colour of a side that wins.
func color(side int) text.Color {
	switch side {
	case 0:
		return text.FgCyan
	case 1:
		return text.FgGreen
	}
	return 0
}

// likely returns the side that the 95% interval shows to be faster, beyond the noise floor, without
// being shown to win; -1 if there is none.
func (at *Size) likely() int {
	switch r := at.Ratio; {
	case r == nil || at.Winner >= 0 || r.Lo == 0:
	case r.Lo > 1+at.Floor:
		return 1
	case r.Hi*(1+at.Floor) < 1:
		return 0
	}
	return -1
}

// winnerCell says who wins at a size, and by how much: GPU 3.1x (2.9–3.4).
func (p *page) winnerCell(s *Sweep, at *Size, interval bool) string {
	switch {
	case at.Ratio == nil:
		return "gap"
	case at.Winner >= 0:
		r := towards(at.Winner, at.Ratio)
		words := p.In(color(at.Winner), s.short(at.Winner)+" "+typeset.AsFast(r))
		if interval {
			words += " " + typeset.Within(r)
		}
		return strings.TrimSpace(words)
	case at.Ratio.Lo == 0:
		side := 0
		if at.Ratio.Ratio > 1 {
			side = 1
		}
		return s.short(side) + " about " + typeset.Factor(towards(side, at.Ratio).Ratio) + "x"
	}
	words, r := string(stats.CannotTell), at.Ratio
	if side := at.likely(); side >= 0 {
		words, r = s.short(side)+"?", towards(side, at.Ratio)
	}
	if interval {
		words += " " + typeset.Within(r)
	}
	return words
}
