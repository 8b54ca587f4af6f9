package screen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench/driver"
	"descent/bench/typeset"
)

// A Run is the line of a run, with the fastest contender first:
//
//	gen 7, 2m10 of 5m · simd 9.4 ms · loop 95 ms · numpy 153 ms
//
// In a step that takes long, it says which contender it waits for. A run may exceed its budget: it
// does not stop in a sample, and each contender has its fewest samples. The line says that too.
type Run driver.Progress

// A step of this length is worth a word. Most are shorter.
const longStep = 2 * time.Second

func (r Run) phase() string { return "" }

func (r Run) at(now time.Time, width int) string {
	head := fmt.Sprintf("gen %d", r.Generation)
	if r.Generation <= r.Generations {
		head += fmt.Sprintf(" of %d", r.Generations)
	}
	head += ", " + spentOf(now.Sub(r.Start), r.Budget)
	return join(append([]part{{head, 0}}, r.standings(now)...), width)
}

// spentOf says how much of a budget is used up.
func spentOf(elapsed, budget time.Duration) string {
	if elapsed <= budget {
		return clock(elapsed) + " of " + shortClock(budget)
	}
	return clock(elapsed) + ", over " + shortClock(budget)
}

// standings returns what goes on, if it takes long, and the contenders with times. Their ranks
// begin at 1.
func (r Run) standings(now time.Time) (parts []part) {
	waited := now.Sub(r.Since)
	if waited >= longStep || len(r.Standings) == 0 {
		parts = append(parts, part{r.turn(waited), 1})
	}
	const fastest, base, inTurn, others = 2, 3, 4, 5
	baseline := r.baseline()
	for i, s := range r.Standings {
		rank := others + i
		switch {
		case i == 0:
			rank = fastest
		case s.Name == baseline:
			rank = base
		case s.Name == r.Turn && waited >= longStep:
			rank = inTurn
		}
		name := r.short(s.Name)
		if s.OtherAlgorithm {
			name += " †"
		}
		parts = append(parts, part{name + " " + twoDigits(s.Time), rank})
	}
	return parts
}

// turn says what goes on.
func (r Run) turn(waited time.Duration) string {
	out := "now " + r.short(r.Turn)
	if r.Starting {
		out = "starting " + r.short(r.Turn)
	}
	if waited >= longStep {
		out += ", " + clock(waited)
	}
	return out
}

// baseline returns the contender that a report compares the others with: loop, in f64 if it can be.
func (r Run) baseline() string {
	name := ""
	for _, s := range r.Standings {
		if s.Name == "loop/f64" || strings.HasPrefix(s.Name, "loop/") && name == "" {
			name = s.Name
		}
	}
	return name
}

// short returns a contender's name without its precision, if no other precision has a standing.
func (r Run) short(name string) string {
	backend, _, _ := strings.Cut(name, "/")
	for _, s := range r.Standings {
		if s.Name != name && strings.HasPrefix(s.Name, backend+"/") {
			return name
		}
	}
	return backend
}

// A Job is the line of anything else: what is done, for how long by now, and how much is left.
type Job struct {
	Doing  string
	Detail string
	Start  time.Time // zero if the time by now is not worth a word
	Done   float64   // share of the work, 0 if it is not known
	Ends   time.Time // an estimate, zero if there is none
}

func (j Job) phase() string { return j.Doing }

func (j Job) at(now time.Time, width int) string {
	parts := []part{{j.Doing, 0}}
	if j.Detail != "" {
		parts = append(parts, part{j.Detail, 4})
	}
	if j.Done > 0 {
		parts = append(parts, part{fmt.Sprintf("%d%%", int(100*j.Done)), 1})
	}
	if passed := now.Sub(j.Start); !j.Start.IsZero() && passed >= time.Second {
		parts = append(parts, part{clock(passed), 3})
	}
	if left := j.Ends.Sub(now).Round(time.Second); left > 0 {
		parts = append(parts, part{"about " + clock(left) + " left", 2})
	}
	return join(parts, width)
}

// A part of a line is shown whole or not at all. The part of rank 0 is always shown.
type part struct {
	text string
	rank int
}

// join returns the parts in their order, without those of the highest ranks if they do not all fit.
func join(parts []part, width int) string {
	const separator = " · "
	ranked := slices.SortedStableFunc(slices.Values(parts), func(a, b part) int { return a.rank - b.rank })
	last := ranked[0].rank
	room := width - text.StringWidth(ranked[0].text)
	for _, p := range ranked[1:] {
		if room -= text.StringWidth(separator + p.text); room < 0 {
			break
		}
		last = p.rank
	}
	var kept []string
	for _, p := range parts {
		if p.rank <= last {
			kept = append(kept, p.text)
		}
	}
	return text.Snip(strings.Join(kept, separator), width, "…")
}

// clock formats a time in whole seconds: 45s, 2m10, 1h05.
func clock(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%02d", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%dh%02d", d/time.Hour, d%time.Hour/time.Minute)
}

// shortClock is clock for a time that does not run: 5m, not 5m00, and 1.5s.
func shortClock(d time.Duration) string {
	if d < time.Minute {
		return d.String()
	}
	return strings.TrimSuffix(clock(d), "00")
}

// twoDigits formats a time with its unit, in two digits, or in three from 100 on: 9.4 ms.
func twoDigits(d time.Duration) string {
	size, unit := time.Nanosecond, "ns"
	switch {
	case d >= time.Second:
		size, unit = time.Second, "s"
	case d >= time.Millisecond:
		size, unit = time.Millisecond, "ms"
	case d >= time.Microsecond:
		size, unit = time.Microsecond, "µs"
	}
	v, decimals := float64(d)/float64(size), 0
	if v < 9.95 {
		decimals = 1
	}
	return strconv.FormatFloat(v, 'f', decimals, 64) + " " + unit
}

// printable returns the line in the characters of the locale, without control characters.
func (s Screen) printable(line string) string {
	line = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, line)
	if s.ASCII {
		return typeset.ASCII(line)
	}
	return line
}
