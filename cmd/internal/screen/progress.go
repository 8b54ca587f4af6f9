package screen

import (
	"io"
	"strings"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Progress shows on a terminal how far a command is: one line, drawn again in its place. It shows
// nothing elsewhere. A terminal that understands no control characters (TERM=dumb) gets a plain
// line every plainEvery.
//
// Tell draws if a second has passed since the line was drawn, or if the command does something else
// by now. So most drawing is done between samples. A timer draws only in a step that takes longer
// than a second: a clock that stands still looks like a hang. A draw takes some 30 µs, which is
// nothing in a second.
type Progress struct {
	w       io.Writer
	of      func() Screen // describes w by now: a window changes its size
	mu      sync.Mutex
	line    Line // nil between End and the next Tell
	timer   *time.Timer
	drawn   time.Time
	columns int // of the line on the screen
}

// A Line says how far a command is.
type Line interface {
	// at returns the line for the time now, in at most width columns.
	at(now time.Time, width int) string
	// phase names what the command does, if that is worth drawing at once.
	phase() string
}

const (
	drawEvery  = time.Second
	plainEvery = 30 * time.Second
)

// NewProgress returns a Progress that draws on w.
func NewProgress(w io.Writer) *Progress {
	return &Progress{w: w, of: func() Screen { return Of(w) }}
}

// Tell says how far the command is.
func (p *Progress) Tell(line Line) {
	to := p.of()
	if !to.Terminal {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	changed := p.line == nil || p.line.phase() != line.phase()
	p.line = line
	if changed && !to.Dumb || time.Since(p.drawn) >= to.every() {
		p.draw(to)
	}
	if p.timer == nil {
		p.timer = time.AfterFunc(to.every(), p.tick)
	} else {
		p.timer.Reset(to.every())
	}
}

// End removes the line. Whoever prints anything else calls it first.
func (p *Progress) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.line == nil {
		return
	}
	p.line = nil
	p.timer.Stop()
	if to := p.of(); !to.Dumb {
		p.show("", to.Width)
	}
}

// tick draws the line if nothing was told for a while.
func (p *Progress) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.line != nil {
		to := p.of()
		p.draw(to)
		p.timer.Reset(to.every())
	}
}

// every returns how often a line is drawn.
func (s Screen) every() time.Duration {
	if s.Dumb {
		return plainEvery
	}
	return drawEvery
}

// draw draws the line. Many terminals wrap when a character stands in the last column, so that one
// stays free. An error of writing does not matter.
func (p *Progress) draw(to Screen) {
	p.drawn = time.Now()
	line := text.Trim(to.printable(p.line.at(p.drawn, to.Width-1)), to.Width-1)
	if to.Dumb {
		io.WriteString(p.w, line+"\n")
		return
	}
	p.show(line, to.Width)
}

// show replaces what is on the screen by line. Blanks remove the rest of a longer line: they need
// no escape codes.
func (p *Progress) show(line string, width int) {
	columns := text.StringWidth(line)
	drawn, end := p.columns, ""
	if line == "" {
		drawn, end = drawn+len("^C"), "\r" // the terminal may have echoed a Ctrl-C
	}
	blanks := max(0, min(drawn, width-1)-columns)
	io.WriteString(p.w, "\r"+line+strings.Repeat(" ", blanks)+end)
	p.columns = columns
}
