package sweep

import (
	"io"
	"slices"

	"descent/bench/report"
)

// Options change how sweeps are rendered. If Details names anything, the report has everything.
type Options struct {
	report.Options
	// Plain are runs of no sweep. They follow the sweeps.
	Plain []*report.Report
}

// Write writes sweeps to w, and then the plain runs of o. format is one of report.Formats.
func Write(w io.Writer, format string, sweeps []*Sweep, o Options) error {
	if err := report.CheckFormat(format); err != nil {
		return err
	}
	if len(sweeps) == 0 {
		return report.Write(w, format, o.Plain, o.Options)
	}
	switch format {
	case "json":
		return report.WriteSweepsJSON(w, sweeps, o.Plain)
	case "bench":
		return report.Write(w, format, slices.Concat(runs(sweeps), o.Plain), o.Options)
	case "csv":
		if len(o.Plain) > 0 { // one table has a line for each contender of each run
			return report.Write(w, format, slices.Concat(runs(sweeps), o.Plain), o.Options)
		}
		return writeCSV(w, sweeps, o.Wide)
	}
	if err := writePages(w, format == "markdown", sweeps, o); err != nil || len(o.Plain) == 0 {
		return err
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	return report.Write(w, format, o.Plain, o.Options)
}

// runs returns the runs of all sweeps.
func runs(sweeps []*Sweep) []*report.Report {
	var out []*report.Report
	for _, s := range sweeps {
		out = append(out, s.Runs...)
	}
	return out
}
