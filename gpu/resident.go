//go:build linux && cgo

package gpu

import (
	"errors"
	"fmt"
	"slices"
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
}

// Places in meetings, as words: epochs that were taken, whether groups have given up, and the arrivals.
const (
	takenAt   = 0
	arrivedAt = 2
)

// An endurance is what may be asked of one dispatch.
type endurance struct {
	epochs int // at most
	looks  int // at the other work groups in vain, until one gives up
}

// enduranceOf returns that of a way. Looks in vain take some tenths of a second in all, more than waits do
// in a submission, and less than a watchdog allows. With more epochs a GPU would count arrivals past
// 2³¹. llvmpipe ends the loops of an invocation, and goes on behind them, after 65,535 rounds in all, a limit that
// looks and epochs together must not come near: the self-test shows that it has room for testedEpochs.
func enduranceOf(way shaders.ResidentVariant, lanes int, software bool) endurance {
	switch {
	case !software:
		return endurance{1 << 16, 1 << 14}
	case way.Many:
		return endurance{8, 30_000}
	case lanes > 1:
		return endurance{8, 0}
	}
	return endurance{64, 0}
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

// reserveMeetings makes the buffers that groups meet in.
func (r *residentDescent) reserveMeetings() (err error) {
	if r.rows, err = newBuffer(2 * r.sumBytes()); err != nil {
		return err
	}
	r.meetings, err = newBuffer(r.meetingBytes())
	return err
}

// release frees them.
func (r *residentDescent) release() {
	r.rows.delete()
	r.meetings.delete()
	r.rows, r.meetings = 0, 0
}

func (r *residentDescent) meetingBytes() int { return (arrivedAt + 1 + r.clusters) * arrivalBytes }

// stayBy makes a way the one that runs.
func (r *residentDescent) stayBy(way shaders.ResidentVariant) error {
	if r.rows == 0 {
		if err := r.reserveMeetings(); err != nil {
			return err
		}
	}
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
		r.stays.onTime, r.submit.onTime = 0, 0
		if r.why == "" {
			r.start()
			if err := r.stays.run(epochs, func(_, count int) { r.take(count) }); err != nil {
				return err
			}
			taken := r.taken(epochs)
			if taken == epochs {
				return nil
			}
			r.why = fmt.Sprintf("its %d work groups did not run at the same time any more after %d epochs", r.groups, taken)
			epochs -= taken
		}
		return r.descend(epochs)
	})
}

// DeviceTime returns the time that the last run took on the device's clock, 0 where it has none.
func (r *residentDescent) DeviceTime() time.Duration { return r.stays.onTime + r.submit.onTime }

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
		r.release()
		r.stays.delete()
		return nil
	}), r.fusedDescent.Close())
}
