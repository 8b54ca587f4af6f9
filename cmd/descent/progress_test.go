package main

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/rogpeppe/go-internal/testscript"
)

var generationAndTime = regexp.MustCompile(`^gen (\d+)(?: of \d+)?, (?:(\d+)m)?(\d+)s?\b`)

// checkDrawn is the command "drawn WIDTH". The last stdout is what a run wrote to a terminal of so
// many columns. No redraw may reach the last column or go back, and the last one must leave
// nothing.
func checkDrawn(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: drawn WIDTH")
	}
	width, err := strconv.Atoi(args[0])
	ts.Check(err)
	drawn, _, _ := strings.Cut(ts.ReadFile("stdout"), "\n")
	draws := strings.Split(drawn, "\r")
	draws, after := draws[:len(draws)-1], draws[len(draws)-1]
	last := 0
	for _, line := range draws {
		if text.StringWidth(line) >= width || strings.ContainsRune(line, '\x1b') {
			ts.Fatalf("%q is too wide for %d columns, or has escape codes", line, width)
		}
		found := generationAndTime.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		at := 0
		for _, digits := range found[1:] {
			n, _ := strconv.Atoi(digits)
			at = 100*at + n
		}
		if at < last {
			ts.Fatalf("%q goes back", line)
		}
		last = at
	}
	if last == 0 || strings.TrimSpace(draws[len(draws)-1]) != "" || strings.HasPrefix(after, "gen") {
		ts.Fatalf("no generations were drawn, or something is left of them: %q, %q", draws, after)
	}
}
