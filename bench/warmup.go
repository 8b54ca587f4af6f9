package bench

import (
	"descent/bench/stats"
	"math"
	"time"
)

// How long samples and the pieces of a warm-up are to be.
const (
	// overheadShare is what the clock and the protocol are to be of a sample: under 0.1%, with what the estimate may be off.
	overheadShare = 0.0008
	// Whatever the overhead, a sample is this long, if it can be: below, a pause of the system would be most of it; above,
	// more samples tell more than longer ones.
	shortestSample = 20 * time.Millisecond
	longestSample  = 250 * time.Millisecond
	// rampEnds is how long a descent is from which the time of longer ones is told.
	rampEnds = 2 * time.Millisecond
	// pieces of a warm-up make a sample, and mostPieces are taken.
	pieces     = 10
	mostPieces = 64
)

// warmUp brings a's new process, begun at began, to where its times no longer drift. The first process finds how many
// epochs and calls a sample has; those after it have the same.
func (r *Run) warmUp(a *arm, began time.Time) error {
	first := a.epochs == 0
	a.overheads = nil
	if first {
		if err := r.ramp(a); err != nil || a.ended {
			return err
		}
		r.calibrate(a, began)
	} else if err := r.sample(a, 1, 1, true); err != nil || a.ended {
		return err
	}
	warm, err := r.settle(a)
	if err != nil || a.ended {
		return err
	}
	if first {
		r.calibrate(a, began) // once more, by the pace of a warm process
	}
	warm.Contender, warm.Process, warm.Epochs, warm.Calls = a.Name(), a.process, a.epochs, a.calls
	warm.OverheadNS = stats.Median(a.overheads).Nanoseconds()
	return r.journal.Write(Record{Warm: &warm})
}

// ramp runs descents of 1, 1, 8, 64, … epochs until one tells the time of longer ones. The first does not tell it alone:
// what a driver puts off to it, compiling above all, is no part of an epoch.
func (r *Run) ramp(a *arm) error {
	for epochs, n := 1, 0; ; n++ {
		if err := r.sample(a, epochs, 1, true); err != nil || a.ended {
			return err
		}
		if epochs == 1 {
			a.once = a.last
		}
		if n == 0 {
			continue
		}
		long := a.last >= rampEnds
		if a.other {
			long = a.last-a.once >= max(rampEnds, a.once/2)
		}
		if long || epochs >= r.plan.Epochs {
			a.pace = r.predict(a, epochs)
			return nil
		}
		epochs = min(8*epochs, r.plan.Epochs)
	}
}

// predict returns the time of a descent of the plan's epochs, from that of the last one, of epochs. What another algorithm
// does once a descent it does not do again for more epochs.
func (r *Run) predict(a *arm, epochs int) time.Duration {
	once := time.Duration(0)
	if a.other && epochs > 1 {
		once = min(a.once, a.last)
	}
	each := float64(a.last-once) / float64(epochs)
	return max(1, once+time.Duration(each*float64(r.plan.Epochs)))
}

// calibrate finds the epochs and calls of a's samples from its pace. The protocol and the clock are to be a thousandth
// of one, and all samples of all processes to fit into a's share of the budget. Where not even one call does, it has fewer
// epochs, rounded down to one digit: at least one, and for another algorithm enough that its epochs take as long as what it
// does once.
func (r *Run) calibrate(a *arm, began time.Time) {
	starting := time.Since(began)
	// A process has room for its warm-up and one sample at least: rather few samples that tell than many that do not.
	// What the first process compiles, and is cached from then on, is not to make the samples short.
	room := max((r.allotment()-starting)*2/5, min(r.share()/(2*leastGenerations), a.sampleLength()))
	whole := r.whole(a)
	if whole > room {
		room = min(room, longestSample)
		once := time.Duration(0)
		if a.other {
			once = min(a.once, whole)
			room = max(room, 2*once)
		}
		fit := float64(r.plan.Epochs) * float64(room-once) / float64(max(1, whole-once))
		a.epochs, a.calls = min(r.plan.Epochs, max(1, oneDigit(fit))), 1
		a.pace = once + time.Duration(float64(whole-once)*float64(a.epochs)/float64(r.plan.Epochs))
		return
	}
	a.epochs, a.calls, a.pace = r.plan.Epochs, 1, whole
	if a.several {
		length := min(room, a.sampleLength())
		a.calls = max(1, int(math.Ceil(float64(length)/float64(whole))))
	}
}

// sampleLength is how long a sample is to be for the clock and the protocol to be a small share of it.
func (a *arm) sampleLength() time.Duration {
	overhead := max(stats.Median(a.overheads), clockTick)
	return min(max(time.Duration(float64(overhead)/overheadShare), shortestSample), longestSample)
}

// settle takes pieces of samples until the last stats.DriftWindow of them show no drift; as many at the most as a process has
// time for.
func (r *Run) settle(a *arm) (Warmed, error) {
	epochs, calls := a.epochs, a.calls/pieces
	if calls == 0 {
		epochs, calls = max(1, a.epochs*a.calls/pieces), 1
	}
	most := r.allotment() / 3
	var times []float64
	for began := time.Now(); len(times) < mostPieces; {
		if err := r.sample(a, epochs, calls, true); err != nil || a.ended {
			return Warmed{}, err
		}
		times = append(times, float64(a.last))
		if n := len(times); n >= stats.DriftWindow && !stats.Drifts(times[n-stats.DriftWindow:]) {
			a.repace(times[n-stats.DriftWindow:], epochs, calls)
			return Warmed{Samples: n, Settled: true}, nil
		}
		if time.Since(began) > most {
			break
		}
	}
	a.repace(times, epochs, calls)
	return Warmed{Samples: len(times)}, nil
}

// repace takes the pace of calls from that of pieces, where these are whole calls.
func (a *arm) repace(times []float64, epochs, calls int) {
	switch pace := stats.Median(times) / float64(calls); {
	case epochs == a.epochs:
		a.pace = time.Duration(max(1, pace))
	case !a.other:
		a.pace = time.Duration(max(1, pace*float64(a.epochs)/float64(epochs)))
	}
}

// oneDigit rounds down to one significant digit.
func oneDigit(v float64) int {
	digit := 1
	for 10*digit <= int(v) {
		digit *= 10
	}
	return int(v) / digit * digit
}
