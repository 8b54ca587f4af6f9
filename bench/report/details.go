package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/typeset"
)

// AllSections stands for all of Sections.
const AllSections = "all"

// A section is a part of the detailed report. write adds its tables and paragraphs to a page. If it
// adds nothing, and the reader asked for this section, the page says none.
type section struct {
	name, none string
	write      func(*page, *Report)
}

var sections = []section{
	{"times", "No contender has a time.", (*page).times},
	{"trust", "The file does not say how the run ended.", (*page).trust},
	{"samples", "There are no samples.", (*page).samples},
	{"fairness", "No contender was ready to descend.", (*page).fairness},
	{"phases", "No contender compiles, or tells the phases of its work.", (*page).phases},
	{"bounds", "Nothing was measured that an epoch can be held against.", (*page).bounds},
	{"notes", "There is nothing to note.", (*page).notes},
}

// Sections returns the names of the detailed report's sections, in their order.
func Sections() []string {
	var names []string
	for _, s := range sections {
		names = append(names, s.name)
	}
	return names
}

// CheckSections returns an error if a name is neither one of Sections nor AllSections.
func CheckSections(names []string) error {
	for _, name := range names {
		if name != AllSections && !slices.Contains(Sections(), name) {
			return fmt.Errorf("section %q is not one of %s, %s", name, strings.Join(Sections(), ", "), AllSections)
		}
	}
	return nil
}

// details writes the sections that o.Details names of each run, one run after the other. If there
// are several, a table of all their times by size follows. Nothing is said twice.
func details(w io.Writer, reps []*Report, o Options) error {
	if err := CheckSections(o.Details); err != nil {
		return err
	}
	p := &page{
		layout: inText(o), all: slices.Contains(o.Details, AllSections), names: o.Details, inOrder: o.InOrder, said: map[string]bool{},
	}
	for i, rep := range reps {
		if i > 0 {
			p.parts = append(p.parts, p.Rule)
		}
		p.run(rep)
	}
	if all := newBySize(reps); len(reps) > 1 && len(all.names) > 0 && p.has("times") {
		p.parts = append(p.parts, p.Rule)
		all.write(p)
	}
	_, err := io.WriteString(w, strings.Join(p.parts, "\n\n")+"\n")
	return err
}

// A page collects the parts of a report. Between two of them is an empty line.
type page struct {
	layout
	all     bool     // all sections are written
	names   []string // the sections that are written
	inOrder bool     // rows in the order of the run, not by time
	parts   []string
	said    map[string]bool // the explanations and notes that were written
	machine string          // of the run before
	devices []string        // of the run; a device is called by its number
	noted   []note          // the notes of all runs so far, numbered from 1
	here    []int           // the numbers of the run's notes
	written int             // the number of the last note that was written
}

// has reports whether a section is written.
func (p *page) has(name string) bool { return p.all || slices.Contains(p.names, name) }

// run adds a run: its head, and then its sections.
func (p *page) run(rep *Report) {
	p.devices = devicesOf(rep)
	p.parts = append(p.parts, p.head(rep))
	p.number(notes(rep))
	for _, s := range sections {
		if !p.has(s.name) {
			continue
		}
		before := len(p.parts)
		if s.write(p, rep); len(p.parts) == before && !p.all {
			p.text(s.none)
		}
	}
}

// head says what the run was of, where, and on which devices.
func (p *page) head(rep *Report) string {
	lines := []string{p.Strong(p.Wrap("", problem(rep.Plan)))}
	if machine := machineLine(rep.Env); machine != p.machine {
		lines, p.machine = append(lines, p.Wrap("", machine)), machine
	}
	for i, device := range p.devices {
		lines = append(lines, p.Wrap(fmt.Sprintf("device %d: ", i+1), device))
	}
	return strings.Join(lines, p.Line)
}

// text adds a paragraph.
func (p *page) text(s string) { p.parts = append(p.parts, p.Wrap("", s)) }

// explain adds a paragraph unless it stands in the report already.
func (p *page) explain(s string) {
	if s != "" && !p.said[s] {
		p.said[s] = true
		p.text(s)
	}
}

// table adds a grid below a heading, unless the grid has no rows.
func (p *page) table(heading string, g typeset.Grid) {
	if len(g.Rows) > 0 {
		p.parts = append(p.parts, p.Strong(p.Wrap("", heading))+p.Line+p.Grid(g))
	}
}

// device returns what the page calls a row's device: the processor "cpu", and others by number.
func (p *page) device(row *Row) string {
	if row.Info.Place() == "cpu" {
		return said(row.Info.Device)
	}
	return p.deviceNumber(device(row.Info))
}

func (p *page) deviceNumber(name string) string {
	if i := slices.Index(p.devices, name); i >= 0 {
		return fmt.Sprintf("device %d", i+1)
	}
	return name
}

// devicesOf returns the devices of a run's contenders, the processor left out, each once.
func devicesOf(rep *Report) []string {
	var out []string
	for i := range rep.Rows {
		row := &rep.Rows[i]
		if name := device(row.Info); row.Info.Place() != "cpu" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func device(i bench.Info) string {
	if i.Software {
		return i.Device + " (software, not a GPU)"
	}
	return i.Device
}

func problem(p journal.Plan) string {
	data := fmt.Sprintf("N = %s, %s, seed %d", typeset.Count(p.N), typeset.Plural(p.Features, "feature"), p.Seed)
	if p.Data != "" {
		data = fmt.Sprintf("%s, N = %s, %s", p.Source(), typeset.Count(p.N), typeset.Plural(p.Features, "feature"))
	}
	return fmt.Sprintf("Batch gradient descent on least squares: %s; %s at rate %v", data, typeset.Plural(p.Epochs, "epoch"), p.Rate)
}

// machineLine describes a machine, as far as the file does.
func machineLine(e journal.Env) string {
	parts := []string{e.CPU, typeset.Plural(e.Threads, "thread"), e.SIMD}
	if e.Memory > 0 {
		parts = append(parts, typeset.Bytes(float64(e.Memory)))
	}
	parts = append(parts, e.OS)
	if e.Virtual != "" {
		parts = append(parts, "a "+e.Virtual+" guest")
	}
	parts = append(parts, e.GoVersion)
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}
