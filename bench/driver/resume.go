package driver

import (
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"unsafe"

	"descent/bench"
	"descent/bench/journal"
	"descent/dataset"
)

// ErrNotResumed marks an error of New about an earlier run that cannot be gone on with.
var ErrNotResumed = errors.New("it cannot be resumed")

// resume makes the run go on where an earlier one stopped, the last in its results file. The
// earlier samples count, and new ones are added. It refuses a run of another problem or plan, of
// another program, or on another machine, and a run that has all its processes. The budget counts
// anew.
func (r *Run) resume(before *journal.Results) error {
	if err := r.sameRun(before); err != nil {
		return err
	}
	r.resumed = true
	r.probe, r.ceilings = before.Header.Probe, before.Header.Ceilings
	if before.Twin != nil {
		if of := r.arms.named(before.Twin.TwinOf()); of != nil {
			r.arms = append(r.arms, newTwin(of))
		}
	}
	byName := map[string]*arm{}
	for _, a := range r.arms {
		byName[a.Name()] = a
		a.process = -1
	}
	for _, p := range before.Processes {
		a := byName[p.Contender]
		a.process = max(a.process, p.Process)
		a.device, a.version, a.onePass = p.Info.Place(), p.Info.Version, p.Info.Algorithm != ""
		if !a.Twin {
			a.side = r.sideOf(a, &p.Info)
		}
	}
	for _, w := range before.Warm {
		byName[w.Contender].epochs, byName[w.Contender].calls = w.Epochs, w.Calls
	}
	for i := range before.Samples {
		s := &before.Samples[i]
		a := byName[s.Contender]
		r.block = max(r.block, s.Block+1)
		a.ended, a.untrusted = a.ended || s.Wrong != "", a.untrusted || s.Untrusted != ""
		if !s.Warmup {
			a.timings.Add(s.Process, s.PerEpoch())
			a.epochs, a.calls = s.Epochs, s.CallCount()
		}
	}
	for _, f := range before.Faults {
		byName[f.Contender].ended = true
	}
	if r.contested() {
		r.excuse(false, false)
	}
	return nil
}

// sameRun says how an earlier run differs from r, if it does.
func (r *Run) sameRun(before *journal.Results) error {
	h := before.Header
	asked, was := r.plan, h.Plan
	if was.Threads == 0 {
		asked.Threads = 0 // the file does not hold it
	}
	names := bench.Names(r.setup.Contenders)
	env := journal.ReadEnv()
	others, changed := h.Env.Difference(&env)
	sum := checksum(r.problem)
	switch {
	case before.End != nil && before.End.Reason == journal.Complete && asked.Processes == was.Processes:
		return errors.New("it is complete")
	case len(others)+len(changed) > 0:
		return fmt.Errorf("it was measured on another machine, or under another system: %s", strings.Join(append(others, changed...), ", "))
	case h.Version != r.setup.Version:
		return fmt.Errorf("it was measured by descent %s, and this is %s", h.Version, r.setup.Version)
	case asked.Data == was.Data && h.DataSum != sum:
		return fmt.Errorf("the data are others than they were (%s, then %s)", sum, h.DataSum)
	case !asked.SameMeasurement(&was):
		return fmt.Errorf("the plan is another: %+v, then %+v", asked.Measurement(), was.Measurement())
	case !slices.Equal(names, bench.Names(h.Contenders)):
		return fmt.Errorf("the contenders are others: %v, then %v", names, bench.Names(h.Contenders))
	}
	return nil
}

// DataSum returns the checksum of the data. It is for before Measure, which lets go of them.
func (r *Run) DataSum() string { return checksum(r.problem) }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum returns the checksum of X and then d, which tells other data apart.
func checksum(p *dataset.Problem) string {
	sum := uint32(0)
	for _, values := range [][]float64{p.X, p.D} {
		if len(values) > 0 {
			sum = crc32.Update(sum, castagnoli, unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), 8*len(values)))
		}
	}
	return fmt.Sprintf("crc32c:%08x", sum)
}
