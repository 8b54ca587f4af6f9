package gpu

import (
	"time"

	"descent/dataset"
	"descent/gpu/device"
)

// FormTimes are how long an epoch takes in each form at one size, and which form a backend of
// NewAuto takes.
type FormTimes struct {
	N         int               `json:"n"` // rows of one feature
	Precision dataset.Precision `json:"precision"`
	// Epoch has the forms that could be timed, by the names of their contenders.
	Epoch map[string]time.Duration `json:"epoch_ns,omitempty"`
	Best  string                   `json:"best,omitempty"`
	Notes []string                 `json:"notes,omitempty"` // why others could not be timed
}

// TimeForms times an epoch of every form on n rows of one feature. It makes the same trials as the
// first load of a size in a backend of NewAuto. A size that fits in no form has no times. Closing
// cancel ends the trials with a device.Cancelled error.
func TimeForms(c *device.Context, n int, precision dataset.Precision, cancel <-chan struct{}) (FormTimes, error) {
	t := newTarget(c, precision)
	t.cancel = cancel
	return t.timeForms(n)
}

func (t *target) timeForms(n int) (FormTimes, error) {
	out := FormTimes{N: n, Precision: t.precision}
	if err := t.device.ComputesIn(t.precision); err != nil {
		return out, err
	}
	d, err := newChooser(t).choose(ramp(n))
	if isUnfit(err) {
		out.Notes = []string{err.Error()}
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Best, out.Notes, out.Epoch = d.ranking.times[0].form, d.ranking.unfit, map[string]time.Duration{}
	for _, ranked := range d.ranking.times {
		out.Epoch[ranked.form] = ranked.epoch
	}
	return out, d.Close()
}

// ramp is n rows on a line: x from 0 up to 2 and d = 3 + 2x. No memory holds them.
func ramp(n int) observations {
	return observations{n, 1, func(first, count int) (x, d []float64) {
		x, d = make([]float64, count), make([]float64, count)
		for i := range x {
			x[i] = 2 * float64(first+i) / float64(n)
			d[i] = 3 + 2*x[i]
		}
		return x, d
	}}
}
