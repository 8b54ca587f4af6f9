package gpu

import (
	"math"
	"time"

	"descent/dataset"
)

// FormTimes are how long an epoch takes in each form at one size, and which of them a backend of NewAuto takes.
type FormTimes struct {
	N         int               `json:"n"` // samples, of one feature
	Precision dataset.Precision `json:"precision"`
	// Epoch has the forms that could be timed, by the names of their contenders.
	Epoch map[string]time.Duration `json:"epoch_ns,omitempty"`
	Best  string                   `json:"best,omitempty"`
	Notes []string                 `json:"notes,omitempty"` // why others could not be timed
}

// TimeForms times an epoch of every form on n samples of one feature, by trials as the first load of a size in
// NewAuto's backends makes them. A size that fits in no form has no times.
func (c *Context) TimeForms(n int, precision dataset.Precision) (FormTimes, error) {
	out := FormTimes{N: n, Precision: precision}
	if err := c.device.computesIn(precision); err != nil {
		return out, err
	}
	d, err := newChooser(c, precision, math.MaxInt64).choose(ramp(n))
	if isUnfit(err) {
		out.Notes = []string{err.Error()}
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Best, out.Notes, out.Epoch = d.verdict.times[0].form, d.verdict.unfit, map[string]time.Duration{}
	for _, t := range d.verdict.times {
		out.Epoch[t.form] = t.epoch
	}
	return out, d.Close()
}

// ramp is n samples on a line, x from 0 up to 2 and d = 3 + 2x, which no memory holds.
func ramp(n int) samples {
	return samples{n, 1, func(first, count int) (x, d []float64) {
		x, d = make([]float64, count), make([]float64, count)
		for i := range x {
			x[i] = 2 * float64(first+i) / float64(n)
			d[i] = 3 + 2*x[i]
		}
		return x, d
	}}
}
