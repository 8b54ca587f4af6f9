//go:build linux && cgo

package gpu

import (
	"errors"
	"math/bits"
	"slices"
	"time"

	"descent/dataset"
	"descent/gpu/device"
	"descent/shaders"
)

// A fusedKey is what a search for a variant of fused.comp depends on.
type fusedKey struct {
	device, version string
	precision       dataset.Precision
	shape           shaders.FusedShape
	// Tiles that a segment has, as a power of two, up to the most that are in flight.
	rounds   int
	segments int // of a block, by a factor of 16
}

// fusedVariants are what the searches of this process have found.
var fusedVariants memo[fusedKey, shaders.FusedVariant]

// choose takes the variant that is fastest on this device for this shape and size, by trials the
// first time. It cuts an epoch that takes too long for one submission into pieces.
func (f *fusedDescent) choose() error {
	d, b := f.device, f.blocks[0]
	key := fusedKey{d.Renderer, d.Version, f.precision, f.shape,
		min(shaders.PowerOf2((b.tiles+b.segments-1)/b.segments), 8), bits.Len(uint(b.segments)) / 4}
	variant, known := fusedVariants.get(key)

	start := time.Now()
	t := fusedTrial{fusedDescent: f, part: span{end: min(b.segments, segmentAlign)}, repeats: 1}
	if !known {
		variant = shaders.PlainFused
	}
	took, err := t.time(variant)
	if err == nil && !known {
		variant, took, err = t.search(d.Features.SubgroupSize, key.rounds, took)
	}
	if err != nil {
		return err
	}
	if err := f.use(variant); err != nil {
		return err
	}
	f.phases.Search = time.Since(start) - f.phases.Compile

	epoch := took * time.Duration(f.segments) / time.Duration(t.repeats*t.part.end)
	f.epoch = f.pieces(int(epoch/submissionTime) + 1)

	fusedVariants.put(key, variant)
	return f.context.Finish()
}

// use makes a variant the one that runs.
func (f *fusedDescent) use(v shaders.FusedVariant) error {
	start := time.Now()
	p, err := f.compile(shaders.Fused(realOf(f.precision), f.shape, v))
	f.phases.Compile += time.Since(start)
	if err != nil {
		return err
	}
	f.program, f.variant = p, v
	f.setStep(0) // in trials w stays as it is
	return nil
}

const (
	// trialTime is what a trial should take at least, to stand out from the clock's tick and from
	// the start of a dispatch; several fit a submission.
	trialTime = time.Millisecond
	// trialCount is how often each variant is timed. The least of the times counts, because
	// disturbances make times longer.
	trialCount = 3
	// searchTime is after how long no more variants are tried. Some compilers take seconds for one.
	searchTime = 2 * time.Second
	// A variant is taken for another if its time is less than this share of the other's.
	worthwhile = 0.98
)

// A fusedTrial is a number of dispatches over a part of the first block's segments, the same for
// all variants.
type fusedTrial struct {
	*fusedDescent
	part    span
	repeats int
}

// time returns how long the trial takes with a variant.
func (t *fusedTrial) time(v shaders.FusedVariant) (time.Duration, error) {
	if err := t.use(v); err != nil {
		return 0, err
	}
	t.bind()
	t.setTrial()
	t.sums.Zero()      // a variant that does nothing must not pass for right
	t.dispatch(t.part) // drivers finish compiling here
	var best time.Duration
	for i := range trialCount {
		took, err := t.timed(func() {
			for range t.repeats {
				device.StorageBarrier()
				t.dispatch(t.part)
			}
		})
		if err != nil {
			return 0, err
		}
		if i == 0 || took < best {
			best = took
		}
	}
	return best, nil
}

// setTrial sets a w for which the sums depend on all data.
func (f *fusedDescent) setTrial() {
	w := make([]float64, f.width())
	for c := range w {
		w[c] = 1 / float64(c+2)
	}
	f.setWeights(w)
}

// lengthen makes the trial longer, until it takes trialTime: first by more segments, then by more
// repeats. It returns the time that the trial then takes.
func (t *fusedTrial) lengthen(took time.Duration) (time.Duration, error) {
	most := t.blocks[0].segments
	for took < trialTime && t.repeats < 256 {
		if t.part.end < most {
			t.part.end = min(most, 4*t.part.end)
		} else {
			t.repeats *= 2
		}
		var err error
		if took, err = t.time(t.variant); err != nil {
			return 0, err
		}
	}
	return took, nil
}

// search makes the trial long enough, after the plain variant took so long in it, and tries the
// others for searchTime. It varies the number of tiles in flight, then the size of the work group,
// then subgroups, each with the best of what came before. It does not try more tiles than the
// rounds that a segment has. It drops a variant that the driver refuses, or that gives other bits
// than the plain one.
func (t *fusedTrial) search(subgroup, rounds int, took time.Duration) (shaders.FusedVariant, time.Duration, error) {
	begin := time.Now()
	took, err := t.lengthen(took)
	if err != nil {
		return shaders.FusedVariant{}, 0, err
	}
	plain := t.sumBits()
	best := shaders.PlainFused
	all := shaders.FusedVariants(t.shape, subgroup)
	for _, vary := range []func(*shaders.FusedVariant, shaders.FusedVariant){
		func(v *shaders.FusedVariant, to shaders.FusedVariant) { v.Unroll = to.Unroll },
		func(v *shaders.FusedVariant, to shaders.FusedVariant) { v.LocalSize = to.LocalSize },
		func(v *shaders.FusedVariant, to shaders.FusedVariant) { v.Subgroup = to.Subgroup },
	} {
		tried := []shaders.FusedVariant{best}
		from := best
		for _, to := range all {
			v := from
			vary(&v, to)
			if slices.Contains(tried, v) || v.Unroll > rounds || !slices.Contains(all, v) || time.Since(begin) > searchTime {
				continue
			}
			tried = append(tried, v)
			its, err := t.time(v)
			if err == nil && faster(its, took) && slices.Equal(t.sumBits(), plain) {
				// The device may have gained speed since the best was timed.
				var again time.Duration
				again, err = t.time(best)
				if took = min(took, again); err == nil && faster(its, took) {
					best, took = v, its
				}
			}
			if err != nil && !errors.Is(err, device.Shader) {
				return best, took, err
			}
		}
	}
	return best, took, nil
}

// faster reports whether a variant that takes its is at least 2% faster than took.
func faster(its, took time.Duration) bool { return float64(its) < worthwhile*float64(took) }

// sumBits returns the bits of the sums of the trial's part.
func (t *fusedTrial) sumBits() []uint32 {
	words := make([]uint32, t.part.end*t.width()*t.size/4)
	device.UpdateBarrier()
	device.Download(t.sums, 0, words)
	return words
}
