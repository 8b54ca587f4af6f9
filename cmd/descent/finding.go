package main

import (
	"fmt"
	"strings"

	"descent/bench"
	"descent/bench/conformance"
)

// A finding is the outcome of one check of one contender, or that it is unavailable.
type finding struct {
	Contender     string       `json:"contender"`
	MaxBlockBytes int64        `json:"max_block_bytes,omitempty"` // the lowered limit on a storage block
	Check         string       `json:"check,omitempty"`
	Status        bench.Status `json:"status"`
	TimeNS        int64        `json:"time_ns,omitempty"`
	Note          string       `json:"note,omitempty"`
	Hint          string       `json:"hint,omitempty"`
}

// subject names what was checked.
func (f finding) subject() string {
	if f.MaxBlockBytes == 0 {
		return f.Contender
	}
	return fmt.Sprintf("%s in %d KiB blocks", f.Contender, f.MaxBlockBytes>>10)
}

// text is a finding's line, and below it what there is to say.
func (f finding) text(width int) string {
	const most = 10 // lines of the cases of one check
	out := &strings.Builder{}
	fmt.Fprintf(out, "%-*s  ", width, f.subject())
	switch f.Status {
	case bench.Unavailable:
		out.WriteString("unavailable:\n")
	case bench.OK:
		fmt.Fprintf(out, "%-*s  ok      %.1f s\n", longestPromise(), f.Check, float64(f.TimeNS)/1e9)
	default:
		fmt.Fprintf(out, "%-*s  %-6s  %.1f s\n", longestPromise(), f.Check, strings.ToUpper(string(f.Status)), float64(f.TimeNS)/1e9)
	}
	notes := strings.FieldsFunc(f.Note, func(r rune) bool { return r == '\n' })
	for _, note := range notes[:min(most, len(notes))] {
		out.WriteString("  " + note + "\n")
	}
	if more := len(notes) - most; more > 0 {
		fmt.Fprintf(out, "  and %d more, which --format json has\n", more)
	}
	if f.Hint != "" {
		out.WriteString("  hint: " + f.Hint + "\n")
	}
	return out.String()
}

func longestPromise() int {
	width := 0
	for _, c := range conformance.Checks() {
		width = max(width, len(c.Promise))
	}
	return width
}
