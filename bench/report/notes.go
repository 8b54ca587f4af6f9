package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/typeset"
)

// A note is a remark on some contenders.
type note struct {
	rows []*Row
	text string // with the names of the rows' contenders
}

// number gives the notes of a run their numbers. A note that an earlier run has too keeps its
// number.
func (p *page) number(notes []note) {
	p.here = nil
	for _, n := range notes {
		i := slices.IndexFunc(p.noted, func(before note) bool { return before.text == n.text })
		if i < 0 {
			i = len(p.noted)
			p.noted = append(p.noted, n)
		}
		p.here = append(p.here, i+1)
	}
}

// references returns the numbers of the run's notes on a row: "1, 3".
func (p *page) references(row *Row) string {
	var numbers []string
	for _, number := range p.here {
		if slices.ContainsFunc(p.noted[number-1].rows, func(r *Row) bool { return r.Contender == row.Contender }) {
			numbers = append(numbers, strconv.Itoa(number))
		}
	}
	return strings.Join(numbers, ", ")
}

// notes writes the run's notes. It only refers to notes that were written for an earlier run.
func (p *page) notes(*Report) {
	var lines, again []string
	for _, number := range p.here {
		if number <= p.written {
			again = append(again, strconv.Itoa(number))
			continue
		}
		lines = append(lines, p.Wrap(fmt.Sprintf("%2d. ", number), p.noted[number-1].text))
	}
	p.written = len(p.noted)
	if lines != nil {
		p.parts = append(p.parts, p.Strong("Notes")+p.Line+strings.Join(lines, p.Line))
	}
	if again != nil {
		p.text("See also the notes above: " + strings.Join(again, ", ") + ".")
	}
}

// notes returns the notes on the rows of a run: first those on rows without a time.
func notes(rep *Report) []note {
	said := func(row *Row) string {
		if row.Run == nil {
			return ""
		}
		return row.Info.Note
	}
	return slices.Concat(faults(rep.Rows), otherAlgorithm(rep.Rows, "Ratios with it compare algorithms, not processors or programs."),
		scaled(rep), grouped(rep.Rows, said, func(names, said string) string { return names + ": " + said }))
}

// otherAlgorithm returns notes that name the algorithms of marked rows. meaning says what they mean
// for the table.
func otherAlgorithm(rows []Row, meaning string) []note {
	return grouped(rows, func(row *Row) string { return row.Info.Algorithm }, func(names, algorithm string) string {
		return algorithmMark + " " + names + ": another algorithm, " + algorithm + ". " + meaning
	})
}

// scaled returns a note on the rows whose descents have fewer epochs than the plan's.
func scaled(rep *Report) []note {
	fewer := func(row *Row) string {
		if row.Run == nil || row.Epochs == rep.Plan.Epochs {
			return ""
		}
		return typeset.Plural(row.Epochs, "epoch")
	}
	var all note
	var parts []string
	for _, n := range grouped(rep.Rows, fewer, func(names, epochs string) string { return names + " over " + epochs }) {
		parts, all.rows = append(parts, n.text), append(all.rows, n.rows...)
	}
	if parts == nil {
		return nil
	}
	all.text = "≈ timed over fewer epochs, to keep within the budget, and scaled to " + typeset.Count(rep.Plan.Epochs) + ": " +
		strings.Join(parts, ", ") + ". Their w is the answer after the fewer epochs."
	if slices.ContainsFunc(all.rows, func(row *Row) bool { return row.Info.Algorithm != "" }) {
		all.text += " For another algorithm (" + algorithmMark + "), this scales what is done once, too."
	}
	return []note{all}
}

// faults returns notes on rows that have no time: one for all rows with the same reason.
func faults(rows []Row) []note {
	out := grouped(rows, func(row *Row) string {
		if row.Status == bench.OK {
			return ""
		}
		reason := string(row.Status) + ": " + row.Note
		if row.Stderr != "" {
			reason += "\nstderr: " + lastLines(row.Stderr, 3)
		}
		return reason
	}, func(names, reason string) string { return names + ": " + reason })
	for i := range out {
		for _, row := range out[i].rows {
			if hint := "\nhint: " + row.Hint; row.Hint != "" && !strings.Contains(out[i].text, hint) {
				out[i].text += hint
			}
		}
	}
	return out
}

// grouped returns one note for all rows with the same key, if that is not empty. say makes its
// text.
func grouped(rows []Row, key func(*Row) string, say func(names, key string) string) []note {
	var all []*Row
	for i := range rows {
		all = append(all, &rows[i])
	}
	keys, having := alike(all, key)
	var out []note
	for _, key := range keys {
		if key != "" {
			out = append(out, note{having[key], say(shortly(having[key], all, contender), key)})
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
