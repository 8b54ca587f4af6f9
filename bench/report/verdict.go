package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"descent/bench"
	"descent/bench/stats"
	"descent/bench/typeset"
)

// verdict returns the answer of a run in a sentence: CPU against GPU if a GPU was measured, and
// else which contender is the fastest.
func verdict(rep *Report) string {
	fastest := rep.FastestRow()
	if fastest == nil {
		return noVerdict(rep)
	}
	if said := deviceVerdict(rep, fastest); said != "" {
		return said
	}
	ranked := rep.ranked()
	if len(ranked) == 1 {
		return fmt.Sprintf("%s takes %s for %s.", sentence(called(fastest)), typeset.Duration3(wholeTime(rep, fastest)), typeset.Plural(rep.Plan.Epochs, "epoch"))
	}
	if ties := rep.fastestRows(); len(ties) > 1 {
		return tied(rep, ties)
	}
	second, base := ranked[1], rep.BaselineRow()
	said := sentence(called(fastest)) + " is the fastest here"
	if second.Fastest != nil && second.Fastest.Lo == 0 {
		said = sentence(called(fastest)) + " looks the fastest here"
	}
	switch {
	case fastest.Baseline != nil && fastest.Baseline.Ratio > 1 && second.Fastest != nil && second != base:
		said += ": " + typeset.AsFast(fastest.Baseline) + " as fast as " + called(base) + ", " + typeset.AsFast(typeset.Inverse(second.Fastest)) + " " + second.Contender
	case second.Fastest != nil && second == base:
		said += ": " + typeset.AsFast(typeset.Inverse(second.Fastest)) + " as fast as " + called(base)
	case second.Fastest != nil:
		said += ": " + typeset.AsFast(typeset.Inverse(second.Fastest)) + " as fast as " + second.Contender
	}
	return said + "."
}

// noVerdict says why there is no fastest row.
func noVerdict(rep *Report) string {
	timed := slices.ContainsFunc(rep.Rows, func(row Row) bool { return row.Run != nil })
	switch {
	case timed:
		return "Only other algorithms were timed, and they take part in no ranking."
	case len(rep.having(bench.Unavailable)) == len(rep.Rows):
		return "None of the contenders can run on this machine."
	}
	return "No contender has a time."
}

// tied says that several rows are the fastest.
func tied(rep *Report, ties []*Row) string {
	said := names(ties[:len(ties)-1]) + " and " + ties[len(ties)-1].Contender + " are the fastest here; which of them, the run cannot tell"
	for _, row := range ties {
		if row.Fastest != nil && row.Fastest.Verdict == stats.NoDifference && len(ties) == 2 {
			said = names(ties[:1]) + " and " + row.Contender + " are the fastest here, with no difference shown"
		}
	}
	if base := ties[0].Baseline; base != nil && !slices.Contains(ties, rep.BaselineRow()) {
		said += ": " + typeset.AsFast(base) + " as fast as " + called(rep.BaselineRow())
	}
	return said + "."
}

// deviceVerdict says whether the CPU or the GPU wins, and why as far as the run knows. It returns
// "" if only one of them was measured.
func deviceVerdict(rep *Report, fastest *Row) string {
	onGPU := func(row *Row) bool { return row.Info.Place() != "cpu" && !row.Info.Software }
	if fastest.Info.Software {
		return ""
	}
	other := (*Row)(nil)
	for _, row := range rep.ranked() {
		if onGPU(row) != onGPU(fastest) && !row.Info.Software {
			other = row
			break
		}
	}
	if other == nil || other.Fastest == nil {
		return ""
	}
	cpu, gpu, winner := other, fastest, "GPU"
	if onGPU(other) {
		cpu, gpu, winner = fastest, other, "CPU"
	}
	if other.Fastest.Lo == 0 {
		return fmt.Sprintf("The %s looks faster: %s is %s as fast as %s; the GPU is %s.", winner, fastest.Contender, typeset.AsFast(typeset.Inverse(other.Fastest)), other.Contender, gpu.Info.Device)
	}
	if other.Fastest.Verdict != stats.Slower {
		return fmt.Sprintf("CPU or GPU, the run %s: %s, the best on the CPU, and %s, the best on %s.", cannotTell(other.Fastest), cpu.Contender, gpu.Contender, gpu.Info.Device)
	}
	r := typeset.Inverse(other.Fastest)
	said := fmt.Sprintf("The %s wins: %s is %s %s as fast as %s, the best on ", winner, fastest.Contender, typeset.AsFast(r), typeset.Within(r), other.Contender)
	if winner == "CPU" {
		said += gpu.Info.Device + "."
	} else {
		said = strings.Replace(said, " is ", " on "+gpu.Info.Device+" is ", 1) + "the CPU."
	}
	return strings.TrimSpace(said + " " + boundSentence(gpu))
}

func cannotTell(r *stats.Ratio) string {
	if r.Verdict == stats.NoDifference {
		return "shows no difference"
	}
	return "cannot tell"
}

// boundSentence says what bounds an epoch of a row, "" if nothing is shown to.
func boundSentence(row *Row) string {
	if row.BoundBy == "" {
		return ""
	}
	return sentence(called(row)) + " " + BoundWords(row.Bounds) + "."
}

// ranked returns the rows that have a time and take part in the ranking, fastest first.
func (rep *Report) ranked() []*Row {
	return slices.DeleteFunc(rep.listed(false), func(row *Row) bool { return row.Run == nil || row.Info.Algorithm != "" })
}

// listed returns all rows in the order of the tables: first by time those that take part in the
// ranking, then other algorithms by time, then rows without a time. inOrder keeps the order of the
// run.
func (rep *Report) listed(inOrder bool) []*Row {
	rows := make([]*Row, len(rep.Rows))
	for i := range rows {
		rows[i] = &rep.Rows[i]
	}
	group := func(row *Row) int {
		switch {
		case row.Run == nil:
			return 2
		case row.Info.Algorithm != "":
			return 1
		}
		return 0
	}
	if !inOrder {
		slices.SortStableFunc(rows, func(a, b *Row) int {
			return cmp.Or(cmp.Compare(group(a), group(b)), cmp.Compare(a.PerEpoch(), b.PerEpoch()))
		})
	}
	return rows
}

// fastestRows returns the fastest row, and every row that is not shown to be slower.
func (rep *Report) fastestRows() []*Row {
	var out []*Row
	for i, row := range rep.ranked() {
		if i == 0 || row.Fastest != nil && row.Fastest.Lo > 0 && row.Fastest.Verdict != stats.Slower {
			out = append(out, row)
		}
	}
	return out
}

// sentence begins a sentence with a row that is called s. The name of a contender stays as it is.
func sentence(s string) string {
	if rest, is := strings.CutPrefix(s, "plain Go"); is {
		return "Plain Go" + rest
	}
	return s
}

// called names a row. The loop is what everybody knows: plain Go.
func called(row *Row) string {
	if row.Backend == "loop" {
		return "plain Go (" + row.Contender + ")"
	}
	return row.Contender
}

// wholeTime returns the time of the plan's epochs in nanoseconds.
func wholeTime(rep *Report, row *Row) float64 { return row.PerEpoch() * float64(rep.Plan.Epochs) }
