package cpu

import (
	"time"

	"descent/cpu/internal/kernel"
)

// A Reading is how fast the processor reads so many bytes, again and again.
type Reading struct {
	Bytes     int
	BytesPerS float64
}

// leastBytes is the least that ReadCurve reads: less than any first cache holds.
const leastBytes = 8 << 10

// A pace is how long and how often something is repeated to find its best speed.
type pace struct {
	time   time.Duration // of a trial, at least half of it
	trials int
}

// The paces of ReadBandwidth and MulAdds, and of a point of ReadCurve.
var (
	steady = pace{2 * time.Millisecond, 5}
	brisk  = pace{time.Millisecond / 2, 6}
)

// ReadBandwidth returns how many bytes a second the processor reads from a buffer of that many
// bytes, again and again. It is what the memory gives that holds so much data: the best of 1, 2, 4,
// … workers, at most threads of them (0 is no bound). It takes some 10 ms for each number of
// workers. It is 0 without vector kernels, because plain Go tells nothing of what other programs
// can reach.
func ReadBandwidth(bytes, threads int) float64 {
	r := newReader(bytes, threads)
	if r == nil {
		return 0
	}
	defer r.crew.dismiss()
	best := 0.0
	for workers := range crews(threads) {
		best = max(best, r.bandwidth(r.lines, workers, steady))
	}
	return best
}

// ReadCurve returns how fast the processor reads a buffer again and again, by its size: powers of
// two from 8 KiB to at most most bytes. one is with one worker, and all is the best of 1, 2, 4, …
// workers, at most threads of them (0 is no bound). So the curve shows what each cache gives, and
// then the memory. Both are empty without vector kernels. It takes some tenths of a second.
func ReadCurve(threads, most int) (one, all []Reading) {
	most = max(most, leastBytes)
	r := newReader(most, threads)
	if r == nil {
		return nil, nil
	}
	defer r.crew.dismiss()
	for bytes := leastBytes; bytes <= most; bytes *= 2 {
		best := 0.0
		for workers := range crews(threads) {
			best = max(best, r.bandwidth(bytes/kernel.Line, workers, brisk))
			if workers == 1 {
				one = append(one, Reading{bytes, best})
			}
		}
		all = append(all, Reading{bytes, best})
	}
	return one, all
}

// crews yields the numbers of workers to try: 1, 2, 4, … and all processors, at most limit if limit
// is above 0.
func crews(limit int) func(yield func(workers int) bool) {
	return func(yield func(int) bool) {
		all := Processors(limit)
		for workers := 1; workers < all; workers *= 2 {
			if !yield(workers) {
				return
			}
		}
		yield(all)
	}
}

// A reader is a buffer, and workers that read it.
type reader struct {
	set   *kernel.Set[float64]
	data  []float64
	lines int
	crew  *team
}

// newReader returns a reader of a buffer of at least one line, nil without vector kernels. Every
// page of the buffer was written by one of the workers: all pages that were never written may be
// the same one.
func newReader(bytes, threads int) *reader {
	set := kernel.Sets[float64]()[0]
	if set.Name == kernel.Portable[float64]().Name {
		return nil
	}
	r := &reader{set: set, lines: max(1, bytes/kernel.Line), crew: new(team)}
	v := kernel.Lanes[float64]()
	r.data = aligned[float64](r.lines * v)
	workers := Processors(threads)
	r.crew.run(workers, func(i int) {
		share := r.data[r.lines*i/workers*v : r.lines*(i+1)/workers*v]
		for k := range share {
			share[k] = 1
		}
	})
	return r
}

// bandwidth returns how many bytes a second so many workers read of the first lines, each its
// share.
func (r *reader) bandwidth(lines, workers int, p pace) float64 {
	workers = min(workers, lines)
	passes := r.crew.best(workers, p, func(i, passes int) { r.read(lines*i/workers, lines*(i+1)/workers, passes) })
	return passes * float64(lines*kernel.Line)
}

// read sums the lines from lo to below hi, passes times.
func (r *reader) read(lo, hi, passes int) (sum float64) {
	const most = callBytes / kernel.Line // lines of a call
	v := kernel.Lanes[float64]()
	if each := most / (hi - lo); each > 1 { // passes of a call
		for ; passes > 0; passes -= each {
			sum += r.set.Sum(&r.data[lo*v], hi-lo, min(each, passes))
		}
		return sum
	}
	for range passes {
		for at := lo; at < hi; at += most {
			sum += r.set.Sum(&r.data[at*v], min(most, hi-at), 1)
		}
	}
	return sum
}

// best returns how many times a second so many workers do a task together. The best of several
// trials counts, because every disturbance makes a trial longer.
func (t *team) best(workers int, p pace, task func(worker, times int)) (perSecond float64) {
	times := 1
	for trial := 0; trial < p.trials; {
		start := time.Now()
		t.run(workers, func(i int) { task(i, times) })
		took := time.Since(start)
		if took < p.time/2 {
			times *= 2
			continue
		}
		perSecond = max(perSecond, float64(times)/took.Seconds())
		trial++
	}
	return perSecond
}
