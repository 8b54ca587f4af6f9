package bench

import (
	"descent/bench/stats"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// CompareOptions say how two runs are compared.
type CompareOptions struct {
	// FailAbove is the slow-down that counts as a regression, as 0.05; 0 for any that is shown.
	FailAbove float64
	// CrossMachine allows runs of different machines, whose differences may be all the machines'.
	CrossMachine bool
}

// A Comparison is that of two runs of one problem.
type Comparison struct {
	Plan Plan `json:"plan"` // of the new run
	Old  Env  `json:"old_env"`
	New  Env  `json:"new_env"`
	// CrossMachine says how the machines differ, where they do; Changed what else does, as another kernel.
	CrossMachine string   `json:"cross_machine,omitempty"`
	Changed      []string `json:"changed,omitempty"`
	// Floor is the noise floor, the higher of the two runs'; Limit the slow-down that counts as a regression, 0 for any.
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
	// Regressed: it is slower by more than the limit, or does not work any more. Unclear: it may be.
	Regressed bool   `json:"regressed,omitempty"`
	Unclear   bool   `json:"unclear,omitempty"`
	Note      string `json:"note,omitempty"`

	old, new Row
}

// Times returns the times of a descent of c.Epochs epochs in every sample of the old run and of the new one.
func (c *Compared) Times() (old, new []float64) {
	scale := func(row Row) []float64 {
		times := row.Times()
		for i := range times {
			times[i] *= float64(c.Epochs) / float64(row.Epochs)
		}
		return times
	}
	return scale(c.old), scale(c.new)
}

// Compare holds a new run against an old one of the same problem.
func Compare(old, new *Report, o CompareOptions) (*Comparison, error) {
	if a, b := problemOf(old.Plan), problemOf(new.Plan); a != b {
		return nil, fmt.Errorf("the runs are of different problems: %s, then %s", a, b)
	}
	others, changed := old.Env.difference(new.Env)
	machines := strings.Join(others, ", ")
	for i := range new.Rows {
		if other := old.row(new.Rows[i].Contender); machines == "" && other != nil && other.Run != nil && new.Rows[i].Run != nil && other.Info.Device != new.Rows[i].Info.Device {
			machines = fmt.Sprintf("device was %s and is %s", other.Info.Device, new.Rows[i].Info.Device)
		}
	}
	if machines != "" && !o.CrossMachine {
		return nil, differentMachines{errors.New("the runs are of different machines: " + machines)}
	}
	c := &Comparison{Plan: new.Plan, Old: old.Env, New: new.Env, CrossMachine: machines, Changed: changed, Limit: o.FailAbove}
	for _, rep := range []*Report{old, new} {
		c.Floor = max(c.Floor, math.Expm1(rep.floor()))
	}
	for _, row := range new.Rows {
		c.Rows = append(c.Rows, c.row(old.row(row.Contender), row))
	}
	for _, row := range old.Rows {
		if new.row(row.Contender) == nil {
			c.Rows = append(c.Rows, Compared{Contender: row.Contender, Note: "only in the old run"})
		}
	}
	return c, nil
}

// differentMachines is the error of a comparison that takes --cross-machine.
type differentMachines struct{ error }

// Hint implements Hinter.
func (differentMachines) Hint() string {
	return "--cross-machine compares them all the same; what differs may then be the machines alone"
}

// SameProblem reports whether the times of two plans can be compared.
func (p Plan) SameProblem(o Plan) bool { return problemOf(p) == problemOf(o) }

// problemOf names what two runs must have in common to be compared.
func problemOf(p Plan) string {
	data := p.Data
	if data == "" {
		data = fmt.Sprintf("generated data of seed %d", p.Seed)
	}
	return fmt.Sprintf("%s, N = %d, P = %d, %d epochs at rate %v", data, p.N, p.Features, p.Epochs, p.Rate)
}

func (rep *Report) row(contender string) *Row {
	i := slices.IndexFunc(rep.Rows, func(row Row) bool { return row.Contender == contender })
	if i < 0 {
		return nil
	}
	return &rep.Rows[i]
}

// row compares one contender.
func (c *Comparison) row(old *Row, new Row) Compared {
	out := Compared{Contender: new.Contender, new: new}
	switch {
	case old == nil:
		out.Note = "only in the new run"
		return out
	case old.Run == nil && new.Run == nil:
		out.Note = fmt.Sprintf("%s in both runs", new.Status)
		return out
	case old.Run == nil:
		out.Note = fmt.Sprintf("was %s in the old run", old.Status)
		return out
	case new.Run == nil:
		out.Note = fmt.Sprintf("%s in the new run: %s", new.Status, new.Note)
		out.Regressed, out.Unclear = new.Status == Wrong || new.Status == Failed, new.Status != Wrong && new.Status != Failed
		return out
	case old.Epochs != new.Epochs && new.Info.Algorithm != "":
		out.Note = fmt.Sprintf("timed over %d epochs, then over %d, which for its algorithm cannot be compared", old.Epochs, new.Epochs)
		out.Unclear = true
		return out
	}
	out.old, out.Epochs = *old, c.Plan.Epochs
	out.Old, out.New = old.Run.Scaled(float64(out.Epochs)/float64(old.Epochs)), new.Run.Scaled(float64(out.Epochs)/float64(new.Epochs))
	compared := stats.CompareApart(old.timings, new.timings)
	resolution := c.Limit
	if resolution == 0 {
		resolution = c.Plan.Resolution
	}
	floor := math.Log1p(c.Floor)
	out.Ratio = compared.Ratio("old", floor, resolution, min(old.Samples, new.Samples))
	out.Regressed, out.Unclear = compared.Regression(floor, c.Limit, out.Ratio.Verdict)
	return out
}
