package conformance

import (
	"fmt"
	"slices"
	"time"

	"descent/bench"
	"descent/bench/journal"
	"descent/dataset"
)

// timing are the checks of a worker's clock. Each compares times that differ several times over, so that a busy
// machine breaks none.
func timing() []WorkerCheck {
	return []WorkerCheck{
		{Promise: "its clock agrees with the driver's", broken: (*Worker).clocksAgree,
			Remedy: "read a monotonic clock around all of the epochs, in nanoseconds, and wait for the device within them"},
		{Promise: "time grows with the epochs", broken: (*Worker).timeGrows,
			Remedy: "run every epoch as a pass over the data, or say in hello's algorithm what is done instead"},
		{Promise: "a number of epochs that is new costs nothing once", broken: (*Worker).epochsAreFree,
			Remedy: "compile in load, for any number of epochs: have it as an argument of the program, and not as a constant in it"},
		{Promise: "calls are heeded", broken: (*Worker).callsAreHeeded,
			Remedy: "run the descent calls times, each from the w of the request, within one reading of the clock, and say \"calls\":true in hello"},
	}
}

const (
	timedSamples = 10_000                 // of the problem that is timed
	shortest     = 10 * time.Millisecond  // of two descents that are compared
	typical      = 100 * time.Millisecond // of a sample in a run
	longer       = 10                     // times as many epochs has the longer descent, or calls
	seenLonger   = 3                      // times at least it must seem
	tries        = 5                      // at what a pause of the system can spoil
	again        = 2                      // times more a descent must take as long to be said to
	newEpochs    = 11                     // from which on no check has had the numbers
	compiles     = 2 * time.Millisecond   // at the least, a compiler, and a pause of the system not again and again
	patience     = 8                      // tries at clocks that agree
	rest         = 10 * time.Millisecond  // before the first of them, twice as long before the second, and so on
	paceLimit    = 20 * time.Second       // for finding the pace
	mostEpochs   = 1 << 27                // of the shorter descent: no pass over the data is so fast
)

// A stopwatch times descents of a worker.
type stopwatch struct {
	*bench.Process
	traj   *dataset.Trajectory
	one    time.Duration // that a descent of one epoch takes, by the driver's clock
	epochs int           // that the pace was found to be
	taken  int           // samples
}

// timed calls do with a new process that is warm.
func (w *Worker) timed(do func(*stopwatch) error) error {
	return w.loaded(timedSamples, func(p *bench.Process, prob *dataset.Problem) error {
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

// compared finds a number of epochs that take so long that what is done once a descent is the lesser part.
func (s *stopwatch) compared() error { return s.pace(max(shortest, min(4*s.one, 40*shortest))) }

// pace finds a number of epochs that take a time, by the driver's clock, again and again: a pause of the system is as long
// once.
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
			return fmt.Errorf("at N=%d, P=1: no number of epochs, up to %d, took %v or more again and again, in %v of trying",
				timedSamples, s.epochs, enough, paceLimit)
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

// rate is one at which the pace's epochs are not the way to the optimum: those of a second call, had it no start
// of its own, would be seen.
func (s *stopwatch) rate() float64 {
	lambda := s.traj.Eigenvalues()
	return min(s.traj.MaxRate()/2, 1/(lambda[len(lambda)-1]*float64(s.epochs)))
}

// sample times calls descents and holds w against the oracle's. Each has a start of its own, as answers can be remembered.
func (s *stopwatch) sample(epochs, calls int) (*journal.Sample, error) {
	s.taken++
	w0, rate := []float64{0x1p-10 * float64(s.taken), 0}, s.rate()
	reply, wall, err := s.Descend(w0, rate, epochs, calls)
	what := fmt.Sprintf("N=%d, P=1, %d epochs at rate %.4g", timedSamples, epochs, rate)
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

// least returns the least of the worker's times for a few samples.
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

// stretched times descents of so many epochs as the pace has, and one of epochs times as many in each of calls.
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
			time.Sleep(time.Duration(n+1) * rest) // until what the worker does behind its answer is done
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
			case lateness == nil: // the pace was that of a busy machine, and so short a descent tells little
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
			err = fmt.Errorf("at N=%d, P=1: run_ns says %v for %d epochs and %v for %d", timedSamples, few, s.epochs, many, longer*s.epochs)
		}
		return err
	})
}

// epochsAreFree looks for what is compiled for one number of epochs: the first descent of each then takes longer than the
// second.
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
		return Mild{fmt.Errorf("hello does not say \"calls\":true: a sample is one descent, however short it is for the clocks")}
	}
	return w.timed(func(s *stopwatch) error {
		one, several, err := s.stretched(1, longer)
		if err == nil && several < seenLonger*one {
			err = fmt.Errorf("at N=%d, P=1, %d epochs: run_ns says %v for one call and %v for %d", timedSamples, s.epochs, one, several, longer)
		}
		return err
	})
}
