package screen

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// drawOn returns a Progress on a screen, and what it wrote.
func drawOn(s Screen) (*Progress, *strings.Builder) {
	out := &strings.Builder{}
	return &Progress{w: out, of: func() Screen { return s }}, out
}

func TestTheLineIsDrawnOnceASecondInALongStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, out := drawOn(Screen{Terminal: true, Width: 30})
		p.Tell(Job{Doing: "reading", Start: time.Now()})
		time.Sleep(2500 * time.Millisecond)
		p.End()
		time.Sleep(time.Minute)
		want := "\rreading" + "\rreading · 1s" + "\rreading · 2s" + "\r" + strings.Repeat(" ", 14) + "\r"
		if out.String() != want {
			t.Errorf("%q, not %q", out, want)
		}
	})
}

func TestStepsThatAreShortDrawTheLineOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, out := drawOn(Screen{Terminal: true, Width: 80})
		start := time.Now()
		for range 30 {
			p.Tell(Run{Generation: 1, Start: start, Budget: time.Minute, Since: time.Now(), Turn: "loop/f64"})
			time.Sleep(100 * time.Millisecond)
		}
		p.End()
		if n := strings.Count(out.String(), "gen 1"); n != 3 {
			t.Errorf("%d lines in 3 s: %q", n, out)
		}
	})
}

func TestAnotherPhaseIsDrawnAtOnce(t *testing.T) {
	p, out := drawOn(Screen{Terminal: true, Width: 30})
	p.Tell(Job{Doing: "reading"})
	p.Tell(Job{Doing: "fitting"})
	p.End()
	if want := "\rreading\rfitting\r         \r"; out.String() != want {
		t.Errorf("%q, not %q", out, want)
	}
}

func TestAShorterLineLeavesNothingOfALongerOne(t *testing.T) {
	p, out := drawOn(Screen{Terminal: true, Width: 30})
	p.Tell(Job{Doing: "computing"})
	p.Tell(Job{Doing: "done"})
	if want := "\rcomputing\rdone     "; out.String() != want {
		t.Errorf("%q, not %q", out, want)
	}
	p.End()
}

func TestNothingIsDrawnElsewhereThanOnATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, out := drawOn(Screen{Width: 80})
		p.Tell(Job{Doing: "reading"})
		time.Sleep(time.Minute)
		p.End()
		if out.Len() > 0 {
			t.Errorf("%q", out)
		}
	})
}

func TestADumbTerminalGetsAPlainLineEveryHalfMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, out := drawOn(Screen{Terminal: true, Width: 80, Dumb: true})
		start := time.Now()
		for i := range 45 { // 90 s
			p.Tell(Job{Doing: string(rune('a' + i%26)), Start: start})
			time.Sleep(2 * time.Second)
			p.End()
		}
		if want := "a\np · 30s\ne · 1m00\n"; out.String() != want {
			t.Errorf("%q, not %q", out, want)
		}
	})
}

func TestALineIsInTheCharactersOfTheLocale(t *testing.T) {
	const line = "gram † 37 µs · mïne\x1b[2J\n…"
	for want, s := range map[string]Screen{
		"gram † 37 µs · mïne[2J…": {},
		"gram * 37 us | m?ne[2J.": {ASCII: true},
	} {
		if got := s.printable(line); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
