package bench

import (
	"fmt"
	"math"
	"time"

	"descent/dataset"
)

// A verifier holds every answer against the oracle: the exact weights after as many
// epochs, for the data as a contender of that precision holds it.
type verifier struct {
	w0     []float64
	rate   float64
	oracle map[dataset.Precision]*dataset.Trajectory
}

// newVerifier computes the oracle for every precision among contenders. A rate at
// which the descent would not converge is an error.
func newVerifier(p *dataset.Problem, w0 []float64, rate float64, contenders []Contender) (*verifier, error) {
	v := &verifier{w0: w0, rate: rate, oracle: map[dataset.Precision]*dataset.Trajectory{}}
	for _, c := range contenders {
		if v.oracle[c.Precision] != nil {
			continue
		}
		t, err := dataset.NewTrajectory(p, c.Precision)
		if err != nil {
			return nil, err
		}
		if err := t.CheckRate(rate); err != nil {
			return nil, err
		}
		v.oracle[c.Precision] = t
	}
	return v, nil
}

// mark fills in what is known of s beyond what the worker and the clock said.
func (v *verifier) mark(s *Sample, prec dataset.Precision) {
	t := v.oracle[prec]
	s.Tolerance = t.Tolerance(v.w0, v.rate, s.Epochs)
	maxError, err := t.Check(v.w0, s.W, v.rate, s.Epochs)
	s.MaxError = Number(maxError)
	if err != nil {
		s.Wrong = err.Error()
	}
	if err := checkClocks(s); err != nil {
		s.Untrusted = err.Error()
	}
}

// clockShare and clockTick are by how much a part of a time may seem to exceed the whole
// on another clock: two clocks run at their own rates, and a device's has a coarse tick.
const (
	clockShare = 0.01
	clockTick  = 10 * time.Microsecond
)

// exceeds reports whether a part, in nanoseconds, is longer than the whole, beyond by how
// much their clocks may disagree.
func exceeds(part float64, whole int64) bool {
	return part > (1+clockShare)*float64(whole)+float64(clockTick)
}

// checkClocks holds the clocks of one sample against each other: the device's region
// lies within the worker's, and that within the driver's.
func checkClocks(s *Sample) error {
	run, wall, device := time.Duration(s.RunNS), time.Duration(s.WallNS), time.Duration(s.DeviceNS)
	switch {
	case run > wall:
		return fmt.Errorf("the worker's clock says %v, the driver's only %v", run, wall)
	case exceeds(float64(s.DeviceNS), s.RunNS):
		return fmt.Errorf("the device's clock says %v, the worker's only %v", device, run)
	}
	return nil
}

// checkTimes holds the time in an answer to hello against that since the worker was started, and the one in an answer to load
// against the driver's of the exchange.
func (r *Reply) checkTimes(req *Request, wall, age time.Duration) error {
	init, load := time.Duration(r.InitNS), time.Duration(r.LoadNS)
	switch {
	case req.Op == "hello" && init > age:
		return fmt.Errorf("init_ns says %v, and the worker was started %v ago", init, age)
	case req.Op == "load" && load > wall:
		return fmt.Errorf("load_ns says %v, the driver's clock only %v", load, wall)
	}
	return nil
}

// What the driver's clock may show beyond the worker's, for the protocol.
const (
	slackFixed = 10 * time.Millisecond
	slackShare = 0.05
)

// checkOverhead reports a sample for which the driver waited for much longer than the
// worker says it worked. One or two such waits are a busy machine; where every sample has it, the
// work was not done in the timed region.
func checkOverhead(s *Sample) error {
	run, wall := time.Duration(s.RunNS), time.Duration(s.WallNS)
	if wall-run <= slackFixed+time.Duration(slackShare*float64(wall)) {
		return nil
	}
	return fmt.Errorf("in every sample the driver waited for longer than the worker says it worked: %v for %v in the last", wall, run)
}

// CheckClocks holds the clocks of a sample against each other as a run does: any contradiction makes its row untrusted, and
// so does a lateness that every sample has.
func CheckClocks(s *Sample) (contradiction, lateness error) { return checkClocks(s), checkOverhead(s) }

// checkRange reports a value of p that overflows float32.
func checkRange(p *dataset.Problem) error {
	for _, part := range []struct {
		name   string
		values []float64
	}{{"X", p.X}, {"d", p.D}} {
		for i, v := range part.values {
			if math.Abs(v) > math.MaxFloat32 {
				return fmt.Errorf("%s[%d] = %v is beyond f32: leave the f32 contenders out (--precision f64), or scale the data", part.name, i, v)
			}
		}
	}
	return nil
}
