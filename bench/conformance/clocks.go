package conformance

import (
	"fmt"
	"slices"
	"time"

	"descent/bench"
	"descent/bench/journal"
	"descent/dataset"
)

// timing returns the checks of a worker's clock. They look for differences of several times, which
// a busy machine does not cause.
func timing() []WorkerCheck {
	return []WorkerCheck{
		{Promise: "its clock agrees with the driver's", broken: (*Worker).clocksAgree,
			Remedy: "read a monotonic clock around all of the epochs, in nanoseconds, and wait for the device within them"},
		{Promise: "time grows with the epochs", broken: (*Worker).timeGrows,
			Remedy: "run every epoch as a pass over the data, or say in hello's algorithm what is done instead"},
		{Promise: "a number of epochs that is new costs nothing once", broken: (*Worker).epochsAreFree,
			Remedy: "compile in load, for any number of epochs: make the number an argument of the compiled program, not a constant in it"},
		{Promise: "calls are heeded", broken: (*Worker).callsAreHeeded,
			Remedy: "run the descent calls times, each from the w of the request, within one reading of the clock, and say \"calls\":true in hello"},
	}
}

const (
	timedRows  = 10_000                 // N of the problem that is timed; P is 1
	shortest   = 10 * time.Millisecond  // of a descent that is compared with a longer one
	typical    = 100 * time.Millisecond // of a sample in a run
	longer     = 10                     // times as many epochs, or calls, in the longer descent
	seenLonger = 3                      // times as long the longer one must take at least
	tries      = 5                      // a pause of the system can spoil one of them
	again      = 2                      // further descents that must take as long as the pace
	newEpochs  = 11                     // no other check uses this number of epochs, or a few more
	compiles   = 2 * time.Millisecond   // compiling takes longer; a pause of the system rarely does
	patience   = 8                      // tries to see clocks that agree
	rest       = 10 * time.Millisecond  // before the first try; n times as long before the nth
	paceLimit  = 20 * time.Second       // for choosing the pace
	mostEpochs = 1 << 27                // the longest pace: no pass over the data is this fast
)

// A stopwatch times descents of a worker.
type stopwatch struct {
	*bench.Process
	traj   *dataset.Trajectory
	one    time.Duration // time of a descent of one epoch, by the driver's clock
	epochs int           // the number that pace chose
	taken  int           // number of samples so far
}

// timed starts a process, warms it up and calls do with it.
func (w *Worker) timed(do func(*stopwatch) error) error {
	return w.loaded(timedRows, func(p *bench.Process, prob *dataset.Problem) error {
		traj, err := dataset.NewTrajectory(prob, w.Contender.Precision)
		if err != nil {
			return err
		}
		s := &stopwatch{Process: p, traj: traj, epochs: 1}
		for range 2 { // the first may compile
			sample, err := s.sample(1, 1)
			if err != nil {
				return err
			}
			s.one = time.Duration(sample.WallNS)
		}
		return do(s)
	})
}

// compared chooses a number of epochs that takes much longer than what a descent does once.
func (s *stopwatch) compared() error { return s.pace(max(shortest, min(4*s.one, 40*shortest))) }

// pace chooses a number of epochs that takes at least enough, by the driver's clock. It must do so
// several times, because a pause of the system can make one descent long.
func (s *stopwatch) pace(enough time.Duration) error {
	s.epochs = 1
	begin := time.Now()
	for long := 0; s.epochs < mostEpochs; {
		now, err := s.sample(s.epochs, 1)
		if err != nil {
			return err
		}
		switch {
		case time.Duration(now.WallNS) < enough && time.Since(begin) > paceLimit:
			return fmt.Errorf("at N=%d, P=1: no number of epochs up to %d took %v or more several times in a row, in %v of trying",
				timedRows, s.epochs, enough, paceLimit)
		case time.Duration(now.WallNS) < enough:
			s.epochs, long = 2*s.epochs, 0
		case long == again:
			return nil
		default:
			long++
			time.Sleep(rest)
		}
	}
	return nil
}

// rate returns a rate at which s.epochs epochs do not reach the optimum. If the second of two calls
// went on from the first one's w, its answer would differ.
func (s *stopwatch) rate() float64 {
	lambda := s.traj.Eigenvalues()
	return min(s.traj.SafeRate(), 1/(lambda[len(lambda)-1]*float64(s.epochs)))
}

// sample times a descent, repeated calls times, and compares w with the oracle's. Each sample
// starts from its own w, because a worker could remember answers.
func (s *stopwatch) sample(epochs, calls int) (*journal.Sample, error) {
	s.taken++
	w0, rate := []float64{0x1p-10 * float64(s.taken), 0}, s.rate()
	reply, wall, err := s.Descend(w0, rate, epochs, calls)
	what := fmt.Sprintf("N=%d, P=1, %d epochs at rate %.4g", timedRows, epochs, rate)
	if calls > 1 {
		what = fmt.Sprintf("%s, %d calls", what, calls)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if _, err := s.traj.Check(w0, reply.W, rate, epochs); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrWrong, what, err)
	}
	return &journal.Sample{Epochs: epochs, Calls: calls, RunNS: reply.RunNS, WallNS: wall.Nanoseconds(), DeviceNS: reply.DeviceNS, W: reply.W}, nil
}

// least takes a few samples and returns the shortest of the worker's times.
func (s *stopwatch) least(epochs, calls int) (time.Duration, error) {
	var times []int64
	for range tries {
		sample, err := s.sample(epochs, calls)
		if err != nil {
			return 0, err
		}
		times = append(times, sample.RunNS)
	}
	return time.Duration(slices.Min(times)), nil
}

// stretched chooses a number of epochs and times two things: short is one call of that many epochs;
// long is calls calls of epochs times as many.
func (s *stopwatch) stretched(epochs, calls int) (short, long time.Duration, err error) {
	if err := s.compared(); err != nil {
		return 0, 0, err
	}
	if short, err = s.least(s.epochs, 1); err != nil {
		return 0, 0, err
	}
	sample, err := s.sample(epochs*s.epochs, calls)
	if err != nil {
		return 0, 0, err
	}
	return short, time.Duration(sample.RunNS), nil
}

func (w *Worker) clocksAgree() error {
	return w.timed(func(s *stopwatch) (late error) {
		if err := s.pace(typical); err != nil {
			return err
		}
		for n := range patience {
			time.Sleep(time.Duration(n+1) * rest) // the worker may still be busy after its answer
			sample, err := s.sample(s.epochs, 1)
			if err != nil {
				return err
			}
			contradiction, lateness := journal.CheckClocks(sample)
			if contradiction != nil {
				return fmt.Errorf("%d epochs: %w", sample.Epochs, contradiction)
			}
			switch {
			case lateness == nil && time.Duration(sample.WallNS) >= typical/2:
				return nil
			case lateness == nil: // pace ran on a busy machine; this descent is too short to tell
				s.epochs, late = min(2*s.epochs, mostEpochs), nil
			default:
				late = fmt.Errorf("%d epochs, %d times: %w", sample.Epochs, patience, lateness)
			}
		}
		return late
	})
}

func (w *Worker) timeGrows() error {
	if w.Hello.Algorithm != "" {
		return nil
	}
	return w.timed(func(s *stopwatch) error {
		few, many, err := s.stretched(longer, 1)
		if err == nil && (s.epochs >= mostEpochs || many < seenLonger*few) {
			err = fmt.Errorf("at N=%d, P=1: run_ns says %v for %d epochs and %v for %d", timedRows, few, s.epochs, many, longer*s.epochs)
		}
		return err
	})
}

// epochsAreFree finds out whether something is compiled for each number of epochs. If so, the first
// descent with a number takes longer than the second.
func (w *Worker) epochsAreFree() error {
	return w.timed(func(s *stopwatch) (dear error) {
		for n := range tries {
			first, err := s.sample(newEpochs+n, 1)
			if err != nil {
				return err
			}
			second, err := s.sample(newEpochs+n, 1)
			if err != nil {
				return err
			}
			if first.RunNS < 2*second.RunNS+compiles.Nanoseconds() {
				return nil
			}
			dear = Mild{fmt.Errorf("the first descent of %d epochs took %v, the second %v, and so on for %d other numbers",
				newEpochs+n, time.Duration(first.RunNS), time.Duration(second.RunNS), tries-1)}
		}
		return dear
	})
}

func (w *Worker) callsAreHeeded() error {
	if !w.Hello.Calls {
		return Mild{fmt.Errorf("hello does not say \"calls\":true, so a sample is one descent, even if that is too short for the clocks")}
	}
	return w.timed(func(s *stopwatch) error {
		one, several, err := s.stretched(1, longer)
		if err == nil && several < seenLonger*one {
			err = fmt.Errorf("at N=%d, P=1, %d epochs: run_ns says %v for one call and %v for %d", timedRows, s.epochs, one, several, longer)
		}
		return err
	})
}
