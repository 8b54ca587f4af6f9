package bench

import (
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"unsafe"

	"descent/bench/stats"
	"descent/dataset"
)

// checksum tells data that are others: of X and then D.
func checksum(p *dataset.Problem) string {
	sum := uint32(0)
	for _, values := range [][]float64{p.X, p.D} {
		if len(values) > 0 {
			sum = crc32.Update(sum, castagnoli, unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), 8*len(values)))
		}
	}
	return fmt.Sprintf("crc32c:%08x", sum)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Resume has the run go on where the one before, which stands last in its results file, stopped: its samples count, and
// what is measured from now on is added to them. It refuses a run of another problem or plan, of another program, or on another
// machine, and one that has all the processes that it was to have. The budget counts anew.
func (r *Run) Resume(before *Results) error {
	if err := r.sameRun(before); err != nil {
		return fmt.Errorf("it cannot be resumed: %w", err)
	}
	r.resumed = true
	// What the header holds of the processor and the device stands.
	r.Probe, r.Ceilings = before.Header.Probe, before.Header.Ceilings
	if before.Twin != nil {
		for _, a := range r.arms {
			if a.Name() == before.Twin.twinOf() {
				twin := &arm{Contender: a.Contender, timings: stats.Series{}}
				twin.Contender.Twin = true
				r.arms = append(r.arms, twin)
			}
		}
	}
	arms := map[string]*arm{}
	for _, a := range r.arms {
		arms[a.Name()] = a
		a.process = -1
	}
	for _, p := range before.Processes {
		a := arms[p.Contender]
		a.process = max(a.process, p.Process)
		a.device, a.version, a.other = p.Info.Place(), p.Info.Version, p.Info.Algorithm != ""
	}
	for _, w := range before.Warm {
		arms[w.Contender].epochs, arms[w.Contender].calls = w.Epochs, w.Calls
	}
	for _, s := range before.Samples {
		r.block = max(r.block, s.Block+1)
		if s.Warmup {
			continue
		}
		a := arms[s.Contender]
		a.timings.Add(s.Process, s.perEpoch())
		a.epochs, a.calls = s.Epochs, s.calls()
	}
	for _, f := range before.Faults {
		arms[f.Contender].ended = true
	}
	for _, s := range before.Samples {
		arms[s.Contender].ended = arms[s.Contender].ended || s.Wrong != ""
	}
	return nil
}

// sameRun reports how before is another run than r.
func (r *Run) sameRun(before *Results) error {
	h := before.Header
	asked, was := r.plan, h.Plan
	for _, p := range []*Plan{&asked, &was} { // what may be another
		p.Budget, p.Timeout, p.Memory, p.Resolution, p.Processes, p.Weights = 0, 0, 0, 0, 0, nil
	}
	if was.Threads == 0 {
		asked.Threads = 0 // a file of before it was told
	}
	var names []string
	for _, a := range r.arms {
		names = append(names, a.Name())
	}
	others, changed := h.Env.difference(ReadEnv())
	switch {
	case before.End != nil && before.End.Reason == Complete && r.plan.Processes == h.Plan.Processes:
		return errors.New("it is complete")
	case len(others)+len(changed) > 0:
		return fmt.Errorf("it was measured on another machine, or under another system: %s", strings.Join(append(others, changed...), ", "))
	case h.Version != r.Version:
		return fmt.Errorf("it was measured by descent %s, and this is %s", h.Version, r.Version)
	case asked.Data == was.Data && h.DataSum != checksum(r.problem):
		return fmt.Errorf("the data are others than they were (%s, then %s)", checksum(r.problem), h.DataSum)
	case !samePlan(asked, was):
		return fmt.Errorf("the plan is another: %+v, then %+v", asked, was)
	case !slices.Equal(names, Names(h.Contenders)):
		return fmt.Errorf("the contenders are others: %v, then %v", names, Names(h.Contenders))
	}
	return nil
}

// samePlan compares plans without weights: they are seen in the data.
func samePlan(a, b Plan) bool { return fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b) }
