package report

import (
	"slices"
	"strings"

	"descent/bench"
	"descent/bench/journal"
)

// notes returns the paragraphs below the tables.
func notes(rep *Report) []string {
	var out []string
	if slices.ContainsFunc(rep.Rows, func(row Row) bool { return row.Run != nil }) {
		out = append(out, "Times are medians over fresh processes with their 95% interval, by the worker's own clock around the epochs alone: the\n"+
			"process, its context and its data are there already. Every sample's w was held against the exact answer after as many epochs.")
	}
	if note := fairnessNote(rep); note != "" {
		out = append(out, note)
	}
	out = append(out, trust(rep)...)
	out = append(out, deviceNotes(rep)...)
	out = append(out, faults(rep)...)
	out = append(out, remarks(rep)...)
	if isArticles(rep.Plan) {
		out = append(out, "For reference, the article's figures for this problem, from another machine (i7-4790K, 2018), not measured here:\n"+
			"pure Python 18.65 s, NumPy 0.32 s, TensorFlow 1.20 s, all on its CPU. They are min(times)/number over 5 × 5 calls, as\n"+
			"in the column of that name.")
	}
	return out
}

// remarks returns notes on rows that have a time or another algorithm.
func remarks(rep *Report) []string {
	timed := func(mark string, remark func(*Row) string) []string {
		return grouped(rep.Rows, func(row *Row) (string, string) {
			if row.Run == nil {
				return "", ""
			}
			return mark, remark(row)
		})
	}
	return slices.Concat(
		grouped(rep.Rows, otherAlgorithm("Ratios with it compare algorithms, not processors or programs.")),
		timed("≈ ", func(row *Row) string {
			if row.Epochs == rep.Plan.Epochs {
				return ""
			}
			epochs, scaled := Plural(row.Epochs, "epoch"), "scaled"
			if row.Info.Algorithm != "" {
				scaled += ", which counts what is done once as often"
			}
			return "timed over " + epochs + " at a time, to keep within the budget, and " + scaled + "; w is that after " + epochs
		}),
		timed("", func(row *Row) string { return row.Info.Note }),
	)
}

// otherAlgorithm returns a remark that names a marked row's algorithm. meaning says what that means
// for the table.
func otherAlgorithm(meaning string) func(*Row) (mark, remark string) {
	return func(row *Row) (string, string) {
		if row.Info.Algorithm == "" {
			return "", ""
		}
		return algorithmMark + " ", "another algorithm, " + row.Info.Algorithm + ".\n" + meaning
	}
}

// faults returns notes on rows that have no time.
func faults(rep *Report) []string {
	return grouped(rep.Rows, func(row *Row) (mark, remark string) {
		if row.Status == bench.OK {
			return "", ""
		}
		remark = string(row.Status) + ": " + row.Note
		if row.Hint != "" {
			remark += "\n  hint: " + row.Hint
		}
		if row.Stderr != "" {
			remark += "\n  stderr: " + strings.ReplaceAll(lastLines(row.Stderr, 3), "\n", "\n          ")
		}
		return "", remark
	})
}

// grouped returns one note for all rows with the same mark and remark.
func grouped(rows []Row, say func(*Row) (mark, remark string)) []string {
	type said struct{ mark, remark string }
	var all []*Row
	for i := range rows {
		all = append(all, &rows[i])
	}
	keys, having := alike(all, func(row *Row) said {
		mark, remark := say(row)
		return said{mark, remark}
	})
	var out []string
	for _, key := range keys {
		if key.remark != "" {
			out = append(out, key.mark+shortly(having[key], all, contender)+": "+key.remark)
		}
	}
	return out
}

// alike groups rows by key. It returns the keys in the order of their first rows.
func alike[K comparable](rows []*Row, key func(*Row) K) (keys []K, having map[K][]*Row) {
	having = map[K][]*Row{}
	for _, row := range rows {
		k := key(row)
		if having[k] == nil {
			keys = append(keys, k)
		}
		having[k] = append(having[k], row)
	}
	return keys, having
}

func contender(row *Row) string { return row.Contender }

// shortly names rows by name, each name once. If rows has all precisions of a backend, shortly
// names the backend alone.
func shortly(rows, all []*Row, name func(*Row) string) string {
	contenders := func(rows []*Row, backend string) map[string]bool {
		names := map[string]bool{}
		for _, row := range rows {
			if row.Backend == backend {
				names[row.Contender] = true
			}
		}
		return names
	}
	var out []string
	for _, row := range rows {
		said := name(row)
		if some := len(contenders(rows, row.Backend)); some > 1 && some == len(contenders(all, row.Backend)) {
			said = strings.Replace(said, row.Contender, row.Backend, 1)
		}
		if !slices.Contains(out, said) {
			out = append(out, said)
		}
	}
	return strings.Join(out, ", ")
}

func lastLines(s string, n int) string {
	lines := strings.Split(s, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// isArticles reports whether the plan is the article's problem.
func isArticles(p journal.Plan) bool {
	return p.Data == "" && p.N == 10_000 && p.Features == 1 && p.Epochs == 10_000 && p.Rate == 0.001
}
