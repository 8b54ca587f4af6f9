package report

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/stats"
)

// CompareOptions say how two runs are compared.
type CompareOptions struct {
	// FailAbove is the slow-down that counts as a regression, as 0.05. 0 is any slow-down that is
	// shown.
	FailAbove float64
	// CrossMachine allows runs of different machines. What differs may then be the machines alone.
	CrossMachine bool
}

// A Comparison holds a new run of a problem against an old one.
type Comparison struct {
	Plan journal.Plan `json:"plan"` // of the new run
	Old  journal.Env  `json:"old_env"`
	New  journal.Env  `json:"new_env"`
	// CrossMachine says how the machines differ, if they do. Changed says what else does, as the
	// kernel.
	CrossMachine string   `json:"cross_machine,omitempty"`
	Changed      []string `json:"changed,omitempty"`
	// Floor is the higher noise floor of the two runs. Limit is the slow-down that counts as a
	// regression, 0 for any.
	Floor float64    `json:"floor,omitempty"`
	Limit float64    `json:"fail_above,omitempty"`
	Rows  []Compared `json:"rows"`
}

// Compared is what became of one contender.
type Compared struct {
	Contender string         `json:"contender"`
	Old       *stats.Summary `json:"old_run_ns,omitempty"` // of a descent of Epochs epochs
	New       *stats.Summary `json:"new_run_ns,omitempty"`
	Epochs    int            `json:"epochs,omitempty"`
	Ratio     *stats.Ratio   `json:"ratio,omitempty"` // how many times as fast the new one is
	// Regressed says that it is slower by more than the limit, or does not work any more. Unclear
	// says that it may be.
	Regressed bool   `json:"regressed,omitempty"`
	Unclear   bool   `json:"unclear,omitempty"`
	Note      string `json:"note,omitempty"`

	before, after Row
}

// Times returns the times of a descent of c.Epochs epochs, in every sample of the old run and of
// the new one.
func (c *Compared) Times() (before, after []float64) {
	scale := func(row Row) []float64 {
		times := row.Times()
		for i := range times {
			times[i] *= float64(c.Epochs) / float64(row.Epochs)
		}
		return times
	}
	return scale(c.before), scale(c.after)
}

// Compare holds a new run against an old one of the same problem.
func Compare(before, after *Report, o CompareOptions) (*Comparison, error) {
	if a, b := before.Plan.Problem(), after.Plan.Problem(); a != b {
		return nil, fmt.Errorf("the runs are of different problems: %s, then %s", a, b)
	}
	others, changed := before.Env.Difference(&after.Env)
	machines := strings.Join(others, ", ")
	if machines == "" {
		machines = otherDevice(before, after)
	}
	if machines != "" && !o.CrossMachine {
		return nil, differentMachines{errors.New("the runs are of different machines: " + machines)}
	}
	c := &Comparison{
		Plan: after.Plan, Old: before.Env, New: after.Env,
		CrossMachine: machines, Changed: changed, Limit: o.FailAbove,
	}
	for _, rep := range []*Report{before, after} {
		c.Floor = max(c.Floor, math.Expm1(rep.floor()))
	}
	for _, row := range after.Rows {
		c.Rows = append(c.Rows, c.row(before.row(row.Contender), row))
	}
	for _, row := range before.Rows {
		if after.row(row.Contender) == nil {
			c.Rows = append(c.Rows, Compared{Contender: row.Contender, Note: "only in the old run"})
		}
	}
	return c, nil
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

// differentMachines is the error of a comparison that needs --cross-machine.
type differentMachines struct{ error }

// Hint implements bench.Hinter.
func (differentMachines) Hint() string {
	return "--cross-machine compares them all the same; what differs may then be the machines alone"
}

// row returns the row of a contender, nil if there is none.
func (rep *Report) row(contender string) *Row {
	i := slices.IndexFunc(rep.Rows, func(row Row) bool { return row.Contender == contender })
	if i < 0 {
		return nil
	}
	return &rep.Rows[i]
}

// row compares one contender. before is nil if it was not in the old run.
func (c *Comparison) row(before *Row, after Row) Compared {
	out := Compared{Contender: after.Contender, after: after}
	switch {
	case before == nil:
		out.Note = "only in the new run"
		return out
	case before.Run == nil && after.Run == nil:
		out.Note = fmt.Sprintf("%s in both runs", after.Status)
		return out
	case before.Run == nil:
		out.Note = fmt.Sprintf("was %s in the old run", before.Status)
		return out
	case after.Run == nil:
		out.Note = fmt.Sprintf("%s in the new run: %s", after.Status, after.Note)
		out.Regressed = after.Status == bench.Wrong || after.Status == bench.Failed
		out.Unclear = !out.Regressed
		return out
	case before.Epochs != after.Epochs && after.Info.Algorithm != "":
		out.Note = fmt.Sprintf("timed over %d epochs, then over %d, which for its algorithm cannot be compared", before.Epochs, after.Epochs)
		out.Unclear = true
		return out
	}
	out.before, out.Epochs = *before, c.Plan.Epochs
	out.Old = before.Run.Scaled(float64(out.Epochs) / float64(before.Epochs))
	out.New = after.Run.Scaled(float64(out.Epochs) / float64(after.Epochs))
	ratio := stats.CompareApart(before.timings, after.timings)
	resolution := c.Limit
	if resolution == 0 {
		resolution = c.Plan.Resolution
	}
	floor := math.Log1p(c.Floor)
	out.Ratio = ratio.Ratio("old", floor, resolution, min(before.Samples, after.Samples))
	out.Regressed, out.Unclear = ratio.Regression(floor, c.Limit, out.Ratio.Verdict)
	return out
}
