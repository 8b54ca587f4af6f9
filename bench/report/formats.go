package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Options are all that a rendering depends on besides the rows.
type Options struct {
	Color bool // the reader is a terminal that shows colours
}

// formatsOf are the renderings of several values of one kind, by the names of the formats.
type formatsOf[T any] map[string]func(io.Writer, []*T, Options) error

var formats = formatsOf[Report]{
	"bench":    goBench,
	"csv":      csvTable,
	"json":     jsonValue[Report],
	"markdown": func(w io.Writer, reps []*Report, _ Options) error { return inMarkdown.write(w, reps) },
	"text":     func(w io.Writer, reps []*Report, o Options) error { return inText(o).write(w, reps) },
}

func (f formatsOf[T]) write(w io.Writer, format string, values []*T, o Options) error {
	if err := CheckFormat(format); err != nil {
		return err
	}
	return f[format](w, values, o)
}

// Formats returns the names of the formats, sorted.
func Formats() []string { return slices.Sorted(maps.Keys(formats)) }

// CheckFormat reports a name that is no format.
func CheckFormat(name string) error {
	if formats[name] == nil {
		return fmt.Errorf("format %q is not one of %s", name, strings.Join(Formats(), ", "))
	}
	return nil
}

// Write renders the reports of one or more runs to w in the named format.
func Write(w io.Writer, format string, reps []*Report, o Options) error {
	return formats.write(w, format, reps, o)
}
