package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"descent/bench/stats"
)

var csvHeader = []string{
	"contender", "backend", "precision", "n", "features", "epochs", "samples", "processes",
	"run_min_ns", "run_median_ns", "run_lo_ns", "run_hi_ns", "epoch_median_ns", "speedup",
	"init_median_ns", "load_median_ns", "device_median_ns", "peak_bytes",
	"device", "software", "w", "verified", "max_error", "tolerance", "status", "note",
	"first_process_context_ns", "first_process_compile_ns", "first_process_search_ns", "first_process_upload_ns",
	"first_process_first_epoch_ns", "first_process_epoch_ns", "first_process_download_ns",
	"later_processes_context_ns", "later_processes_compile_ns", "later_processes_search_ns", "later_processes_upload_ns",
	"later_processes_first_epoch_ns", "later_processes_epoch_ns", "later_processes_download_ns",
	"epoch_bytes", "bytes_per_s", "bandwidth_share",
	"calls", "timeit_ns", "vs_baseline", "vs_baseline_ratio", "vs_baseline_lo", "vs_baseline_hi", "vs_baseline_verdict", "vs_baseline_more_blocks",
	"vs_fastest", "vs_fastest_ratio", "vs_fastest_lo", "vs_fastest_hi", "vs_fastest_verdict", "vs_fastest_more_blocks",
	"noise_floor", "outliers", "slowed", "disturbed", "unsettled", "overhead_share", "grade", "end",
	"timed", "untimed", "sync", "version", "busy",
	"threads", "algorithm", "run",
}

// csvTable writes a line for each row of each run. Runs are numbered from 1. A value that a row
// does not have is an empty field. The entries of w are separated by spaces.
func csvTable(w io.Writer, reps []*Report, _ Options) error {
	out := csv.NewWriter(w)
	out.Write(csvHeader) // out.Error returns the error
	for i, rep := range reps {
		csvRows(out, rep, i+1)
	}
	out.Flush()
	return out.Error()
}

func csvRows(out *csv.Writer, rep *Report, n int) {
	floor := 0.0
	if rep.Null != nil {
		floor = rep.Null.Floor
	}
	for i := range rep.Rows {
		row := &rep.Rows[i]
		run := stats.Summary{}
		if row.Run != nil {
			run = *row.Run
		}
		line := []string{
			row.Contender, row.Backend, row.Precision, strconv.Itoa(row.N), strconv.Itoa(row.Features),
			strconv.Itoa(row.Epochs), strconv.Itoa(row.Samples), strconv.Itoa(row.Processes),
			known(run.Min), known(run.Median), known(run.Lo), known(run.Hi), known(row.PerEpoch()), known(speedup(row)),
			medianField(row.Init), medianField(row.Load), medianField(row.Device), known(float64(row.PeakBytes)),
			row.Info.Device, strconv.FormatBool(row.Info.Software), entries(row.W), strconv.FormatBool(row.Verified),
			number(float64(row.MaxError)), number(row.Tolerance), string(row.Status), row.Note,
		}
		line = append(line, phaseFields(row.Phases)...)
		line = append(line, known(row.EpochBytes), known(row.BytesPerS), known(row.BandwidthShare))
		line = append(line, strconv.Itoa(row.Calls), known(row.Timeit))
		line = append(line, ratioFields(row.Baseline)...)
		line = append(line, ratioFields(row.Fastest)...)
		line = append(line, known(floor), strconv.Itoa(len(row.Outliers)), strconv.Itoa(row.Slowed), strconv.Itoa(row.Disturbed),
			strconv.Itoa(row.Unsettled), known(row.OverheadShare), string(rep.Grade), rep.End)
		line = append(line, row.Info.Timed, row.Info.Untimed, row.Info.Sync, row.Info.Version, known(row.Busy))
		out.Write(append(line, known(float64(row.Info.Threads)), row.Info.Algorithm, strconv.Itoa(n)))
	}
}

// speedup returns how many times as fast as the baseline row is, 0 if that is not known.
func speedup(row *Row) float64 {
	if row.Baseline == nil {
		return 0
	}
	return row.Baseline.Ratio
}

func ratioFields(r *stats.Ratio) []string {
	if r == nil {
		return make([]string, 6)
	}
	return []string{r.To, number(r.Ratio), known(r.Lo), known(r.Hi), string(r.Verdict), known(float64(r.MoreBlocks))}
}

// phaseFields returns the phases of the first process, and then those of the later processes.
func phaseFields(p *RowPhases) []string {
	var first, later PhaseTimes
	if p != nil {
		first = p.First
	}
	if p != nil && p.Later != nil {
		later = *p.Later
	}
	var out []string
	for _, t := range []PhaseTimes{first, later} {
		out = append(out, known(t.Context), known(t.Compile), known(t.Search), known(t.Upload), known(t.FirstEpoch), known(t.Epoch), known(t.Download))
	}
	return out
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// known formats v, or returns "" if v is 0: no time and no size is 0.
func known(v float64) string {
	if v == 0 {
		return ""
	}
	return number(v)
}

func medianField(s *stats.Summary) string {
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
