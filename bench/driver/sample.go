package driver

import (
	"time"

	"descent/bench/journal"
	"descent/bench/machine"
)

// sample takes a sample of a that counts, when the other contenders are asleep.
func (r *Run) sample(a *arm) error {
	awake := r.rest(a)
	before := r.spin()
	s, err := r.descend(a, a.epochs, a.calls)
	if err != nil {
		return err
	}
	after := r.spin()
	s.Awake, s.SpinNS = awake, [2]int64{before.Nanoseconds(), after.Nanoseconds()}
	r.judge(a, s)
	a.timings.Add(a.process, s.PerEpoch())
	return r.journal.Write(journal.Record{Sample: s})
}

// warm takes a piece of a's warm-up.
func (r *Run) warm(a *arm, epochs, calls int) error {
	r.restInWarmup(a)
	s, err := r.descend(a, epochs, calls)
	if err != nil {
		return err
	}
	s.Warmup = true
	r.judge(a, s)
	a.overheads = append(a.overheads, float64(s.WallNS-s.RunNS))
	return r.journal.Write(journal.Record{Sample: s})
}

// descend times calls descents of epochs each: by the worker's clock, by the driver's, and by the
// processor time of the worker's threads.
func (r *Run) descend(a *arm, epochs, calls int) (*journal.Sample, error) {
	w := make([]float64, r.plan.Features+1)
	used, known := a.proc.CPUTime()
	reply, wall, err := a.proc.Descend(w, r.plan.Rate, epochs, calls)
	if err != nil {
		return nil, err
	}
	cpu := int64(0) // read at once: what the worker does after its answer is not part of the sample
	if now, ok := a.proc.CPUTime(); known && ok {
		cpu = max(0, now-used).Nanoseconds()
	}
	a.last = time.Duration(reply.RunNS)
	return &journal.Sample{
		Contender: a.Name(), Process: a.process, Block: r.block, Epochs: epochs, Calls: calls,
		RunNS: reply.RunNS, WallNS: wall.Nanoseconds(), CPUNS: cpu, DeviceNS: reply.DeviceNS, DownloadNS: reply.DownloadNS,
		W: reply.W, Note: reply.Note,
	}, nil
}

// judge holds s against the oracle, the clocks and the ceiling. A wrong answer ends a's part: no
// time of it will be shown.
func (r *Run) judge(a *arm, s *journal.Sample) {
	r.oracle.check(s, a.Precision)
	contradiction, _ := journal.CheckClocks(s)
	if contradiction == nil && !a.onePass {
		contradiction = r.checkCeiling(a, s)
	}
	if contradiction != nil {
		s.Untrusted, a.untrusted = contradiction.Error(), true
	}
	if s.Wrong != "" {
		a.ended = true
	}
}

// spin times a fixed computation of the driver's, which shows how fast the processor is.
func (r *Run) spin() time.Duration {
	t := machine.Spin()
	r.spins = append(r.spins, t)
	return t
}
