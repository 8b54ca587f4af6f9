package report

import (
	"cmp"
	"encoding/csv"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"descent/bench/stats"
	"descent/bench/typeset"
)

// A column is a column of CSV. field returns the value of a row, "" if the row has none.
type column struct {
	name  string
	field func(*Report, *Row) string
}

// csvTable writes a line for each row of each run. Runs are numbered from 1.
func csvTable(w io.Writer, reps []*Report, o Options) error {
	columns := usual
	if o.Wide {
		columns = slices.Concat(usual, wide)
	}
	out := csv.NewWriter(w)
	line := []string{"run"}
	for _, c := range columns {
		line = append(line, c.name)
	}
	out.Write(line) // out.Error returns the error
	for i, rep := range reps {
		for k := range rep.Rows {
			line = []string{typeset.Number(i + 1)}
			for _, c := range columns {
				line = append(line, c.field(rep, &rep.Rows[k]))
			}
			out.Write(line)
		}
	}
	out.Flush()
	return out.Error()
}

// usual are the columns after the number of the run.
var usual = []column{
	{"date", func(rep *Report, _ *Row) string { return rep.Time.Format(time.RFC3339) }},
	{"version", func(rep *Report, _ *Row) string { return rep.Version }},
	{"cpu", func(rep *Report, _ *Row) string { return rep.Env.CPU }},
	{"cpu_threads", func(rep *Report, _ *Row) string { return typeset.Known(rep.Env.Threads) }},
	{"data", func(rep *Report, _ *Row) string { return cmp.Or(rep.Plan.Data, generated) }},
	{"n", func(_ *Report, row *Row) string { return typeset.Number(row.N) }},
	{"features", func(_ *Report, row *Row) string { return typeset.Number(row.Features) }},
	{"epochs", func(rep *Report, _ *Row) string { return typeset.Number(rep.Plan.Epochs) }},
	{"rate", func(rep *Report, _ *Row) string { return typeset.Number(rep.Plan.Rate) }},
	{"seed", func(rep *Report, _ *Row) string { return strconv.FormatUint(rep.Plan.Seed, 10) }},
	{"contender", func(_ *Report, row *Row) string { return row.Contender }},
	{"precision", func(_ *Report, row *Row) string { return row.Precision }},
	{"algorithm", func(_ *Report, row *Row) string { return row.Info.Algorithm }},
	{"device", func(_ *Report, row *Row) string { return device(row.Info) }},
	{"threads", func(_ *Report, row *Row) string { return typeset.Known(row.Info.Threads) }},
	{"status", func(_ *Report, row *Row) string { return string(row.Status) }},
	{"samples", func(_ *Report, row *Row) string { return typeset.Number(row.Samples) }},
	{"processes", func(_ *Report, row *Row) string { return typeset.Number(row.Processes) }},
	{"timed_epochs", func(_ *Report, row *Row) string { return typeset.Known(row.Epochs) }},
	{"median_ns", ofDescent(func(row *Row) float64 { return summary(row.Run).Median })},
	{"lo_ns", ofDescent(func(row *Row) float64 { return summary(row.Run).Lo })},
	{"hi_ns", ofDescent(func(row *Row) float64 { return summary(row.Run).Hi })},
	{"epoch_ns", func(_ *Report, row *Row) string { return typeset.Known(row.PerEpoch()) }},
	{"baseline", ofRatio(toBaseline, func(r *stats.Ratio) string { return r.To })},
	{"vs_baseline", ofRatio(toBaseline, func(r *stats.Ratio) string { return typeset.Number(r.Ratio) })},
	{"vs_baseline_lo", ofRatio(toBaseline, func(r *stats.Ratio) string { return typeset.Known(r.Lo) })},
	{"vs_baseline_hi", ofRatio(toBaseline, func(r *stats.Ratio) string { return typeset.Known(r.Hi) })},
	{"vs_baseline_verdict", ofRatio(toBaseline, func(r *stats.Ratio) string { return string(r.Verdict) })},
	{"noise_floor", func(rep *Report, _ *Row) string { return typeset.Known(math.Expm1(rep.floor())) }},
	{"grade", func(rep *Report, _ *Row) string { return string(rep.Grade) }},
	{"note", func(_ *Report, row *Row) string { return row.Note }},
}

// wide are further columns, for Options.Wide.
var wide = slices.Concat([]column{
	{"end", func(rep *Report, _ *Row) string { return rep.End }},
	{"backend", func(_ *Report, row *Row) string { return row.Backend }},
	{"software", func(_ *Report, row *Row) string { return strconv.FormatBool(row.Info.Software) }},
	{"contender_version", func(_ *Report, row *Row) string { return row.Info.Version }},
	{"timed", func(_ *Report, row *Row) string { return row.Info.Timed }},
	{"untimed", func(_ *Report, row *Row) string { return row.Info.Untimed }},
	{"sync", func(_ *Report, row *Row) string { return row.Info.Sync }},
	{"verified", func(_ *Report, row *Row) string { return strconv.FormatBool(row.Verified) }},
	{"max_error", func(_ *Report, row *Row) string { return typeset.Number(float64(row.MaxError)) }},
	{"tolerance", func(_ *Report, row *Row) string { return typeset.Number(row.Tolerance) }},
	{"w", func(_ *Report, row *Row) string { return entries(row.W) }},
	{"calls", func(_ *Report, row *Row) string { return typeset.Known(row.Calls) }},
	{"min_ns", ofDescent(func(row *Row) float64 { return summary(row.Run).Min })},
	{"timeit_ns", ofDescent(func(row *Row) float64 { return row.Timeit })},
	{"device_ns", ofDescent(func(row *Row) float64 { return summary(row.Device).Median })},
	{"init_ns", func(_ *Report, row *Row) string { return typeset.Known(summary(row.Init).Median) }},
	{"load_ns", func(_ *Report, row *Row) string { return typeset.Known(summary(row.Load).Median) }},
	{"peak_bytes", func(_ *Report, row *Row) string { return typeset.Known(row.PeakBytes) }},
	{"busy", func(_ *Report, row *Row) string { return typeset.Known(row.Busy) }},
	{"vs_baseline_more_blocks", ofRatio(toBaseline, func(r *stats.Ratio) string { return typeset.Known(r.MoreBlocks) })},
	{"fastest", ofRatio(toFastest, func(r *stats.Ratio) string { return r.To })},
	{"vs_fastest", ofRatio(toFastest, func(r *stats.Ratio) string { return typeset.Number(r.Ratio) })},
	{"vs_fastest_lo", ofRatio(toFastest, func(r *stats.Ratio) string { return typeset.Known(r.Lo) })},
	{"vs_fastest_hi", ofRatio(toFastest, func(r *stats.Ratio) string { return typeset.Known(r.Hi) })},
	{"vs_fastest_verdict", ofRatio(toFastest, func(r *stats.Ratio) string { return string(r.Verdict) })},
	{"vs_fastest_more_blocks", ofRatio(toFastest, func(r *stats.Ratio) string { return typeset.Known(r.MoreBlocks) })},
	{"outliers", func(_ *Report, row *Row) string { return typeset.Number(len(row.Outliers)) }},
	{"slowed", func(_ *Report, row *Row) string { return typeset.Number(row.Slowed) }},
	{"disturbed", func(_ *Report, row *Row) string { return typeset.Number(row.Disturbed) }},
	{"unsettled", func(_ *Report, row *Row) string { return typeset.Number(row.Unsettled) }},
	{"overhead_share", func(_ *Report, row *Row) string { return typeset.Known(row.OverheadShare) }},
	{"epoch_bytes", func(_ *Report, row *Row) string { return typeset.Known(row.EpochBytes) }},
	{"bytes_per_s", func(_ *Report, row *Row) string { return typeset.Known(row.BytesPerS) }},
	{"bound_by", func(_ *Report, row *Row) string { return row.BoundBy }},
	{"data_in", ofReading(func(b *Bound) string { return b.Resource })},
	{"least_reading_ns", ofReading(func(b *Bound) string { return typeset.Known(b.NS) })},
	{"least_arithmetic_ns", ofBound(arithmetic)},
	{"least_dispatches_ns", ofBound(dispatches)},
	{"least_waits_ns", ofBound(waits)},
},
	phaseColumns("first_process_", func(p *RowPhases) *PhaseTimes { return &p.First }),
	phaseColumns("later_processes_", func(p *RowPhases) *PhaseTimes { return p.Later }))

// generated stands for the name of the data file if the data are generated.
const generated = "generated"

// ofDescent makes a field from a time of a descent. The row has it for Row.Epochs epochs, and the
// field has it for all epochs of the plan.
func ofDescent(of func(*Row) float64) func(*Report, *Row) string {
	return func(rep *Report, row *Row) string {
		if row.Epochs == 0 {
			return ""
		}
		return typeset.Known(of(row) * float64(rep.Plan.Epochs) / float64(row.Epochs))
	}
}

// ofRatio makes a field from a part of a ratio, empty if there is no ratio.
func ofRatio(which func(*Report, *Row) *stats.Ratio, part func(*stats.Ratio) string) func(*Report, *Row) string {
	return func(rep *Report, row *Row) string {
		if r := which(rep, row); r != nil {
			return part(r)
		}
		return ""
	}
}

// ofBound makes a field from the least time of an epoch by a resource, empty if it is not known.
func ofBound(resource string) func(*Report, *Row) string {
	return func(_ *Report, row *Row) string {
		if b := row.bound(resource); b != nil {
			return typeset.Known(b.NS)
		}
		return ""
	}
}

// ofReading makes a field from the bound by reading the data, empty if it is not known.
func ofReading(part func(*Bound) string) func(*Report, *Row) string {
	return func(_ *Report, row *Row) string {
		if b := row.reading(); b != nil {
			return part(b)
		}
		return ""
	}
}

// toBaseline returns how many times as fast as the baseline a row is. It is 1 for the baseline
// itself.
func toBaseline(rep *Report, row *Row) *stats.Ratio {
	if row == rep.BaselineRow() {
		return &stats.Ratio{To: row.Contender, Ratio: 1, Lo: 1, Hi: 1, Verdict: "baseline"}
	}
	return row.Baseline
}

// toFastest returns how many times as fast as the fastest row a row is. It is 1 for the fastest row
// itself.
func toFastest(rep *Report, row *Row) *stats.Ratio {
	if row == rep.FastestRow() {
		return &stats.Ratio{To: row.Contender, Ratio: 1, Lo: 1, Hi: 1, Verdict: "fastest"}
	}
	return row.Fastest
}

// phaseColumns returns a column for each phase of the processes that of chooses.
func phaseColumns(prefix string, of func(*RowPhases) *PhaseTimes) []column {
	field := func(name string, phase func(*PhaseTimes) float64) column {
		return column{prefix + name + "_ns", func(_ *Report, row *Row) string {
			if row.Phases == nil || of(row.Phases) == nil {
				return ""
			}
			return typeset.Known(phase(of(row.Phases)))
		}}
	}
	return []column{
		field("context", func(t *PhaseTimes) float64 { return t.Context }),
		field("compile", func(t *PhaseTimes) float64 { return t.Compile }),
		field("search", func(t *PhaseTimes) float64 { return t.Search }),
		field("upload", func(t *PhaseTimes) float64 { return t.Upload }),
		field("first_epoch", func(t *PhaseTimes) float64 { return t.FirstEpoch }),
		field("epoch", func(t *PhaseTimes) float64 { return t.Epoch }),
		field("download", func(t *PhaseTimes) float64 { return t.Download }),
	}
}

func summary(s *stats.Summary) stats.Summary {
	if s == nil {
		return stats.Summary{}
	}
	return *s
}

// entries separates the entries of w by blanks.
func entries(w []float64) string {
	parts := make([]string, len(w))
	for i, v := range w {
		parts[i] = typeset.Number(v)
	}
	return strings.Join(parts, " ")
}
