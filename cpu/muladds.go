package cpu

import (
	"descent/cpu/internal/kernel"
	"descent/dataset"
)

// mulAddRounds is how many rounds a call of Set.MulAdds has: at most some 50 µs, because assembly
// cannot be preempted, and so many that the start of a call does not count.
const mulAddRounds = 4096

// MulAdds returns how many multiply-adds a second the processor makes in a precision, on numbers in
// registers. one is with one worker, and all is the best of 1, 2, 4, … workers, at most threads of
// them (0 is no bound). It takes some 10 ms for each number of workers. Both are 0 without vector
// kernels, as with ReadBandwidth.
func MulAdds(precision dataset.Precision, threads int) (one, all float64) {
	if precision == dataset.Float32 {
		return mulAdds[float32](threads)
	}
	return mulAdds[float64](threads)
}

func mulAdds[T Float](threads int) (one, all float64) {
	set := kernel.Sets[T]()[0]
	if set.Name == kernel.Portable[T]().Name {
		return 0, 0
	}
	const eachCall = kernel.MulAddLines * mulAddRounds // lines
	crew := new(team)
	defer crew.dismiss()
	values := make([][]T, Processors(threads))
	for i := range values {
		values[i] = aligned[T](kernel.MulAddLines * kernel.Lanes[T]())
	}
	w := []T{1, 0.5} // the values go to 2, and neither grow nor vanish
	for workers := range crews(threads) {
		calls := crew.best(workers, steady, func(i, times int) {
			for range times {
				set.MulAdds(&values[i][0], mulAddRounds, &w[0])
			}
		})
		all = max(all, calls*float64(workers*eachCall*kernel.Lanes[T]()))
		if workers == 1 {
			one = all
		}
	}
	return one, all
}
