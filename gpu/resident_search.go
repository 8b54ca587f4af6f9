//go:build linux && cgo

package gpu

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"descent/dataset"
	"descent/shaders"
)

// settled is what searches of this process have found, by kind of problem.
var settled = struct {
	sync.Mutex
	found map[residency]finding
}{found: map[residency]finding{}}

// A residency is what a search for a way to keep data on the chip depends on.
type residency struct {
	device, version string
	precision       dataset.Precision
	shape           shaders.FusedShape
	tiles, segments int
}

// A finding is a way, with the time of an epoch, or why there is none.
type finding struct {
	way   shaders.ResidentVariant
	epoch time.Duration
	why   string
}

// settle finds the fastest way to keep the data on the chip, by trials the first time.
func (r *residentDescent) settle() error {
	r.stays = r.context.newSubmitter()
	if len(r.blocks) > 1 {
		r.why = fmt.Sprintf("the data lie in %d buffers", len(r.blocks))
		return nil
	}
	d := r.context.device
	key := residency{d.Renderer, d.Version, r.precision, r.shape, r.tiles, r.segments}
	settled.Lock()
	found, known := settled.found[key]
	settled.Unlock()
	start, compiled := time.Now(), r.phases.Compile
	if !known {
		var err error
		if found, err = r.search(); err != nil {
			return err
		}
		settled.Lock()
		settled.found[key] = found
		settled.Unlock()
	}
	if r.why = found.why; r.why != "" {
		r.release()
	} else if err := r.stayBy(found.way); err != nil {
		return err
	} else {
		r.stays.batch = max(1, int(submissionTime/max(found.epoch, 1)))
	}
	r.phases.Search += time.Since(start) - (r.phases.Compile - compiled)
	return nil
}

// ways lists how the data can be kept on the chip, the fewest groups first. A group's segments are in one cluster. Waiting for one
// another takes groups longer than an epoch takes one that has all the data.
func (r *residentDescent) ways() []shaders.ResidentVariant {
	d := r.context.device
	all := shaders.ResidentVariants(realOf(r.precision), r.shape, r.tiles, r.segments, d.Limits.MaxSharedBytes, d.Features.SubgroupSize)
	all = slices.DeleteFunc(all, func(v shaders.ResidentVariant) bool { return r.clusters > 1 && r.cluster%v.Taken() != 0 })
	alone := slices.DeleteFunc(slices.Clone(all), func(v shaders.ResidentVariant) bool { return v.Many })
	if len(alone) > 0 {
		return alone
	}
	return all
}

// A group is what groups of a way ask of a device: how many invocations each, and how many there are.
type group struct{ size, count int }

// asksMore reports whether g asks at least as much as h.
func (g group) asksMore(h group) bool { return g.size >= h.size && g.count >= h.count }

// settleTime is after how long no more ways are tried: compilers take longer for them than for variants of fused.comp.
const settleTime = 2 * searchTime

// search tries the ways for settleTime. One that the driver refuses, that gives other bits than
// gl-fused, or whose groups do not all run at the same time, is none.
func (r *residentDescent) search() (finding, error) {
	var best finding
	ways := r.ways()
	if len(ways) == 0 {
		return finding{why: fmt.Sprintf("%s of data are too much for the registers and the shared memory of its work groups", formatBytes(r.tiles*r.tileBytes()))}, nil
	}
	if r.context.device.Software && !ways[0].Many {
		ways = ways[:1] // every invocation costs it more than a slot, and the compiler far more
	}
	want, err := r.expect(testedEpochs(ways[0])) // all are for one group, or none
	if err != nil {
		return best, err
	}
	if want.w == nil {
		return finding{why: fmt.Sprintf("sums of products of data this large are infinite in %v", r.precision)}, nil
	}
	begin := time.Now()
	var apart []group                    // that did not run together
	var needless shaders.ResidentVariant // the last way but for its subgroups
	for _, way := range ways {
		g := group{way.LocalSize, r.groupsOf(way)}
		if time.Since(begin) > settleTime || way == needless || slices.ContainsFunc(apart, g.asksMore) {
			continue
		}
		epoch, err := r.trial(way, want)
		switch {
		case errors.Is(err, errApart):
			apart = append(apart, g)
			continue
		case errors.Is(err, errWrong), errors.Is(err, Shader):
			continue
		case err != nil:
			return best, err
		case best.epoch == 0 || faster(epoch, best.epoch):
			best = finding{way: way, epoch: epoch}
		}
		needless = way
		needless.Subgroup = 0
	}
	if best.epoch == 0 {
		best.why = "no way to keep the data on the chip is right on this device"
		if len(apart) > 0 {
			best.why = fmt.Sprintf("%d work groups of %d, which the data take, do not run at the same time on this device", apart[0].count, apart[0].size)
		}
	}
	return best, nil
}

// testedEpochs are those after which a way must have the bits of gl-fused, in one dispatch.
func testedEpochs(way shaders.ResidentVariant) int {
	if way.Many {
		return 16
	}
	return 64
}

// An expectation is w after epochs of a step by gl-fused from the w of a trial.
type expectation struct {
	step   float64
	epochs int
	w      []float64
}

// expect returns what epochs of gl-fused come to. The step is not 0, so that w shows what was summed, and as small as it
// takes to keep w finite whatever the size of the data; with sums that are infinite, w is nil.
func (r *residentDescent) expect(epochs int) (expectation, error) {
	for step := 0x1p-10 / float64(r.n); step > 0; step /= 256 {
		r.setTrial()
		r.setStep(step)
		if err := r.descend(epochs); err != nil {
			return expectation{}, err
		}
		w := r.getWeights()
		if !slices.ContainsFunc(w, func(v float64) bool { return math.IsNaN(v - v) }) {
			return expectation{step, epochs, w}, checkError("a trial by gl-fused")
		}
	}
	return expectation{}, checkError("a trial by gl-fused")
}

var (
	errApart = errors.New("the work groups do not all run at the same time")
	errWrong = errors.New("w has other bits than with gl-fused")
)

// trial returns how long an epoch takes a way, after a self-test: the groups have to meet in every epoch of
// a dispatch, and w has to be that of want then, to the last bit.
func (r *residentDescent) trial(way shaders.ResidentVariant, want expectation) (time.Duration, error) {
	if err := r.stayBy(way); err != nil {
		return 0, err
	}
	r.setTrial()
	r.setStayStep(want.step)
	r.start()
	r.dispatchEpochs(want.epochs)
	if err := r.context.finish(patience); err != nil {
		return 0, err
	}
	if r.taken(want.epochs) < want.epochs {
		return 0, errApart
	}
	if !slices.Equal(r.getWeights(), want.w) {
		return 0, errWrong
	}
	return r.timeEpoch()
}

// timeEpoch returns how long an epoch takes, in dispatches of so many that they take trialTime.
func (r *residentDescent) timeEpoch() (time.Duration, error) {
	r.setStayStep(0)
	r.start()
	all, epochs := 0, 16
	var best time.Duration
	for i := 0; i < trials; {
		took, err := r.context.timed(func() { r.take(epochs) })
		if err != nil {
			return 0, err
		}
		if all += epochs; i == 0 && took < trialTime && epochs < 1<<12 {
			epochs *= 4
			continue
		}
		if i == 0 || took < best {
			best = took
		}
		i++
	}
	if r.taken(all) < all {
		return 0, errApart
	}
	return max(1, best/time.Duration(epochs)), nil
}
