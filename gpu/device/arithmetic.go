//go:build linux && cgo

package device

import (
	"fmt"
	"slices"
	"time"

	"descent/bench"
	"descent/dataset"
	"descent/shaders"
)

const (
	// longRound is how long a round may take for more groups to be tried.
	longRound = 2 * time.Millisecond
	// mostMulAddRounds keeps the numbers of muladd.comp small enough for f32, and its loops short
	// enough for llvmpipe, unrolled or not.
	mostMulAddRounds = min(loopRounds/(shaders.MulAddSteps+1), 1<<23/(shaders.MulAddChains*shaders.MulAddSteps))
)

// arithmeticGroups are the numbers of work groups that are tried: from one or two for each
// processor of a large device to as many as it can hold.
var arithmeticGroups = []int{64, 256, 1024}

// measureArithmetic measures how many multiply-adds the device makes, in each precision that it
// has.
func (c *Context) measureArithmetic(p *bench.Probe) (err error) {
	if p.MulAddsF32, err = c.mulAdds(dataset.Float32); err != nil || !c.device.Features.Float64 {
		return err
	}
	p.MulAddsF64, err = c.mulAdds(dataset.Float64)
	return err
}

// mulAdds returns how many multiply-adds a second the device makes, with the best number of work
// groups.
func (c *Context) mulAdds(precision dataset.Precision) (best float64, err error) {
	number := shaders.Double
	if precision == dataset.Float32 {
		number = shaders.Float
	}
	program, err := c.Program(shaders.MulAdd(number))
	if err != nil {
		return 0, err
	}
	result, err := NewBuffer(slices.Max(arithmeticGroups) * shaders.LocalSize * precision.Bytes())
	if err != nil {
		return 0, err
	}
	defer result.Delete()
	program.SetReal(shaders.LocationReal, precision, 1)
	for _, groups := range arithmeticGroups {
		result.Zero()
		result.Bind(shaders.BindingResult)
		each, rounds, err := c.perRound(mostMulAddRounds, func(rounds int) {
			program.setUints(rounds, 1)
			program.Dispatch(groups, 1, 1)
		})
		if err != nil {
			return 0, err
		}
		if err := c.checkMulAdds(result, precision, groups, rounds); err != nil {
			return 0, err
		}
		best = max(best, perSecond(float64(groups*shaders.LocalSize*shaders.MulAddChains*shaders.MulAddSteps), each))
		if each > float64(longRound) {
			break // the device is busy, and two rounds of more groups might not fit a submission
		}
	}
	return best, nil
}

// checkMulAdds checks the result of so many rounds by so many groups. Every number has grown by 1
// in every step. So a driver that leaves steps out is found.
func (c *Context) checkMulAdds(result Buffer, precision dataset.Precision, groups, rounds int) error {
	want := 0.0
	for k := range shaders.MulAddChains {
		want += float64(k + rounds*shaders.MulAddSteps)
	}
	UpdateBarrier()
	var wrong bool
	if precision == dataset.Float32 {
		wrong = unlike(result, groups*shaders.LocalSize, float32(want))
	} else {
		wrong = unlike(result, groups*shaders.LocalSize, want)
	}
	if wrong {
		return &Error{Kind: Rejected, Provider: c.device.Provider,
			Detail: fmt.Sprintf("%s made %d multiply-adds in %v wrongly", c.device.Renderer, rounds*shaders.MulAddSteps, precision)}
	}
	return CheckErrors("the result of multiply-adds")
}

// unlike reports whether any of the first count values of a buffer is not want.
func unlike[T Element](b Buffer, count int, want T) bool {
	got := make([]T, count)
	Download(b, 0, got)
	return slices.ContainsFunc(got, func(v T) bool { return v != want })
}
