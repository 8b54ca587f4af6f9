package driver

import (
	"slices"

	"descent/bench"
	"descent/bench/journal"
	"descent/dataset"
)

// An oracle has the exact weights after any number of epochs from zero, for the data as a contender
// of each precision holds them.
type oracle struct {
	w0    []float64
	rate  float64
	exact map[dataset.Precision]*dataset.Trajectory
}

// newOracle computes the oracle for every precision of the contenders. It refuses a rate at which
// the descent would not converge.
func newOracle(p *dataset.Problem, rate float64, contenders []bench.Contender) (*oracle, error) {
	o := &oracle{w0: make([]float64, p.P+1), rate: rate, exact: map[dataset.Precision]*dataset.Trajectory{}}
	for _, c := range contenders {
		if o.exact[c.Precision] != nil {
			continue
		}
		t, err := dataset.NewTrajectory(p, c.Precision)
		if err != nil {
			return nil, err
		}
		if err := t.CheckRate(rate); err != nil {
			return nil, err
		}
		o.exact[c.Precision] = t
	}
	return o, nil
}

// check notes in s how far its answer is from the exact one, and whether that is wrong.
func (o *oracle) check(s *journal.Sample, prec dataset.Precision) {
	t := o.exact[prec]
	s.Tolerance = t.Tolerance(o.w0, o.rate, s.Epochs)
	maxError, err := t.Check(o.w0, s.W, o.rate, s.Epochs)
	s.MaxError = bench.Number(maxError)
	if err != nil {
		s.Wrong = err.Error()
	}
}

// ceilingLooks is how often the memory is measured again before a sample is said to be too fast for
// it.
const ceilingLooks = 10

// onChip is the size below which the data may lie in a device's registers and caches. The probe
// says nothing about these.
const onChip = 256 << 20

// measureCeilings measures how fast the processor reads the data, in each precision of the
// contenders.
func (r *Run) measureCeilings() {
	if r.setup.ReadRate == nil {
		return
	}
	for _, a := range r.arms {
		bytes := r.plan.DataBytes(a.Precision)
		if slices.ContainsFunc(r.ceilings, func(c journal.Ceiling) bool { return c.Bytes == bytes }) {
			continue
		}
		if rate := r.setup.ReadRate(bytes); rate > 0 {
			r.ceilings = append(r.ceilings, journal.Ceiling{Device: "cpu", Bytes: bytes, BytesPerS: rate})
		}
	}
}

// ceiling returns how fast a contender on a device can read so many bytes, in bytes a second; 0 if
// that is not known.
func (r *Run) ceiling(device string, bytes int64) float64 {
	for _, c := range r.ceilings {
		if c.Device == device && c.Bytes == bytes {
			return c.BytesPerS
		}
	}
	if p := r.probe; p != nil && p.Device == device && bytes >= onChip {
		return p.ReadBytesPerS
	}
	return 0
}

// checkCeiling refuses a sample that read the data faster than their memory gives them. Before it
// does so it measures the memory again: other programs may have slowed the first measurement.
func (r *Run) checkCeiling(a *arm, s *journal.Sample) error {
	bytes := r.plan.DataBytes(a.Precision)
	err := journal.CheckCeiling(s, bytes, r.ceiling(a.device, bytes))
	for look := 0; err != nil && look < ceilingLooks && r.setup.ReadRate != nil; look++ {
		i := slices.IndexFunc(r.ceilings, func(c journal.Ceiling) bool { return c.Device == a.device && c.Bytes == bytes })
		if i < 0 {
			break
		}
		r.ceilings[i].BytesPerS = max(r.ceilings[i].BytesPerS, r.setup.ReadRate(bytes))
		err = journal.CheckCeiling(s, bytes, r.ceilings[i].BytesPerS)
	}
	return err
}
