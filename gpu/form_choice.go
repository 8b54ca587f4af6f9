package gpu

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"descent/dataset"
	"descent/gpu/device"
)

// A chooser finds the fastest form for a size of problem.
type chooser struct {
	*target
	candidates []candidate
}

// A candidate is a form that may be chosen.
type candidate struct {
	form
	// handicap is the share by which its epoch counts as longer than it is.
	handicap float64
	// lastResort says why the form is, at a size, only for problems that no other form fits; "" if
	// it is a candidate like the others. A nil lastResort always says "".
	lastResort func(*target, observations) string
	// over names the form that what was built can run as too, if it is a stacked descender.
	over string
}

// A stacked descender is built on the buffers of another form.
type stacked interface {
	below() descender // the other form, which is closed with this one
	obstacle() string // why it runs as the other form does, "" if it does not
}

// newChooser returns a chooser among all forms.
func newChooser(t *target) *chooser {
	return &chooser{t, []candidate{
		// gl-graph sums in another order. The handicap keeps chance from deciding which bits come
		// out.
		{form: graphForm, handicap: 0.1, lastResort: graphIsTooLarge},
		{form: fusedForm},
		{form: residentForm, over: fusedForm.name},
	}}
}

// mostGraphBytes is the size past which gl-graph is a last resort. Its epoch reads X, writes X as
// Xᵀ and reads that, and the other forms read X once: it moves three times the bytes if memory
// decides. It can win only if the number of dispatches, and how a product is tiled, count for more
// than that.
const mostGraphBytes = 64 << 20

func graphIsTooLarge(t *target, obs observations) string {
	if obs.n <= mostGraphBytes/((2*(obs.p+1)+3)*t.precision.Bytes()) { // X, Xᵀ, d, y, e
		return ""
	}
	return "is not tried past " + device.FormatBytes(mostGraphBytes)
}

// A formKey is what the choice of a form depends on.
type formKey struct {
	device, version string
	precision       dataset.Precision
	n, p            int
	maxBytes        int64
}

// A ranking is how the trials of the forms ended.
type ranking struct {
	times []formTime // the form to run first: the fastest but for handicaps
	unfit []string   // why others were not timed
}

// A formTime is how long an epoch takes in a form.
type formTime struct {
	form  string
	epoch time.Duration
	rank  float64 // epoch with the form's handicap
}

// String says which form was taken and why: "gl-fused by trial: 5.2 µs an epoch, gl-graph 38 µs".
func (r ranking) String() string {
	parts := make([]string, 0, len(r.times))
	for i, t := range r.times {
		if i == 0 {
			parts = append(parts, fmt.Sprintf("%s by trial: %s an epoch", t.form, short(t.epoch)))
		} else {
			parts = append(parts, t.form+" "+short(t.epoch))
		}
	}
	return strings.Join(append([]string{strings.Join(parts, ", ")}, r.unfit...), "; ")
}

// short writes a time with the two digits that a trial is good for: 0.41 µs, 5.2 µs, 38 µs.
func short(d time.Duration) string {
	unit, size := "µs", time.Microsecond
	switch {
	case d >= time.Second:
		unit, size = "s", time.Second
	case d >= time.Millisecond:
		unit, size = "ms", time.Millisecond
	}
	v := float64(d) / float64(size)
	decimals := 0
	for limit := 10.0; v < limit && decimals < 2; limit /= 10 {
		decimals++
	}
	return fmt.Sprintf("%.*f %s", decimals, v, unit)
}

// rankings are what the trials of this process have come to.
var rankings memo[formKey, ranking]

// build lays the observations out in the form that is the fastest for their size.
func (c *chooser) build(obs observations) (descender, error) {
	key := formKey{c.device.Renderer, c.device.Version, c.precision, obs.n, obs.p, c.maxBytes}
	if r, known := rankings.get(key); known {
		d, err := c.buildForm(r.times[0].form, obs)
		if err == nil {
			return &chosenDescent{d, d, d.Phases(), r}, nil
		}
		if !isUnfit(err) {
			return nil, err
		}
		// The device has less room than it had.
	}
	d, err := c.choose(obs)
	if err != nil {
		return nil, err
	}
	rankings.put(key, d.ranking)
	return d, nil
}

// buildForm builds the form of that name.
func (c *chooser) buildForm(name string, obs observations) (descender, error) {
	i := slices.IndexFunc(c.candidates, func(f candidate) bool { return f.name == name })
	return c.candidates[i].build(c.target, obs)
}

// choose times an epoch in every form that fits and returns the fastest.
func (c *chooser) choose(obs observations) (_ *chosenDescent, err error) {
	t := &formTrials{chooser: c, observations: obs}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.close())
		}
	}()
	start := time.Now()
	var last []candidate
	for _, f := range c.candidates {
		switch {
		case slices.ContainsFunc(c.candidates, func(other candidate) bool { return other.over == f.name }):
			// It is timed on the buffers of the other.
		case f.lastResort != nil && f.lastResort(c.target, obs) != "":
			last = append(last, f)
		default:
			err = t.enter(f)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, f := range last {
		if len(t.times) > 0 {
			t.unfit = append(t.unfit, f.name+" "+f.lastResort(c.target, obs))
		} else if err := t.enter(f); err != nil {
			return nil, err
		}
	}
	if len(t.times) == 0 {
		return nil, t.refusal
	}
	d, err := t.winner()
	if err != nil {
		return nil, err
	}
	d.phases.Search = time.Since(start) - d.phases.Compile - d.phases.Upload
	return d, nil
}

// A chosenDescent is the form that was chosen.
type chosenDescent struct {
	descender
	built   descender // whose buffers it runs on
	phases  Phases
	ranking ranking
}

// Phases returns the parts of the load, with the building of other forms in Search.
func (c *chosenDescent) Phases() Phases { return c.phases }

func (c *chosenDescent) note() string {
	return strings.TrimSuffix(c.ranking.String()+"; "+c.descender.note(), "; ")
}

// Close frees the buffers.
func (c *chosenDescent) Close() error { return c.built.Close() }
