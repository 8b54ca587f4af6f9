package cpu

import (
	"time"

	"descent/cpu/internal/kernel"
)

// Each trial of ReadBandwidth reads for readTime, and readTrials trials are made for a number of
// workers.
const (
	readTime   = 2 * time.Millisecond
	readTrials = 5
)

// ReadBandwidth returns how many bytes a second the processor reads from a buffer of that many
// bytes, again and again. It is what the memory gives that holds so much data: the best of 1, 2, 4,
// … workers, at most threads of them (0 is no bound). It takes some 10 ms for each number of
// workers. It is 0 without vector kernels, because plain Go tells nothing of what other programs
// can reach.
func ReadBandwidth(bytes, threads int) float64 {
	set := kernel.Sets[float64]()[0]
	if set.Name == kernel.Portable[float64]().Name {
		return 0
	}
	lines := max(1, bytes/kernel.Line)
	data := aligned[float64](lines * kernel.Lanes[float64]())
	crew := new(team)
	defer crew.dismiss()
	best := 0.0
	for workers := 1; workers <= min(Processors(threads), lines); workers *= 2 {
		passes := 1
		for trial := 0; trial < readTrials; {
			start := time.Now()
			crew.run(workers, func(i int) { sumLines(set, data, lines*i/workers, lines*(i+1)/workers, passes) })
			took := time.Since(start)
			if took < readTime/2 {
				passes *= 2
				continue
			}
			best = max(best, float64(passes*lines*kernel.Line)/took.Seconds())
			trial++
		}
	}
	return best
}

// sumLines sums the lines of data from lo to below hi, passes times.
func sumLines(set *kernel.Set[float64], data []float64, lo, hi, passes int) (sum float64) {
	v := kernel.Lanes[float64]()
	for range passes {
		for at := lo; at < hi; at += callBytes / kernel.Line {
			sum += set.Sum(&data[at*v], min(callBytes/kernel.Line, hi-at))
		}
	}
	return sum
}
