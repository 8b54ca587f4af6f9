package report

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/machine"
	"descent/bench/stats"
	"descent/bench/typeset"
)

// CompareOptions say how two runs are compared.
type CompareOptions struct {
	// FailAbove is the slow-down that counts as a regression, as 0.05. 0 is any slow-down that is
	// shown.
	FailAbove float64
	// CrossMachine allows runs of different machines. What differs may then be the machines alone.
	CrossMachine bool
}

// A Comparison holds a new run of a problem against an old one, or contenders of one run against
// others of it.
type Comparison struct {
	Plan journal.Plan `json:"plan"` // of the new run
	Old  journal.Env  `json:"old_env"`
	New  journal.Env  `json:"new_env"`
	// CrossMachine says how the machines differ, if they do. Changed says what else does, as the
	// kernel.
	CrossMachine string   `json:"cross_machine,omitempty"`
	Changed      []string `json:"changed,omitempty"`
	// NotJudged says why no time is called faster or slower, if so: first in what the runs differ
	// beside their contenders, and then what lowered the grades of the machine.
	NotJudged []string `json:"not_judged,omitempty"`
	// Floor is the noise floor: the higher one of the two runs, or what the driver's spin differs
	// by, if that is more. SpinRatio is how many times as fast the spin is in the new run; 0 is not
	// known. Limit is the slow-down that counts as a regression, 0 for any.
	Floor     float64    `json:"floor,omitempty"`
	SpinRatio float64    `json:"spin_ratio,omitempty"`
	Limit     float64    `json:"fail_above,omitempty"`
	Rows      []Compared `json:"rows"`

	blockNS   int64 // how long a block takes, in the slower one of the runs
	wideFloor bool  // Floor is all that the twins may differ by
}

// Compared is what became of one contender.
type Compared struct {
	Contender string `json:"contender"`
	// Against is the contender that it is held against in one run. In two runs that has the same
	// name, and Against is "".
	Against string         `json:"against,omitempty"`
	Old     *stats.Summary `json:"old_run_ns,omitempty"` // of a descent of Epochs epochs
	New     *stats.Summary `json:"new_run_ns,omitempty"`
	Epochs  int            `json:"epochs,omitempty"`
	Ratio   *stats.Ratio   `json:"ratio,omitempty"` // how many times as fast the new one is
	// Regressed says that it is slower by more than the limit, or does not work any more. Unclear
	// says that it may be.
	Regressed bool   `json:"regressed,omitempty"`
	Unclear   bool   `json:"unclear,omitempty"`
	Note      string `json:"note,omitempty"`

	before, after *Row // nil if it was not in the run
}

// Times returns the times of a descent of c.Epochs epochs, in every sample of the old run and of
// the new one.
func (c *Compared) Times() (before, after []float64) {
	scale := func(row *Row) []float64 {
		if row == nil {
			return nil
		}
		times := row.Times()
		for i := range times {
			times[i] *= float64(c.Epochs) / float64(row.Epochs)
		}
		return times
	}
	return scale(c.before), scale(c.after)
}

// Compare holds a new run against an old one of the same problem. It returns an error if they have
// nothing in common that can be compared.
func Compare(before, after *Report, o CompareOptions) (*Comparison, error) {
	if err := before.header.SameProblem(after.header); err != nil {
		return nil, err
	}
	others, changed := before.Env.Difference(&after.Env)
	machines := strings.Join(others, ", ")
	if machines == "" {
		machines = otherDevice(before, after)
	}
	if machines != "" && !o.CrossMachine {
		return nil, hinted{
			errors.New("the runs are of different machines: " + machines),
			"--cross-machine compares them all the same; what differs may then be the machines alone",
		}
	}
	c := newComparison(before, after, o)
	c.CrossMachine, c.Changed, c.NotJudged = machines, changed, unlike(before, after)
	if before.spin > 0 && after.spin > 0 && machines == "" {
		c.SpinRatio = before.spin / after.spin
		c.Floor = max(c.Floor, math.Expm1(math.Abs(math.Log(c.SpinRatio))))
	}
	for i := range after.Rows {
		row := &after.Rows[i]
		c.add(before.row(row.Contender), row, stats.CompareApart)
	}
	for i := range before.Rows {
		row := &before.Rows[i]
		if after.row(row.Contender) == nil {
			c.add(row, nil, stats.CompareApart)
		}
	}
	if err := c.check(before, after); err != nil {
		return nil, err
	}
	c.forgetLoad()
	return c, nil
}

// A Pair names two contenders of one run: New is held against Old.
type Pair struct{ Old, New string }

// ComparePairs holds contenders of one run against others of it. Both of a pair ran in the same
// blocks, so the load of the machine met both alike, and a poor machine does not forbid to judge.
// But there the floor is all that the twins may differ by, and without twins nothing is judged.
func ComparePairs(rep *Report, pairs []Pair, failAbove float64) *Comparison {
	c := newComparison(rep, rep, CompareOptions{FailAbove: failAbove})
	if rep.Grade == machine.Poor {
		if null := rep.Null; null != nil && null.Ratio.Lo > 0 {
			c.Floor, c.wideFloor = max(c.Floor, null.Ratio.Hi-1, 1/null.Ratio.Lo-1), true
		} else {
			c.NotJudged = []string{"the machine was poor, and no contender ran twice to show the noise", lowered("this run", rep)}
		}
	}
	for _, pair := range pairs {
		c.add(rep.row(pair.Old), rep.row(pair.New), stats.Compare)
		row := &c.Rows[len(c.Rows)-1]
		row.Contender, row.Against = pair.New, pair.Old
		if row.Ratio != nil {
			continue
		}
		row.Unclear = !row.Regressed
		for _, side := range []*Row{row.before, row.after} {
			if side.Run == nil {
				row.Note = fmt.Sprintf("%s %s: %s", side.Contender, side.Status, side.Note)
			}
		}
	}
	c.forgetLoad()
	return c
}

func newComparison(before, after *Report, o CompareOptions) *Comparison {
	return &Comparison{
		Plan: after.Plan, Old: before.Env, New: after.Env, Limit: o.FailAbove,
		Floor: math.Expm1(max(before.floor(), after.floor())), blockNS: max(before.BlockNS, after.BlockNS),
	}
}

// check returns an error if no contender was measured in both runs, and none became worse.
func (c *Comparison) check(before, after *Report) error {
	if slices.ContainsFunc(c.Rows, func(row Compared) bool { return row.Ratio != nil || row.Regressed || row.Unclear }) {
		return nil
	}
	measured := func(rep *Report) string {
		var names []string
		for _, row := range rep.Rows {
			if row.Run != nil {
				names = append(names, row.Contender)
			}
		}
		if names == nil {
			return "none"
		}
		return strings.Join(names, ", ")
	}
	return hinted{
		fmt.Errorf("no contender was measured in both runs: the old one has %s, the new one %s", measured(before), measured(after)),
		"measure what the old run has: 'descent run --baseline OLD' does, or --contenders names it",
	}
}

// forgetLoad drops the reason not to judge times if there are none.
func (c *Comparison) forgetLoad() {
	if !slices.ContainsFunc(c.Rows, func(row Compared) bool { return row.Ratio != nil }) {
		c.NotJudged = nil
	}
}

// unlike says in what two runs differ beside their contenders, so that their times show that too,
// and then what lowered the grades of their machines. It returns nil if nothing is known to differ.
func unlike(before, after *Report) []string {
	was, is := before.Grade, after.Grade
	reason := ""
	switch threads := [2]int{before.Plan.Threads, after.Plan.Threads}; {
	case was == machine.Poor && is == machine.Poor:
		reason = "the machine was poor in both runs"
	case was != is && was != "" && is != "":
		reason = fmt.Sprintf("the machine was %s in the old run and %s in the new one", was, is)
	case !before.watched:
		reason = "the old run was cut short, so its load is not known"
	case !after.watched:
		reason = "the new run was cut short, so its load is not known"
	case threads[0] != threads[1] && threads[0] > 0 && threads[1] > 0:
		return []string{fmt.Sprintf("the contenders might use %d threads in the old run and %d in the new one", threads[0], threads[1])}
	default:
		return nil
	}
	return slices.DeleteFunc([]string{reason, lowered("the old run", before), lowered("the new run", after)}, func(s string) bool { return s == "" })
}

// lowered returns a line with the facts that gave a run's machine its grade, "" if it is good or
// not known.
func lowered(run string, rep *Report) string {
	var causes []string
	for _, fact := range rep.Machine {
		if fact.Grade == rep.Grade && fact.Grade != machine.Good {
			causes = append(causes, fact.What+" ("+fact.Value+")")
		}
	}
	if causes == nil {
		return ""
	}
	return fmt.Sprintf("%s in %s: %s", rep.Grade, run, strings.Join(causes, "; "))
}

// otherDevice says how the device of a contender that was timed in both runs differs, "" if none
// does.
func otherDevice(before, after *Report) string {
	for _, now := range after.Rows {
		was := before.row(now.Contender)
		if was != nil && was.Run != nil && now.Run != nil && was.Info.Device != now.Info.Device {
			return fmt.Sprintf("device was %s and is %s", was.Info.Device, now.Info.Device)
		}
	}
	return ""
}

// hinted is an error with a hint.
type hinted struct {
	error
	hint string
}

// Hint implements bench.Hinter.
func (h hinted) Hint() string { return h.hint }

// row returns the row of a contender, nil if there is none.
func (rep *Report) row(contender string) *Row {
	i := slices.IndexFunc(rep.Rows, func(row Row) bool { return row.Contender == contender })
	if i < 0 {
		return nil
	}
	return &rep.Rows[i]
}

// neverRan is the note of a contender that could not run in either run.
const neverRan = "not run in either"

// add compares one contender by hold. A row is nil if the contender was not in that run.
func (c *Comparison) add(before, after *Row, hold func(base, other stats.Series) stats.LogRatio) {
	out := Compared{before: before, after: after}
	if after == nil {
		out.Contender, out.Note = before.Contender, "only in the old run"
		if before.Status == bench.Unavailable {
			out.Note = neverRan
		}
		c.Rows = append(c.Rows, out)
		return
	}
	out.Contender = after.Contender
	if before == nil || before.Run == nil || after.Run == nil {
		out.unmeasured()
	} else if out.Note = another(before.Info, after.Info); before.Epochs != after.Epochs && after.Info.Algorithm != "" {
		out.Note = fmt.Sprintf("timed over %d epochs, then over %d, which for its algorithm cannot be compared", before.Epochs, after.Epochs)
		out.Unclear = true
	} else {
		c.judge(&out, hold(before.timings, after.timings))
	}
	c.Rows = append(c.Rows, out)
}

// another says how the program of a contender was another in the new run, "" if it was not.
func another(was, is bench.Info) string {
	var changes []string
	if was.Threads != is.Threads && was.Threads > 0 && is.Threads > 0 {
		changes = append(changes, fmt.Sprintf("ran on %s, then on %d", typeset.Plural(was.Threads, "thread"), is.Threads))
	}
	if was.Version != is.Version && was.Version != "" && is.Version != "" {
		changes = append(changes, "was "+was.Version+" and is "+is.Version)
	}
	return strings.Join(changes, "; ")
}

// unmeasured says of a contender without a time in one of the runs what became of it. A wrong
// answer or a failure that the old run did not have is a regression under any load.
func (c *Compared) unmeasured() {
	after, was := c.after, bench.Status("absent")
	if c.before != nil {
		was = c.before.Status
	}
	now := fmt.Sprintf("%s in the new run: %s", after.Status, after.Note)
	switch {
	case after.Status == bench.Wrong && was != bench.Wrong:
		c.Note, c.Regressed = now, true
	case c.before == nil && after.Status == bench.Unavailable:
		c.Note = neverRan
	case c.before == nil:
		c.Note = "only in the new run"
	case after.Run != nil:
		c.Note = fmt.Sprintf("was %s in the old run", was)
	case c.before.Run == nil && after.Status == bench.Unavailable && was == bench.Unavailable:
		c.Note = neverRan
	case c.before.Run == nil:
		c.Note = fmt.Sprintf("%s in both runs", after.Status)
	default:
		c.Note, c.Regressed = now, after.Status == bench.Failed && !after.Unreached()
		c.Unclear = !c.Regressed
	}
}

// judge adds the times of a contender that was measured in both runs, and what their ratio shows.
func (c *Comparison) judge(out *Compared, ratio stats.LogRatio) {
	out.Epochs = c.Plan.Epochs
	out.Old = out.before.Run.Scaled(float64(out.Epochs) / float64(out.before.Epochs))
	out.New = out.after.Run.Scaled(float64(out.Epochs) / float64(out.after.Epochs))
	resolution := c.Limit
	if resolution == 0 {
		resolution = c.Plan.Resolution
	}
	floor := math.Log1p(c.Floor)
	out.Ratio = ratio.Ratio("old", floor, resolution, min(out.before.Samples, out.after.Samples))
	out.Regressed, out.Unclear = ratio.Regression(floor, c.Limit, out.Ratio.Verdict)
	if c.NotJudged != nil {
		out.Regressed, out.Unclear = false, true
		out.Ratio.Verdict, out.Ratio.MoreBlocks = stats.NotJudged, 0
	}
}
