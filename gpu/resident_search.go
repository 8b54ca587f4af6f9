//go:build linux && cgo

package gpu

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"descent/dataset"
	"descent/gpu/device"
	"descent/shaders"
)

// residentChoices are what the searches of this process have found.
var residentChoices memo[residentKey, residentChoice]

// A residentKey is what a search for a variant of resident.comp depends on.
type residentKey struct {
	device, version string
	precision       dataset.Precision
	shape           shaders.FusedShape
	tiles, segments int
}

// A residentChoice is the variant that a search has found, with the time of an epoch.
type residentChoice struct {
	variant shaders.ResidentVariant
	epoch   time.Duration
	why     string // there is no variant, "" if there is
}

// chooseResident takes the fastest way to keep the data on the chip, by trials the first time.
func (r *residentDescent) chooseResident() error {
	r.residentSubmit = r.newSubmitter()
	if len(r.blocks) > 1 {
		r.why = fmt.Sprintf("the data lie in %d buffers", len(r.blocks))
		return nil
	}
	d := r.device
	key := residentKey{d.Renderer, d.Version, r.precision, r.shape, r.tiles, r.segments}
	found, known := residentChoices.get(key)
	start, compiled := time.Now(), r.phases.Compile
	if !known {
		var err error
		if found, err = r.search(); err != nil {
			return err
		}
		residentChoices.put(key, found)
	}
	if r.why = found.why; r.why != "" {
		r.release()
	} else if err := r.useResident(found.variant); err != nil {
		return err
	} else {
		r.residentSubmit.batch = max(1, int(submissionTime/max(found.epoch, 1)))
	}
	r.phases.Search += time.Since(start) - (r.phases.Compile - compiled)
	return nil
}

// residentVariants lists how the data can be kept on the chip, the fewest groups first. A group's
// segments are in one cluster. If one group can have all the data, only variants for one group are
// listed: groups wait for one another longer than such a group takes for an epoch.
func (r *residentDescent) residentVariants() []shaders.ResidentVariant {
	d := r.device
	all := shaders.ResidentVariants(realOf(r.precision), r.shape, shaders.ResidentFit{
		Tiles: r.tiles, Segments: r.segments, SharedBytes: d.Limits.MaxSharedBytes, Subgroup: d.Features.SubgroupSize,
	})
	all = slices.DeleteFunc(all, func(v shaders.ResidentVariant) bool { return r.clusters > 1 && r.cluster%v.Taken() != 0 })
	alone := slices.DeleteFunc(slices.Clone(all), func(v shaders.ResidentVariant) bool { return v.Many })
	if len(alone) > 0 {
		return alone
	}
	return all
}

// A demand is what a variant asks of a device: count work groups of size invocations at the same
// time.
type demand struct{ size, count int }

// covers reports whether d asks at least as much as e.
func (d demand) covers(e demand) bool { return d.size >= e.size && d.count >= e.count }

// residentSearchTime is after how long no more variants are tried. Compilers take longer for them
// than for the variants of fused.comp.
const residentSearchTime = 2 * searchTime

// search tries the variants for residentSearchTime. It drops a variant that the driver refuses,
// that gives other bits than gl-fused, or whose groups do not all run at the same time.
func (r *residentDescent) search() (residentChoice, error) {
	var best residentChoice
	variants := r.residentVariants()
	if len(variants) == 0 {
		return residentChoice{why: fmt.Sprintf("%s of data are too much for the registers and the shared memory of its work groups", device.FormatBytes(r.tiles*r.tileBytes()))}, nil
	}
	if r.device.Software && !variants[0].Many {
		// Every invocation costs it more than a slot, and the compiler far more.
		variants = variants[:1]
	}
	want, err := r.expect(testedEpochs(variants[0])) // all are for one group, or none
	if err != nil {
		return best, err
	}
	if want.w == nil {
		return residentChoice{why: fmt.Sprintf("sums of products of data this large are infinite in %v", r.precision)}, nil
	}
	begin := time.Now()
	var apart []demand                   // of groups that did not run together
	var needless shaders.ResidentVariant // the last variant but for its subgroups
	for _, v := range variants {
		asks := demand{v.LocalSize, r.groupsOf(v)}
		if time.Since(begin) > residentSearchTime || v == needless || slices.ContainsFunc(apart, asks.covers) {
			continue
		}
		epoch, err := r.trial(v, want)
		switch {
		case errors.Is(err, errApart):
			apart = append(apart, asks)
			continue
		case errors.Is(err, errWrong), errors.Is(err, device.Shader):
			continue
		case err != nil:
			return best, err
		case best.epoch == 0 || faster(epoch, best.epoch):
			best = residentChoice{variant: v, epoch: epoch}
		}
		needless = v
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

// testedEpochs is after how many epochs, in one dispatch, a variant must have the bits of gl-fused.
func testedEpochs(v shaders.ResidentVariant) int {
	if v.Many {
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

// expect returns what epochs of gl-fused come to. The step is not 0, so that w shows what was
// summed. It is as small as it takes to keep w finite, whatever the size of the data. If the sums
// are infinite, w is nil.
func (r *residentDescent) expect(epochs int) (expectation, error) {
	for step := 0x1p-10 / float64(r.n); step > 0; step /= 256 {
		r.setTrial()
		r.setStep(step)
		if err := r.descend(epochs); err != nil {
			return expectation{}, err
		}
		w := r.getWeights()
		if !slices.ContainsFunc(w, func(v float64) bool { return math.IsNaN(v - v) }) {
			return expectation{step, epochs, w}, device.CheckErrors("a trial by gl-fused")
		}
	}
	return expectation{}, device.CheckErrors("a trial by gl-fused")
}

var (
	errApart = errors.New("the work groups do not all run at the same time")
	errWrong = errors.New("w has other bits than with gl-fused")
)

// trial returns how long an epoch takes in a variant, after a self-test. In the self-test the
// groups have to meet in every epoch of a dispatch, and w has to be the w of want then, to the last
// bit.
func (r *residentDescent) trial(v shaders.ResidentVariant, want expectation) (time.Duration, error) {
	if err := r.useResident(v); err != nil {
		return 0, err
	}
	r.setTrial()
	r.setResidentStep(want.step)
	r.start()
	r.dispatchEpochs(want.epochs)
	if err := r.context.Finish(); err != nil {
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

// timeEpoch returns how long an epoch takes, by trials of so many epochs that they take trialTime.
func (r *residentDescent) timeEpoch() (time.Duration, error) {
	r.setResidentStep(0)
	r.start()
	all, epochs := 0, 16
	var best time.Duration
	for i := 0; i < trialCount; {
		took, err := r.timed(func() { r.take(epochs) })
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
