//go:build linux && cgo

package gpu

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"descent/gpu/device"
	"descent/shaders"
)

// A residentDescent takes many epochs in one dispatch of shaders/resident.comp, from the data of a
// fusedDescent and with its bits. The fusedDescent runs if the data cannot stay on the chip, or not
// any more.
type residentDescent struct {
	*fusedDescent
	resident        shaders.ResidentVariant
	residentProgram device.Program // of resident
	residentSubmit  submitter
	limits          endurance
	groups          int
	rows            device.Buffer // of sums, of two epochs
	meetings        device.Buffer // of groups in epochs: the shader's arrivals
	why             string        // it runs as gl-fused does, "" if it does not
}

// Places in meetings, as words. The first three are the epochs that were taken, whether groups have
// given up, and the arrivals.
const (
	takenAt   = 0
	arrivedAt = 2
)

// An endurance is what may be asked of one dispatch.
type endurance struct {
	epochs int // at most
	looks  int // at the other work groups in vain, until one gives up
}

// enduranceOf returns what a variant may be asked for. Looks in vain take some tenths of a second
// in all: more than waits do in a submission, and less than a watchdog allows. With more epochs a
// GPU would count arrivals past 2³¹. llvmpipe ends the loops of an invocation after 65,535 rounds
// in all, and goes on behind them. Looks and epochs together must not come near this limit: the
// self-test shows that there is room for testedEpochs.
func enduranceOf(v shaders.ResidentVariant, lanes int, software bool) endurance {
	switch {
	case !software:
		return endurance{1 << 16, 1 << 14}
	case v.Many:
		return endurance{8, 30_000}
	case lanes > 1:
		return endurance{8, 0}
	}
	return endurance{64, 0}
}

// buildResident builds the form "gl-resident". It lays the observations out as buildFused does, and
// searches for the fastest variant of resident.comp.
func buildResident(t *target, obs observations) (descender, error) {
	f, err := newFused(t, obs)
	if err != nil {
		return nil, err
	}
	r := &residentDescent{fusedDescent: f}
	if err := t.context.Do(r.chooseResident); err != nil {
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
	if r.rows, err = device.NewBuffer(2 * r.sumBytes()); err != nil {
		return err
	}
	r.meetings, err = device.NewBuffer(r.meetingBytes())
	return err
}

// release frees the buffers that groups meet in.
func (r *residentDescent) release() {
	r.rows.Delete()
	r.meetings.Delete()
	r.rows, r.meetings = 0, 0
}

func (r *residentDescent) meetingBytes() int { return (arrivedAt + 1 + r.clusters) * arrivalBytes }

// useResident makes a variant the one that runs.
func (r *residentDescent) useResident(v shaders.ResidentVariant) error {
	if r.rows == 0 {
		if err := r.reserveMeetings(); err != nil {
			return err
		}
	}
	start := time.Now()
	p, err := r.compile(shaders.Resident(realOf(r.precision), r.shape, v))
	r.phases.Compile += time.Since(start)
	if err != nil {
		return err
	}
	r.residentProgram, r.resident, r.limits = p, v, enduranceOf(v, r.shape.Lanes, r.device.Software)
	r.groups = r.groupsOf(v)
	return nil
}

func (r *residentDescent) groupsOf(v shaders.ResidentVariant) int {
	return (r.segments + v.Taken() - 1) / v.Taken()
}

// start shows the shader its buffers, and forgets what groups have said.
func (r *residentDescent) start() {
	device.UpdateBarrier()
	r.meetings.Zero()
	r.data[0].Bind(shaders.BindingData)
	r.weights.Bind(shaders.BindingWeights)
	r.rows.Bind(shaders.BindingSums)
	r.meetings.Bind(shaders.BindingArrivals)
	for i, v := range []int{r.n, r.p, r.tiles, r.segments, r.cluster, r.clusters, 0, r.limits.looks} {
		r.residentProgram.SetUint(device.Location(shaders.LocationUint+i), uint32(v))
	}
}

// locationEpochs is the location of the uniform with the number of epochs.
var locationEpochs = device.Location(shaders.LocationUint + slices.Index(shaders.Uniforms["resident"], "epochs"))

// take runs so many epochs.
func (r *residentDescent) take(epochs int) {
	for ; epochs > 0; epochs -= r.limits.epochs {
		r.dispatchEpochs(min(epochs, r.limits.epochs))
	}
}

// dispatchEpochs runs the shader once.
func (r *residentDescent) dispatchEpochs(epochs int) {
	if r.resident.Many {
		device.UpdateBarrier()
		r.meetings.ZeroRange(arrivedAt*arrivalBytes, r.meetingBytes()-arrivedAt*arrivalBytes)
	}
	device.StorageBarrier()
	r.residentProgram.SetUint(locationEpochs, uint32(epochs))
	r.residentProgram.Dispatch(r.groups, 1, 1)
}

// taken returns how many of so many epochs were taken since start. It is all of them, unless groups
// have given up.
func (r *residentDescent) taken(epochs int) int {
	if !r.resident.Many {
		return epochs
	}
	var said [1]uint32
	device.UpdateBarrier()
	device.Download(r.meetings, takenAt*arrivalBytes, said[:])
	return int(said[0])
}

// setResidentStep sets the step of resident.comp.
func (r *residentDescent) setResidentStep(step float64) {
	r.residentProgram.SetReal(shaders.LocationReal, r.precision, step)
}

func (r *residentDescent) set(w []float64, rate float64) error {
	if err := r.fusedDescent.set(w, rate); err != nil || r.why != "" {
		return err
	}
	return r.context.Do(func() error {
		r.setResidentStep(rate * 2 / float64(r.n))
		return nil
	})
}

func (r *residentDescent) run(epochs int) error {
	return r.context.Do(func() error {
		r.residentSubmit.onTime, r.submit.onTime = 0, 0
		if r.why == "" {
			r.start()
			if err := r.residentSubmit.run(epochs, func(_, count int) { r.take(count) }); err != nil {
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
func (r *residentDescent) DeviceTime() time.Duration {
	return r.residentSubmit.onTime + r.submit.onTime
}

func (r *residentDescent) note() string {
	switch {
	case r.why != "":
		return fmt.Sprintf("runs as gl-fused, for %s; %s", r.why, r.fusedDescent.note())
	case r.resident.Many:
		return fmt.Sprintf("%d %v", r.groups, r.resident)
	}
	return r.resident.String()
}

// work counts by submissions as long as the first one. Syncs are pairs of barriers, as the probe
// measures them, and its meetings have a pair too.
func (r *residentDescent) work() Work {
	if r.why != "" {
		return r.fusedDescent.work()
	}
	epochs := r.residentSubmit.batch
	dispatches := float64((epochs+r.limits.epochs-1)/r.limits.epochs) / float64(epochs)
	barriers := r.resident.Barriers(realOf(r.precision), r.shape, r.p, r.clusters)
	if r.resident.Many {
		return Work{Dispatches: dispatches, Barriers: dispatches, Meetings: 1, Groups: r.groups, Syncs: float64(barriers-2) / 2}
	}
	return Work{Dispatches: dispatches, Barriers: dispatches, Syncs: float64(barriers) / 2}
}

// Close frees the buffers. The programs stay with the context.
func (r *residentDescent) Close() error {
	return errors.Join(r.context.Do(func() error {
		r.release()
		r.residentSubmit.delete()
		return nil
	}), r.fusedDescent.Close())
}
