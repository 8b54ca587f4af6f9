// Package forms times an epoch in each form of the OpenGL contenders, by size.
package forms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"descent/bench/typeset"
	"descent/cmd/internal/builtin"
	"descent/cmd/internal/screen"
	"descent/dataset"
	"descent/gpu"
	"descent/gpu/device"
)

// A Table says how long an epoch takes in each form of the OpenGL contenders, by size.
type Table []gpu.FormTimes

// formSizes are the numbers of observations in the table, each of one feature.
var formSizes = []int{100, 1000, 10_000, 100_000, 1_000_000, 10_000_000}

// formsTime is about how long the table may take. The driver of a GPU spends most of it on
// compiling variants of shaders. It may cache them for the next time.
const (
	formsTime         = time.Minute
	softwareFormsTime = 10 * time.Second
)

// Measure opens the device that o chooses and makes the table, with progress on a terminal. It
// stops when ctx ends, with the error of ctx; o.Cancel must be the end of ctx. Beside an error it
// returns the rows that are known.
func Measure(ctx context.Context, o gpu.Options, stderr io.Writer) (forms Table, err error) {
	c, err := device.Open(o.Options)
	if err != nil {
		return nil, fmt.Errorf("--probe: %w", err)
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	show := screen.NewProgress(stderr)
	defer show.End()
	take := func(n int, precision dataset.Precision) (gpu.FormTimes, error) {
		return gpu.TimeForms(c, n, precision, o.Cancel)
	}
	forms, err = timeForms(take, c.Device(), time.Now, func(j screen.Job) { show.Tell(j) })
	switch {
	case err != nil && ctx.Err() != nil:
		err = ctx.Err()
	case err != nil:
		err = fmt.Errorf("--probe: timing the forms on %s: %w", c.Device().Renderer, err)
	}
	return forms, err
}

// timeForms makes the table for a device, in the device's precisions. take times one row. If a size
// took longer than the time that is left, the next size is left out, and its row says so.
func timeForms(take func(n int, precision dataset.Precision) (gpu.FormTimes, error), info device.Info,
	now func() time.Time, tell func(screen.Job)) (Table, error) {
	limit := formsTime
	if info.Software {
		limit = softwareFormsTime
	}
	precisions := []dataset.Precision{dataset.Float64, dataset.Float32}
	if !info.Features.Float64 {
		precisions = precisions[1:]
	}
	var forms Table
	start, last := now(), map[dataset.Precision]time.Duration{}
	for _, n := range formSizes {
		for _, precision := range precisions {
			begin := now()
			left := limit - begin.Sub(start)
			tell(screen.Job{
				Doing: fmt.Sprintf("forms at N = %s, %v", typeset.Count(n), precision),
				Start: time.Now(),
				Done:  float64(len(forms)) / float64(len(formSizes)*len(precisions)),
			})
			if last[precision] > left {
				note := fmt.Sprintf("left out: the size before took %.1f s, and %.1f s of %.0f s are left", last[precision].Seconds(), max(0, left.Seconds()), limit.Seconds())
				forms = append(forms, gpu.FormTimes{N: n, Precision: precision, Notes: []string{note}})
				continue
			}
			times, err := take(n, precision)
			if err != nil {
				return forms, fmt.Errorf("%d samples in %v: %w", n, precision, err)
			}
			forms, last[precision] = append(forms, times), now().Sub(begin)
		}
	}
	return forms, nil
}

// Text returns the table, and below it the notes on its rows. A note on several rows is printed
// once.
func (f Table) Text() string {
	if len(f) == 0 {
		return ""
	}
	out := &strings.Builder{}
	var notes []string
	on := map[string][]string{} // the rows that a note is on
	out.WriteString("\nan epoch of 1 feature in each form\n     samples     ")
	for _, form := range formNames() {
		fmt.Fprintf(out, "  %11s", form)
	}
	out.WriteString("  gl takes\n")
	for _, row := range f {
		line := fmt.Sprintf("  %10s  %s", typeset.Count(row.N), row.Precision)
		for _, form := range formNames() {
			epoch := ""
			if d, timed := row.Epoch[form]; timed {
				epoch = typeset.Duration(d)
			}
			line += fmt.Sprintf("  %11s", epoch)
		}
		out.WriteString(strings.TrimRight(line+"  "+row.Best, " ") + "\n")
		for _, note := range row.Notes {
			if on[note] == nil {
				notes = append(notes, note)
			}
			on[note] = append(on[note], fmt.Sprintf("%s in %v", typeset.Count(row.N), row.Precision))
		}
	}
	for _, note := range notes {
		fmt.Fprintf(out, "  %s: %s\n", strings.Join(on[note], ", "), note)
	}
	return out.String()
}

// formNames returns the forms that gl chooses among.
func formNames() []string {
	var forms []string
	for _, c := range builtin.Contenders(builtin.Options{}) {
		if builtin.UsesGL(c.Backend) && c.Backend != "gl" && !slices.Contains(forms, c.Backend) {
			forms = append(forms, c.Backend)
		}
	}
	return forms
}
