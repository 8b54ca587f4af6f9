package gpu

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"descent/dataset"
	"descent/gpu/graph"
)

// A chooser finds the fastest form for a size of problem.
type chooser struct {
	device    Device
	precision dataset.Precision
	maxBytes  int64
	rivals    []rival
}

// A rival is a form that may be chosen, under the name of its contender.
type rival struct {
	form  string
	build func(samples) (descender, error)
	// handicap is by how much its epoch counts as longer, 0 for as long as it is.
	handicap float64
	// lastResort says why the form, at a size, is only for where no other fits; "" where it is a rival like others.
	lastResort func(samples) string
	// over is the form that what was built can run as too, if it is a stacked descender.
	over string
}

// A stacked descender is built on the buffers of another form.
type stacked interface {
	below() descender // the other form, which is closed with this one
	obstacle() string // why it runs as that one does, "" where it does not
}

// newChooser returns one among all forms.
func newChooser(c *Context, precision dataset.Precision, maxBytes int64) *chooser {
	return &chooser{c.Device(), precision, maxBytes, []rival{
		{form: "gl-graph", build: func(s samples) (descender, error) { return graphOf(c, s, precision, maxBytes) },
			handicap: 0.1, // its sums are in another order, and chance is not to decide which bits come out
			lastResort: func(s samples) string {
				if s.n <= mostGraphBytes/((2*(s.p+1)+3)*precision.Bytes()) { // X, Xᵀ, d, y, e
					return ""
				}
				return "is not tried past " + formatBytes(mostGraphBytes)
			}},
		{form: "gl-fused", build: func(s samples) (descender, error) { return buildFused(c, s, precision, maxBytes) }},
		{form: "gl-resident", over: "gl-fused", build: func(s samples) (descender, error) { return buildResident(c, s, precision, maxBytes) }},
	}}
}

// mostGraphBytes is where gl-graph is no rival any more. Its epoch reads X, writes it as Xᵀ and reads that, where the
// other forms read X once: where memory decides, it moves three times the bytes. It can win only where the number
// of dispatches, and how a product is tiled, count for more than that.
const mostGraphBytes = 64 << 20

// graphOf builds the step of gl-graph.
func graphOf(c *Context, s samples, precision dataset.Precision, maxBytes int64) (descender, error) {
	return buildGraph(s, func(plan *graph.Plan) (executor, error) { return newExecutor(c, plan, precision, maxBytes) })
}

// A formChoice is what the choice of a form depends on.
type formChoice struct {
	device, version string
	precision       dataset.Precision
	n, p            int
	maxBytes        int64
}

// A verdict is how the trials ended.
type verdict struct {
	times []formTime // the one to run first, which is the fastest but for handicaps
	unfit []string   // why others were not timed
}

// A formTime is how long an epoch takes in a form.
type formTime struct {
	form  string
	epoch time.Duration
	rank  float64 // epoch with the form's handicap
}

// String says which form was taken and why: "gl-fused by trial: 5.2 µs an epoch, gl-graph 38 µs".
func (v verdict) String() string {
	parts := make([]string, 0, len(v.times))
	for i, t := range v.times {
		if i == 0 {
			parts = append(parts, fmt.Sprintf("%s by trial: %s an epoch", t.form, short(t.epoch)))
		} else {
			parts = append(parts, t.form+" "+short(t.epoch))
		}
	}
	return strings.Join(append([]string{strings.Join(parts, ", ")}, v.unfit...), "; ")
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

// decided remembers what the trials of this process have come to.
var decided = struct {
	sync.Mutex
	verdicts map[formChoice]verdict
}{verdicts: map[formChoice]verdict{}}

// build lays the samples out in the form that is the fastest for their size.
func (c *chooser) build(s samples) (descender, error) {
	key := formChoice{c.device.Renderer, c.device.Version, c.precision, s.n, s.p, c.maxBytes}
	decided.Lock()
	v, known := decided.verdicts[key]
	decided.Unlock()
	if known {
		d, err := c.make(v.times[0].form, s)
		if err == nil {
			return &chosenDescent{d, d, d.Phases(), v}, nil
		}
		if !isUnfit(err) {
			return nil, err
		}
		// The device has less room than it had.
	}
	d, err := c.choose(s)
	if err != nil {
		return nil, err
	}
	decided.Lock()
	decided.verdicts[key] = d.verdict
	decided.Unlock()
	return d, nil
}

// make builds a form.
func (c *chooser) make(form string, s samples) (descender, error) {
	i := slices.IndexFunc(c.rivals, func(r rival) bool { return r.form == form })
	return c.rivals[i].build(s)
}

// choose times an epoch in every form that fits and returns the fastest.
func (c *chooser) choose(s samples) (_ *chosenDescent, err error) {
	t := &tryout{chooser: c, samples: s}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.close())
		}
	}()
	start := time.Now()
	var last []rival
	for _, r := range c.rivals {
		switch {
		case slices.ContainsFunc(c.rivals, func(over rival) bool { return over.over == r.form }):
			// It is timed on the buffers of the other.
		case r.lastResort != nil && r.lastResort(s) != "":
			last = append(last, r)
		default:
			err = t.enter(r)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, r := range last {
		if len(t.times) > 0 {
			t.unfit = append(t.unfit, r.form+" "+r.lastResort(s))
		} else if err := t.enter(r); err != nil {
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
	verdict verdict
}

// Phases returns the parts of the load, the building of other forms in Search.
func (c *chosenDescent) Phases() Phases { return c.phases }

func (c *chosenDescent) note() string {
	return strings.TrimSuffix(c.verdict.String()+"; "+c.descender.note(), "; ")
}

// Close frees the buffers.
func (c *chosenDescent) Close() error { return c.built.Close() }
