package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"descent/bench"
)

var csvHeader = []string{
	"contender", "backend", "precision", "n", "features", "epochs", "samples", "processes",
	"run_min_ns", "run_median_ns", "run_lo_ns", "run_hi_ns", "epoch_median_ns", "speedup",
	"init_median_ns", "load_median_ns", "device_median_ns", "peak_bytes",
	"device", "software", "w", "verified", "max_error", "tolerance", "status", "note",
}

// csvTable renders a line a row. What a row does not have is an empty field; w is its
// entries with spaces between them.
func csvTable(w io.Writer, rep *bench.Report, _ Options) error {
	out := csv.NewWriter(w)
	out.Write(csvHeader) // an error stays with the writer
	base := baseline(rep)
	for i := range rep.Rows {
		row := &rep.Rows[i]
		run := bench.Summary{}
		if row.Run != nil {
			run = *row.Run
		}
		out.Write([]string{
			row.Contender, row.Backend, row.Precision, strconv.Itoa(row.N), strconv.Itoa(row.Features),
			strconv.Itoa(row.Epochs), strconv.Itoa(row.Samples), strconv.Itoa(row.Processes),
			known(run.Min), known(run.Median), known(run.Lo), known(run.Hi), known(row.PerEpoch()), known(speedup(base, row)),
			median(row.Init), median(row.Load), median(row.Device), known(float64(row.PeakBytes)),
			row.Info.Device, strconv.FormatBool(row.Info.Software), entries(row.W), strconv.FormatBool(row.Verified),
			number(float64(row.MaxError)), number(row.Tolerance), string(row.Status), row.Note,
		})
	}
	out.Flush()
	return out.Error()
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// known writes v, or nothing where it is 0: no time and no size is.
func known(v float64) string {
	if v == 0 {
		return ""
	}
	return number(v)
}

func median(s *bench.Summary) string {
	if s == nil {
		return ""
	}
	return number(s.Median)
}

func entries(w []float64) string {
	parts := make([]string, len(w))
	for i, v := range w {
		parts[i] = number(v)
	}
	return strings.Join(parts, " ")
}
