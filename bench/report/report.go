// Package report renders the runs of a results file, one file a format. Everything
// in it is a function of their rows: no clock, no machine.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"descent/bench"
)

// Options are what a rendering may depend on besides the rows.
type Options struct {
	Color bool // the reader is a terminal that shows colours
}

var formats = map[string]func(io.Writer, []*bench.Report, Options) error{
	"text":     textReport,
	"markdown": markdown,
	"csv":      csvTable,
	"json":     jsonValue,
}

// Formats returns the names of the formats, sorted.
func Formats() []string {
	names := make([]string, 0, len(formats))
	for name := range formats {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// CheckFormat reports a name that is no format.
func CheckFormat(name string) error {
	if formats[name] == nil {
		return fmt.Errorf("format %q is not one of %s", name, strings.Join(Formats(), ", "))
	}
	return nil
}

// Write renders the reports of one or more runs to w in the named format.
func Write(w io.Writer, format string, reps []*bench.Report, o Options) error {
	if err := CheckFormat(format); err != nil {
		return err
	}
	return formats[format](w, reps, o)
}

// baseline returns the row that speed-ups are against: the first loop that has times.
func baseline(rep *bench.Report) *bench.Row {
	var first *bench.Row
	for i := range rep.Rows {
		row := &rep.Rows[i]
		if row.Backend != "loop" || row.Run == nil {
			continue
		}
		if row.Precision == "f64" {
			return row
		}
		if first == nil {
			first = row
		}
	}
	return first
}

// speedup returns how many times base's time per epoch row's is; 0 where either has none.
func speedup(base, row *bench.Row) float64 {
	if base == nil || row.Run == nil {
		return 0
	}
	return base.PerEpoch() / row.PerEpoch()
}
