package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Options change how rows are rendered.
type Options struct {
	Color  bool // write colours for a terminal
	Width  int  // of the output in columns; 0 is 80, and 100 for the detailed report
	Height int  // of the screen in lines; 0 if there is no screen
	ASCII  bool // write no other characters
	// Details names the sections of the detailed report to write in place of the short one.
	Details []string
	InOrder bool   // rows in the order of the run, not by time
	File    string // the results file, as the report is to name it; "" does not name it
	Wide    bool   // CSV with all columns
}

// formatsOf maps the name of a format to the function that writes values in it.
type formatsOf[T any] map[string]func(io.Writer, []*T, Options) error

var formats = formatsOf[Report]{
	"bench":    goBench,
	"csv":      csvTable,
	"json":     jsonRuns,
	"markdown": markdown,
	"text": func(w io.Writer, reps []*Report, o Options) error {
		if len(o.Details) > 0 {
			return details(w, reps, o)
		}
		return short(w, reps, o)
	},
}

func (f formatsOf[T]) write(w io.Writer, format string, values []*T, o Options) error {
	if err := CheckFormat(format); err != nil {
		return err
	}
	return f[format](w, values, o)
}

// Formats returns the names of the formats, sorted.
func Formats() []string { return slices.Sorted(maps.Keys(formats)) }

// CheckFormat returns an error if name is not one of Formats.
func CheckFormat(name string) error {
	if formats[name] == nil {
		return fmt.Errorf("format %q is not one of %s", name, strings.Join(Formats(), ", "))
	}
	return nil
}

// Write writes the reports of one or more runs to w. format is one of Formats.
func Write(w io.Writer, format string, reps []*Report, o Options) error {
	return formats.write(w, format, reps, o)
}
