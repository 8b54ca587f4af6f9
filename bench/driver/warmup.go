package driver

import (
	"math"
	"time"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/stats"
)

// How long samples, and the pieces of a warm-up, are to be.
const (
	// overheadShare is the share of a sample that clock and protocol may take: under 0.1%, with
	// room for the error of the estimate.
	overheadShare = 0.0008
	// A sample is this long if it can be, whatever the overhead. In a shorter one, a pause of the
	// system would be most of it. Above, more samples tell more than longer ones.
	shortestSample = 20 * time.Millisecond
	longestSample  = 250 * time.Millisecond
	// rampEnds is the length of a descent that predicts the time of longer ones.
	rampEnds = 2 * time.Millisecond
	// A sample has so many pieces of a warm-up, and a warm-up has at most mostPieces.
	pieces     = 10
	mostPieces = 64
)

// A warmup brings a new process of an arm to where its times no longer drift. The first process
// also finds how many epochs and calls a sample has; later ones have the same.
type warmup struct {
	*Run
	a     *arm
	began time.Time // when the process was started
}

func (w *warmup) run() error {
	a := w.a
	first := a.epochs == 0
	a.overheads = nil
	if first {
		if err := w.ramp(); err != nil || a.ended {
			return err
		}
		w.calibrate()
	} else if err := w.warm(a, 1, 1); err != nil || a.ended {
		return err
	}
	warm, err := w.settle()
	if err != nil || a.ended {
		return err
	}
	if first {
		w.calibrate() // again, by the pace of a warm process
	}
	warm.Contender, warm.Process, warm.Epochs, warm.Calls = a.Name(), a.process, a.epochs, a.calls
	warm.OverheadNS = int64(stats.Median(a.overheads))
	return w.journal.Write(journal.Record{Warm: &warm})
}

// ramp runs descents of 1, 1, 8, 64, … epochs until one predicts the time of longer ones. The first
// descent never does: it contains what a GPU's driver puts off, above all
// compiling.
func (w *warmup) ramp() error {
	a := w.a
	for epochs, n := 1, 0; ; n++ {
		if err := w.warm(a, epochs, 1); err != nil || a.ended {
			return err
		}
		if epochs == 1 {
			a.once = a.last
		}
		if n == 0 {
			continue
		}
		long := a.last >= rampEnds
		if a.onePass {
			long = a.last-a.once >= max(rampEnds, a.once/2)
		}
		if long || epochs >= w.plan.Epochs {
			a.pace = w.predict(epochs)
			return nil
		}
		epochs = min(8*epochs, w.plan.Epochs)
	}
}

// predict returns the time of a descent of the plan's epochs, from the last descent, which had so
// many epochs. An algorithm of one pass makes its pass once, however many epochs there are.
func (w *warmup) predict(epochs int) time.Duration {
	once := time.Duration(0)
	if w.a.onePass && epochs > 1 {
		once = min(w.a.once, w.a.last)
	}
	each := float64(w.a.last-once) / float64(epochs)
	return max(1, once+time.Duration(each*float64(w.plan.Epochs)))
}

// calibrate finds the epochs and calls of a's samples from its pace. The protocol and the clock are
// to be a thousandth of a sample, and the samples of all processes are to fit into a's share of the
// budget.
//
// If not even one call fits, a sample has fewer epochs, rounded down to one digit: at least one,
// and for an algorithm of one pass enough that the epochs take as long as the pass.
func (w *warmup) calibrate() {
	a := w.a
	starting := time.Since(w.began)
	// A process has room for its warm-up and one sample at least: few samples that tell are better
	// than many that do not. What the first process compiles, and later ones find in a cache, must
	// not make the samples short.
	room := max((w.allotment()-starting)*2/5, min(w.share()/(2*journal.LeastGenerations), a.sampleLength()))
	whole := w.whole(a)
	if whole > room {
		room = min(room, longestSample)
		once := time.Duration(0)
		if a.onePass {
			once = min(a.once, whole)
			room = max(room, 2*once)
		}
		fit := float64(w.plan.Epochs) * float64(room-once) / float64(max(1, whole-once))
		a.epochs, a.calls = min(w.plan.Epochs, max(1, oneDigit(fit))), 1
		a.pace = once + time.Duration(float64(whole-once)*float64(a.epochs)/float64(w.plan.Epochs))
		return
	}
	a.epochs, a.calls, a.pace = w.plan.Epochs, 1, whole
	if a.several {
		length := min(room, a.sampleLength())
		a.calls = max(1, int(math.Ceil(float64(length)/float64(whole))))
	}
}

// sampleLength returns how long a sample must be for clock and protocol to be a small share of it.
func (a *arm) sampleLength() time.Duration {
	overhead := max(stats.Median(a.overheads), float64(bench.ClockTick))
	return min(max(time.Duration(overhead/overheadShare), shortestSample), longestSample)
}

// settle takes pieces of samples until the last stats.DriftWindow of them show no drift, or until
// the process has used its time for it.
func (w *warmup) settle() (journal.Warmed, error) {
	a := w.a
	epochs, calls := a.epochs, a.calls/pieces
	if calls == 0 {
		epochs, calls = max(1, a.epochs*a.calls/pieces), 1
	}
	most := w.allotment() / 3
	var times []float64
	for began := time.Now(); len(times) < mostPieces; {
		if err := w.warm(a, epochs, calls); err != nil || a.ended {
			return journal.Warmed{}, err
		}
		times = append(times, float64(a.last))
		if n := len(times); n >= stats.DriftWindow && !stats.Drifts(times[n-stats.DriftWindow:]) {
			a.repace(times[n-stats.DriftWindow:], epochs, calls)
			return journal.Warmed{Samples: n, Settled: true}, nil
		}
		if time.Since(began) > most {
			break
		}
	}
	a.repace(times, epochs, calls)
	return journal.Warmed{Samples: len(times)}, nil
}

// repace corrects a's pace by the times of pieces of a warm-up. Pieces of an algorithm of one pass
// tell only if they are whole calls.
func (a *arm) repace(times []float64, epochs, calls int) {
	switch pace := stats.Median(times) / float64(calls); {
	case epochs == a.epochs:
		a.pace = time.Duration(max(1, pace))
	case !a.onePass:
		a.pace = time.Duration(max(1, pace*float64(a.epochs)/float64(epochs)))
	}
}

// whole returns the time of the plan's epochs, by a's pace.
func (r *Run) whole(a *arm) time.Duration {
	if a.epochs == 0 {
		return a.pace
	}
	return time.Duration(float64(a.pace) * float64(r.plan.Epochs) / float64(a.epochs))
}

// oneDigit rounds down to one significant digit.
func oneDigit(v float64) int {
	digit := 1
	for 10*digit <= int(v) {
		digit *= 10
	}
	return int(v) / digit * digit
}
