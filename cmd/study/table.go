package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"
)

// writeTable writes the tallies as a table in Markdown.
func writeTable(out io.Writer, tallies []*tally) error {
	_, err := fmt.Fprintln(out, "| planted slow-down | runs | called slower | called faster | no difference shown | cannot tell | told apart by the interval alone | interval holds the truth | samples | noise floor | a run takes |\n"+
		"| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, t := range tallies {
		if t.runs == 0 || err != nil {
			continue
		}
		known := t.runs - t.failed
		share := func(n int) string { return fmt.Sprintf("%d (%.0f%%)", n, 100*float64(n)/float64(max(1, known))) }
		_, err = fmt.Fprintf(out, "| %g%% | %d | %s | %s | %s | %s | %s | %s | %d | %.1f%% | %v |\n",
			100*t.planted, known, share(t.slower), share(t.faster), share(t.none), share(t.unclear), share(t.apart), share(t.covered),
			middle(t.blocks), 100*middle(t.floors), (t.took / time.Duration(t.runs)).Round(100*time.Millisecond))
	}
	return err
}

// middle returns the median of values: of an even number the upper of the two in the middle, of none 0.
func middle[T cmp.Ordered](values []T) (zero T) {
	if len(values) == 0 {
		return zero
	}
	return slices.Sorted(slices.Values(values))[len(values)/2]
}
