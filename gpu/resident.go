//go:build linux && cgo

package gpu

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"descent/dataset"
	"descent/shaders"
)

// A residentDescent takes many epochs in one dispatch of shaders/resident.comp, from the data of a fusedDescent and
// with its bits. Where it cannot, or not any more, the fusedDescent runs.
type residentDescent struct {
	*fusedDescent
	way      shaders.ResidentVariant
	stay     program // of way
	limits   endurance
	groups   int
	rows     buffer // of sums, of two epochs
	meetings buffer // of groups in epochs: the shader's arrivals
	stays    submitter
	why      string // it runs as gl-fused does, if it does
	onTime   time.Duration
}

// Places in meetings, as words: epochs that were taken, whether groups have given up, and the arrivals.
const (
	takenAt   = 0
	arrivedAt = 2
)

// An endurance is what may be asked of one dispatch.
type endurance struct {
	epochs int // at most
	looks  int // at the other work groups, until one gives up
}

// enduranceOf returns that of a way. Looks take about 0.1 s in all. With more epochs a GPU would count arrivals past
// 2³¹. llvmpipe ends the loops of an invocation, and goes on behind them, after 65,535 rounds in all, a limit that
// looks and epochs together must not come near: the self-test shows that it has room for testedEpochs.
func enduranceOf(way shaders.ResidentVariant, lanes int, software bool) endurance {
	switch {
	case !software:
		return endurance{1 << 16, 1 << 12}
	case way.Many:
		return endurance{8, 30_000}
	case lanes > 1:
		return endurance{8, 0}
	}
	return endurance{64, 0}
}

// testedEpochs are those after which a way must have the bits of gl-fused, in one dispatch.
func testedEpochs(way shaders.ResidentVariant) int {
	if way.Many {
		return 16
	}
	return 64
}

// buildResident lays the samples out as buildFused does, and looks for the fastest way to keep them on the chip.
func buildResident(c *Context, s samples, precision dataset.Precision, maxBytes int64) (descender, error) {
	d, err := buildFused(c, s, precision, maxBytes)
	if err != nil {
		return nil, err
	}
	r := &residentDescent{fusedDescent: d.(*fusedDescent)}
	if err := c.Do(r.settle); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// obstacle says why the data do not stay on the chip, and gl-fused runs; "" if they do.
func (r *residentDescent) obstacle() string { return r.why }

// below is gl-fused on the same buffers.
func (r *residentDescent) below() descender { return r.fusedDescent }

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
	if known && found.why != "" {
		r.why = found.why
		return nil
	}
	if err := r.reserveMeetings(); err != nil {
		return err
	}
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
	if r.why = found.why; r.why == "" {
		if err := r.stayBy(found.way); err != nil {
			return err
		}
		r.stays.batch = max(1, int(submissionTime/max(found.epoch, 1)))
	}
	r.phases.Search += time.Since(start) - (r.phases.Compile - compiled)
	return nil
}

// reserveMeetings makes the buffers that groups meet in.
func (r *residentDescent) reserveMeetings() (err error) {
	if r.rows, err = newBuffer(2 * r.sumBytes()); err != nil {
		return err
	}
	r.meetings, err = newBuffer(r.meetingBytes())
	return err
}

func (r *residentDescent) meetingBytes() int { return (arrivedAt + 1 + r.clusters) * arrivalBytes }

// stayBy makes a way the one that runs.
func (r *residentDescent) stayBy(way shaders.ResidentVariant) error {
	start := time.Now()
	p, err := r.context.program(shaders.Resident(realOf(r.precision), r.shape, way))
	r.phases.Compile += time.Since(start)
	if err != nil {
		return err
	}
	r.stay, r.way, r.limits = p, way, enduranceOf(way, r.shape.Lanes, r.context.device.Software)
	r.groups = r.groupsOf(way)
	return nil
}

func (r *residentDescent) groupsOf(way shaders.ResidentVariant) int {
	return (r.segments + way.Taken() - 1) / way.Taken()
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

// search tries the ways for searchTime. One that the driver refuses, that gives other bits than
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
	want, err := r.afterFused(testedEpochs(ways[0])) // all are for one group, or none
	if err != nil {
		return best, err
	}
	begin := time.Now()
	var apart []group                    // that did not run together
	var needless shaders.ResidentVariant // the last way but for its subgroups
	for _, way := range ways {
		g := group{way.LocalSize, r.groupsOf(way)}
		if time.Since(begin) > searchTime || way == needless || slices.ContainsFunc(apart, g.asksMore) {
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

// start shows the shader its buffers, and forgets what groups have said.
func (r *residentDescent) start() {
	barrierUpdate()
	r.meetings.zero()
	bindStorage(shaders.BindingData, r.data[0])
	bindStorage(shaders.BindingWeights, r.weights)
	bindStorage(shaders.BindingSums, r.rows)
	bindStorage(shaders.BindingArrivals, r.meetings)
	for i, v := range []int{r.n, r.p, r.tiles, r.segments, r.cluster, r.clusters, 0, r.limits.looks} {
		r.stay.setUint(location(shaders.LocationUint+i), uint32(v))
	}
}

// locationEpochs is where the shader has the number of its epochs.
var locationEpochs = location(shaders.LocationUint + slices.Index(shaders.Uniforms["resident"], "epochs"))

// take has so many epochs taken.
func (r *residentDescent) take(epochs int) {
	for ; epochs > 0; epochs -= r.limits.epochs {
		r.dispatchEpochs(min(epochs, r.limits.epochs))
	}
}

// dispatchEpochs runs the shader once.
func (r *residentDescent) dispatchEpochs(epochs int) {
	if r.way.Many {
		barrierUpdate()
		r.meetings.zeroPart(arrivedAt*arrivalBytes, r.meetingBytes()-arrivedAt*arrivalBytes)
	}
	barrierStorage()
	r.stay.setUint(locationEpochs, uint32(epochs))
	r.stay.dispatch(r.groups, 1, 1)
}

// taken returns how many of so many epochs were taken since start: all, unless groups have given up.
func (r *residentDescent) taken(epochs int) int {
	if !r.way.Many {
		return epochs
	}
	var said [1]uint32
	barrierUpdate()
	download(r.meetings, takenAt*arrivalBytes, said[:])
	return int(said[0])
}

// afterFused returns the bits of w after epochs by gl-fused from a w that has them depend on all data.
func (r *residentDescent) afterFused(epochs int) ([]uint32, error) {
	r.setTrial()
	r.setStep(trialStep(r.n))
	if err := r.descend(epochs); err != nil {
		return nil, err
	}
	return r.weightBits(), r.context.finish(patience)
}

var (
	errApart = errors.New("the work groups do not all run at the same time")
	errWrong = errors.New("w has other bits than with gl-fused")
)

// trial returns how long an epoch takes a way, after a self-test: the groups have to meet in every epoch of
// a dispatch, and w has to have the bits of want then.
func (r *residentDescent) trial(way shaders.ResidentVariant, want []uint32) (time.Duration, error) {
	if err := r.stayBy(way); err != nil {
		return 0, err
	}
	r.setTrial()
	r.setStayStep(trialStep(r.n))
	r.start()
	epochs := testedEpochs(r.way)
	r.dispatchEpochs(epochs)
	if err := r.context.finish(patience); err != nil {
		return 0, err
	}
	if r.taken(epochs) < epochs {
		return 0, errApart
	}
	if !slices.Equal(r.weightBits(), want) {
		return 0, errWrong
	}
	return r.timeEpoch()
}

// trialStep is so small that w hardly moves, and not 0, so that its bits show what was summed.
func trialStep(n int) float64 { return 0x1p-10 / float64(n) }

func (r *residentDescent) weightBits() []uint32 {
	words := make([]uint32, r.width()*r.size/4)
	barrierUpdate()
	download(r.weights, 0, words)
	return words
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

// setStayStep sets the step of the way to stay.
func (r *residentDescent) setStayStep(step float64) {
	r.stay.setReal(shaders.LocationReal, r.precision, step)
}

func (r *residentDescent) set(w []float64, rate float64) error {
	if err := r.fusedDescent.set(w, rate); err != nil || r.why != "" {
		return err
	}
	return r.context.Do(func() error {
		r.setStayStep(rate * 2 / float64(r.n))
		return nil
	})
}

func (r *residentDescent) run(epochs int) error {
	return r.context.Do(func() error {
		if r.why != "" {
			return r.fallBack(epochs)
		}
		r.start()
		if err := r.stays.run(epochs, func(_, count int) { r.take(count) }); err != nil {
			return err
		}
		r.onTime = r.stays.onTime
		taken := r.taken(epochs)
		if taken == epochs {
			return nil
		}
		r.why = fmt.Sprintf("its %d work groups did not run at the same time any more after %d epochs", r.groups, taken)
		r.onTime = 0
		if err := r.fallBack(epochs - taken); err != nil {
			return err
		}
		r.onTime += r.stays.onTime
		return nil
	})
}

// fallBack runs epochs as gl-fused does.
func (r *residentDescent) fallBack(epochs int) error {
	err := r.descend(epochs)
	r.onTime = r.submit.onTime
	return err
}

// DeviceTime returns the time that the last run took on the device's clock, 0 where it has none.
func (r *residentDescent) DeviceTime() time.Duration { return r.onTime }

func (r *residentDescent) note() string {
	switch {
	case r.why != "":
		return fmt.Sprintf("runs as gl-fused, for %s; %s", r.why, r.fusedDescent.note())
	case r.way.Many:
		return fmt.Sprintf("%d %v", r.groups, r.way)
	}
	return r.way.String()
}

// Close frees the buffers. The programs stay with the context.
func (r *residentDescent) Close() error {
	return errors.Join(r.context.Do(func() error {
		r.rows.delete()
		r.meetings.delete()
		r.stays.delete()
		return nil
	}), r.fusedDescent.Close())
}
