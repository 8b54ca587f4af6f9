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

// onChip is the size below which the data may lie in the registers of a device's processors, for as
// long as a dispatch has epochs. The probe says nothing about registers.
const onChip = 256 << 20

// measureCeilings takes the ceilings of the processor from the setup. It also measures how fast the
// processor reads the data, in each precision of the contenders. A run of a sweep has the curve of
// the ceilings for that: to measure at every one of its sizes would cost more than all else that
// the driver does there.
func (r *Run) measureCeilings() {
	if r.setup.Ceilings != nil {
		r.ceilings = slices.Clone(r.setup.Ceilings())
	}
	if r.setup.ReadRate == nil {
		return
	}
	for _, a := range r.arms {
		bytes := r.plan.DataBytes(a.Precision)
		if r.exactCeiling("cpu", bytes) >= 0 || r.setup.Sweep != nil && r.ceiling("cpu", bytes) > 0 {
			continue
		}
		if rate := r.setup.ReadRate(bytes); rate > 0 {
			r.ceilings = append(r.ceilings, journal.Ceiling{Device: "cpu", Bytes: bytes, BytesPerS: rate})
		}
	}
}

// exactCeiling returns the place in r.ceilings of how fast all processors of a device read so many
// bytes, −1 if it was not measured at that size.
func (r *Run) exactCeiling(device string, bytes int64) int {
	return slices.IndexFunc(r.ceilings, func(c journal.Ceiling) bool {
		return c.Device == device && c.Threads == 0 && c.Bytes == bytes
	})
}

// ceiling returns how fast a contender on a device can read so many bytes, in bytes a second; 0 if
// that is not known. Between two sizes that were measured it is the faster of the two, so that no
// honest sample is refused because a cache ends there.
func (r *Run) ceiling(device string, bytes int64) float64 {
	device = r.memoryOf(device)
	if i := r.exactCeiling(device, bytes); i >= 0 {
		return r.ceilings[i].BytesPerS
	}
	var curve []bench.Reading
	for _, c := range r.ceilings {
		if c.Device == device && c.Threads == 0 && c.Bytes > 0 {
			curve = append(curve, bench.Reading{Bytes: c.Bytes, BytesPerS: c.BytesPerS})
		}
	}
	if p := r.probe; p != nil && p.Device == device {
		if len(p.Reads) == 0 && bytes >= onChip { // of an earlier version
			return p.ReadBytesPerS
		}
		curve = append(curve, p.Reads...)
	}
	return fasterNeighbour(curve, bytes)
}

// memoryOf returns the device whose memory a device reads. A software renderer's data lie in the
// processor's memory. Its own shader reads more slowly than other programs of the processor do.
func (r *Run) memoryOf(device string) string {
	if r.probe != nil && r.probe.Software && r.probe.Device == device {
		return "cpu"
	}
	return device
}

// fasterNeighbour returns the faster of two speeds: at the most bytes of a curve that are at most
// so many, and at the fewest that are at least so many. It is 0 for an empty curve.
func fasterNeighbour(curve []bench.Reading, bytes int64) (fastest float64) {
	var below, above bench.Reading
	for _, at := range curve {
		if at.Bytes <= bytes && at.Bytes > below.Bytes {
			below = at
		}
		if at.Bytes >= bytes && (above.Bytes == 0 || at.Bytes < above.Bytes) {
			above = at
		}
	}
	return max(below.BytesPerS, above.BytesPerS)
}

// checkCeiling refuses a sample that read the data faster than their memory gives them. Before it
// does so it measures the memory again: other programs may have slowed the first measurement.
func (r *Run) checkCeiling(a *arm, s *journal.Sample) error {
	bytes := r.plan.DataBytes(a.Precision)
	if a.resident && bytes < onChip {
		return nil
	}
	ceiling := r.ceiling(a.device, bytes)
	err := journal.CheckCeiling(s, bytes, ceiling)
	if err != nil && r.memoryOf(a.device) == "cpu" && r.exactCeiling("cpu", bytes) < 0 {
		r.ceilings = append(slices.Clip(r.ceilings), journal.Ceiling{Device: "cpu", Bytes: bytes, BytesPerS: ceiling})
	}
	for look := 0; err != nil && look < ceilingLooks && r.setup.ReadRate != nil; look++ {
		i := r.exactCeiling(r.memoryOf(a.device), bytes)
		if i < 0 {
			break
		}
		r.ceilings[i].BytesPerS = max(r.ceilings[i].BytesPerS, r.setup.ReadRate(bytes))
		err = journal.CheckCeiling(s, bytes, r.ceilings[i].BytesPerS)
	}
	return err
}
