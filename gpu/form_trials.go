package gpu

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// isUnfit reports whether an error says that a form cannot run a problem on a device: others may.
func isUnfit(err error) bool {
	return errors.Is(err, Limit) || errors.Is(err, OutOfMemory) || errors.Is(err, Shader)
}

const (
	// autoTrialTime is what a timed run takes at least, so that its start, some tens of µs for a submission, hardly
	// counts: it is epochs that are compared.
	autoTrialTime = 4 * time.Millisecond
	// autoTrials is how often each form is timed, in turn with those on the same buffers. The least counts.
	autoTrials = 3
	// autoTime is after how long of timing the forms on the same buffers no run is repeated, nor made longer.
	autoTime = time.Second
	// mostTrialEpochs make a trial long on any device, and bound one whose clock stands still.
	mostTrialEpochs = 1 << 24
	// comparedEpochs is after how many the answers of forms on the same buffers are compared: more than a dispatch
	// of gl-resident takes on some devices.
	comparedEpochs = 100
)

// A tryout is the trials of the forms on one problem. One rival is built at a time.
type tryout struct {
	*chooser
	samples
	verdict
	built   descender  // or nil
	forms   []*entrant // on the buffers of built
	refusal error      // of the last form that did not fit
}

// An entrant is a form to be timed.
type entrant struct {
	rival
	descender
	epochs int // of a trial
	epoch  time.Duration
}

// enter builds a rival in place of the one before, and times all forms on its buffers.
func (t *tryout) enter(r rival) error {
	if err := t.close(); err != nil {
		return err
	}
	d, err := r.build(t.samples)
	if isUnfit(err) {
		t.refusal = err
		t.exclude(r.form, err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	t.built = d
	if s, ok := d.(stacked); ok {
		t.forms = append(t.forms, &entrant{rival: rival{form: r.over}, descender: s.below()})
	}
	if e := (&entrant{rival: r, descender: d}); e.obstacle() != "" {
		t.exclude(r.form, e.obstacle())
	} else {
		t.forms = append(t.forms, e)
	}
	return t.race(time.Now().Add(autoTime))
}

func (t *tryout) exclude(form, why string) {
	t.unfit = append(t.unfit, fmt.Sprintf("%s does not fit: %s", form, why))
}

// race times the forms that are built, in turn. One that the driver refuses is none, nor one that gives other bits
// than the first, which all on the same buffers share.
func (t *tryout) race(deadline time.Time) error {
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
			t.exclude(e.form, err.Error())
		case err != nil:
			return err
		case first != nil && !sameBits(w, first):
			t.unfit = append(t.unfit, e.form+" gives other bits than "+kept[0].form)
		default:
			first, kept = w, append(kept, e)
		}
	}
	t.forms = kept
	for i := range autoTrials {
		for _, e := range kept {
			if i > 0 && (e.obstacle() != "" || time.Now().After(deadline)) {
				continue
			}
			took, err := e.timed()
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
			t.exclude(e.form, why)
		} else {
			t.times = append(t.times, formTime{e.form, e.epoch, float64(e.epoch) * (1 + e.handicap)})
		}
	}
	slices.SortStableFunc(t.times, func(a, b formTime) int { return cmp.Compare(a.rank, b.rank) })
	return nil
}

// obstacle is that of a stacked descender.
func (e *entrant) obstacle() string {
	if s, ok := e.descender.(stacked); ok {
		return s.obstacle()
	}
	return ""
}

// prepare returns w after some epochs, in which drivers finish compiling, and finds how many make a trial. The
// rate of a trial is 0, so that w stays as it is, whatever the data are.
func (e *entrant) prepare(weights, epochs int, deadline time.Time) ([]float64, error) {
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
		took, err := e.timed()
		if err != nil {
			return nil, err
		}
		if took >= autoTrialTime {
			break
		}
		grow := float64(autoTrialTime) * 1.2 / float64(max(1, took))
		e.epochs = int(float64(e.epochs) * max(2, min(grow, 64)))
	}
	return got, nil
}

// timed returns how long a trial takes by the device's clock, or by the wall clock where there is none.
func (e *entrant) timed() (time.Duration, error) {
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
func (t *tryout) winner() (*chosenDescent, error) {
	form := t.times[0].form
	for _, e := range t.forms {
		if e.form == form {
			return &chosenDescent{e.descender, t.built, t.built.Phases(), t.verdict}, nil
		}
	}
	if err := t.close(); err != nil {
		return nil, err
	}
	d, err := t.make(form, t.samples)
	if err != nil {
		return nil, err
	}
	return &chosenDescent{d, d, d.Phases(), t.verdict}, nil
}

// close frees what is built.
func (t *tryout) close() error {
	if t.built == nil {
		return nil
	}
	err := t.built.Close()
	t.built, t.forms = nil, nil
	return err
}
