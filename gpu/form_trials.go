package gpu

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"descent/gpu/device"
)

// isUnfit reports whether an error says that a form cannot run a problem on a device, and others
// may.
func isUnfit(err error) bool {
	return errors.Is(err, device.Limit) || errors.Is(err, device.OutOfMemory) || errors.Is(err, device.Shader)
}

const (
	// formTrialTime is what a trial takes at least. The start of a run, some tens of µs for a
	// submission, then hardly counts: it is epochs that are compared.
	formTrialTime = 4 * time.Millisecond
	// formTrialCount is how often each form is timed, in turn with the forms on the same buffers.
	// The least time counts.
	formTrialCount = 3
	// formTrialLimit is how long the forms on the same buffers are timed. After it no trial is
	// repeated, nor made longer.
	formTrialLimit = time.Second
	// mostTrialEpochs make a trial long on any device, and bound one whose clock stands still.
	mostTrialEpochs = 1 << 24
	// The answers of forms on the same buffers are compared after comparedEpochs. It is more than a
	// dispatch of gl-resident takes on some devices.
	comparedEpochs = 100
)

// formTrials are the trials of the forms on one problem. One candidate is built at a time.
type formTrials struct {
	*chooser
	observations
	ranking
	built   descender    // or nil
	forms   []*timedForm // on the buffers of built
	refusal error        // of the last form that did not fit
}

// A timedForm is a form that is built, to be timed.
type timedForm struct {
	candidate
	descender
	epochs int // of a trial
	epoch  time.Duration
}

// enter builds a candidate in place of the one before, and times all forms on its buffers.
func (t *formTrials) enter(c candidate) error {
	if err := t.close(); err != nil {
		return err
	}
	d, err := c.build(t.target, t.observations)
	if isUnfit(err) {
		t.refusal = err
		t.exclude(c.name, err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	t.built = d
	if s, ok := d.(stacked); ok {
		t.forms = append(t.forms, &timedForm{candidate: candidate{form: form{name: c.over}}, descender: s.below()})
	}
	if e := (&timedForm{candidate: c, descender: d}); e.obstacle() != "" {
		t.exclude(c.name, e.obstacle())
	} else {
		t.forms = append(t.forms, e)
	}
	return t.race(time.Now().Add(formTrialLimit))
}

func (t *formTrials) exclude(name, why string) {
	t.unfit = append(t.unfit, fmt.Sprintf("%s does not fit: %s", name, why))
}

// race times the forms that are built, in turn. It drops a form that the driver refuses, and one
// that gives other bits than the first, because all forms on the same buffers give the same bits.
func (t *formTrials) race(deadline time.Time) error {
	epochs := 1
	if len(t.forms) > 1 {
		epochs = comparedEpochs
	}
	var first []float64
	kept := t.forms[:0]
	for _, e := range t.forms {
		w, err := e.prepare(t.p+1, epochs, deadline)
		switch {
		case isUnfit(err):
			t.refusal = err
			t.exclude(e.name, err.Error())
		case err != nil:
			return err
		case first != nil && !sameBits(w, first):
			t.unfit = append(t.unfit, e.name+" gives other bits than "+kept[0].name)
		default:
			first, kept = w, append(kept, e)
		}
	}
	t.forms = kept
	for i := range formTrialCount {
		for _, e := range kept {
			if i > 0 && (e.obstacle() != "" || time.Now().After(deadline)) {
				continue
			}
			took, err := e.trial()
			if err != nil {
				return err
			}
			if each := max(1, took/time.Duration(e.epochs)); i == 0 || each < e.epoch {
				e.epoch = each
			}
		}
	}
	for _, e := range kept {
		if why := e.obstacle(); why != "" {
			t.exclude(e.name, why)
		} else {
			t.times = append(t.times, formTime{e.name, e.epoch, float64(e.epoch) * (1 + e.handicap)})
		}
	}
	slices.SortStableFunc(t.times, func(a, b formTime) int { return cmp.Compare(a.rank, b.rank) })
	return nil
}

// obstacle is the obstacle of a stacked descender, "" for any other.
func (e *timedForm) obstacle() string {
	if s, ok := e.descender.(stacked); ok {
		return s.obstacle()
	}
	return ""
}

// prepare returns w after some epochs, in which drivers finish compiling, and finds how many epochs
// make a trial. The rate of a trial is 0, so that w stays as it is, whatever the data are.
func (e *timedForm) prepare(weights, epochs int, deadline time.Time) ([]float64, error) {
	w := make([]float64, weights)
	for c := range w {
		w[c] = 1 / float64(c+2)
	}
	if err := errors.Join(e.set(w, 1e-3), e.run(epochs)); err != nil {
		return nil, err
	}
	got := make([]float64, weights)
	if err := errors.Join(e.get(got), e.set(w, 0)); err != nil {
		return nil, err
	}
	for e.epochs = 1; e.epochs < mostTrialEpochs && time.Now().Before(deadline); {
		took, err := e.trial()
		if err != nil {
			return nil, err
		}
		if took >= formTrialTime {
			break
		}
		grow := float64(formTrialTime) * 1.2 / float64(max(1, took))
		e.epochs = int(float64(e.epochs) * max(2, min(grow, 64)))
	}
	return got, nil
}

// trial runs epochs and returns how long they take by the device's clock, or by the wall clock if
// the device has none.
func (e *timedForm) trial() (time.Duration, error) {
	begin := time.Now()
	err := e.run(e.epochs)
	wall := time.Since(begin)
	if took := e.DeviceTime(); took > 0 {
		return took, err
	}
	return wall, err
}

// sameBits reports whether two descents ended alike. One NaN is as good as another.
func sameBits(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool {
		return math.Float64bits(x) == math.Float64bits(y) || math.IsNaN(x) && math.IsNaN(y)
	})
}

// winner returns the fastest form, built anew if others were built after it.
func (t *formTrials) winner() (*chosenDescent, error) {
	name := t.times[0].form
	for _, e := range t.forms {
		if e.name == name {
			return &chosenDescent{e.descender, t.built, t.built.Phases(), t.ranking}, nil
		}
	}
	if err := t.close(); err != nil {
		return nil, err
	}
	d, err := t.buildForm(name, t.observations)
	if err != nil {
		return nil, err
	}
	return &chosenDescent{d, d, d.Phases(), t.ranking}, nil
}

// close frees what is built.
func (t *formTrials) close() error {
	if t.built == nil {
		return nil
	}
	err := t.built.Close()
	t.built, t.forms = nil, nil
	return err
}
