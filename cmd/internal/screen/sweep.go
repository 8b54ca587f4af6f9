package screen

import (
	"fmt"
	"time"

	"descent/bench/journal"
	"descent/bench/sweep/measure"
	"descent/bench/typeset"
)

// A Sweep is the line of a sweep: the size that is measured now, the time of the sweep, and the
// standings at this size.
//
//	N 4,096 (7 of 15) · 1m05 of 3m · about 1m40 left · simd 9.4 ms · loop 95 ms
//
// The sweep ends when its budget is used up, at the latest. How long it will take is estimated.
type Sweep measure.Progress

func (s Sweep) phase() string { return fmt.Sprint(s.Role, s.Visit) }

func (s Sweep) at(now time.Time, width int) string {
	head := "N " + typeset.Count(s.N)
	if s.Features > 1 {
		head += fmt.Sprintf(", P %d", s.Features)
	}
	switch s.Role {
	case journal.Refining:
		head = "narrowing: " + head
	case journal.AtAnEnd:
		head += " again"
	case journal.Checking:
		head = "checking the map: " + head
	}
	if s.Visits > 0 {
		head += fmt.Sprintf(" (%d of %d)", s.Visit, s.Visits)
	}
	parts := []part{{head, 0}, {spentOf(now.Sub(s.Start), s.Budget), 1}}
	if left := s.Ends.Sub(now); left >= time.Second {
		parts = append(parts, part{"about " + clock(left) + " left", 2})
	}
	switch {
	case s.Ceilings:
		return join(append(parts, part{"measuring the processor", 2}), width)
	case s.Run.Turn == "":
		return join(append(parts, part{"preparing the data", 2}), width)
	}
	for _, p := range Run(s.Run).standings(now) {
		p.rank++
		parts = append(parts, p)
	}
	return join(parts, width)
}
