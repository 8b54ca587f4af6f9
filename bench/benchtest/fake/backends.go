package fake

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"time"

	"descent/bench"
	"descent/cpu"
	"descent/dataset"
)

// serving is a worker that serves a backend. in and out may misbehave.
func serving(open bench.Factory, in io.Reader, out io.Writer) func() int {
	return func() int {
		bench.Serve(in, out, "loop/f64", "f64", open)
		return 0
	}
}

// OpenLoop opens an honest backend. The other backends here wrap it.
func OpenLoop() (bench.Backend, error) { return cpu.NewLoop[float64](), nil }

// around opens a wrapped loop.
func around(wrap func(bench.Backend) bench.Backend) bench.Factory {
	return func() (bench.Backend, error) { return wrap(cpu.NewLoop[float64]()), nil }
}

// versioned reports its version.
type versioned struct {
	bench.Backend
	version string
}

func (v versioned) Describe() bench.Info { return bench.Info{Version: v.version} }

// OpenFickle opens a backend that runs differently from its second descent on.
func OpenFickle() (bench.Backend, error) { return &fickle{Backend: cpu.NewLoop[float64]()}, nil }

type fickle struct {
	bench.Backend
	descents int
}

func (f *fickle) Descend(w []float64, rate float64, epochs int) error {
	f.descents++
	return f.Backend.Descend(w, rate, epochs)
}

func (f *fickle) Describe() bench.Info {
	if f.descents < 2 {
		return bench.Info{Note: "on the chip"}
	}
	return bench.Info{Note: "in memory"}
}

// slow is a stdout that takes longer than the work does.
type slow struct{}

func (slow) Write(b []byte) (int, error) {
	time.Sleep(150 * time.Millisecond)
	return os.Stdout.Write(b)
}

// boastful is a stdout that reports every run as longer than it was.
type boastful struct{}

func (boastful) Write(b []byte) (int, error) {
	if _, err := os.Stdout.Write(bytes.ReplaceAll(b, []byte(`"run_ns":`), []byte(`"run_ns":99999`))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// offTime has a device whose clock is wrong.
type offTime struct{ bench.Backend }

func (offTime) DeviceTime() time.Duration { return time.Hour }

// lazy delays work until its first descent.
type lazy struct {
	bench.Backend
	ready bool
}

func (l *lazy) Descend(w []float64, rate float64, epochs int) error {
	if !l.ready {
		time.Sleep(300 * time.Millisecond)
		l.ready = true
	}
	return l.Backend.Descend(w, rate, epochs)
}

// onePass has another algorithm: most of its time is spent once per descent, not once per epoch. It
// knows its number of threads, and its work, after Load.
type onePass struct {
	bench.Backend
	threads int
}

func (o *onePass) Load(p *dataset.Problem) error {
	o.threads = 3
	return o.Backend.Load(p)
}

func (o *onePass) Descend(w []float64, rate float64, epochs int) error {
	time.Sleep(60 * time.Millisecond)
	return o.Backend.Descend(w, rate, epochs)
}

func (o *onePass) Describe() bench.Info {
	info := bench.Info{Device: "cpu", Threads: o.threads, Algorithm: "one pass"}
	if o.threads > 0 {
		info.Work = &bench.Work{Dispatches: 0.5, Syncs: 2}
	}
	return info
}

// placed reports its device.
type placed struct {
	bench.Backend
	device string
}

func (p placed) Describe() bench.Info { return bench.Info{Device: p.device} }

// sluggish reports its device too, and takes far longer than a Loop.
type sluggish placed

func (s sluggish) Describe() bench.Info { return placed(s).Describe() }

func (s sluggish) Descend(w []float64, rate float64, epochs int) error {
	time.Sleep(time.Duration(epochs) * 200 * time.Microsecond)
	return s.Backend.Descend(w, rate, epochs)
}

// tiring takes longer with every descent. The growth is larger than the noise of a busy machine.
type tiring struct {
	bench.Backend
	descents int
}

func (t *tiring) Descend(w []float64, rate float64, epochs int) error {
	t.descents++
	time.Sleep(time.Duration(t.descents) * 10 * time.Millisecond)
	return t.Backend.Descend(w, rate, epochs)
}

// uncalled is a stdout that hides from the driver that the worker supports several calls.
type uncalled struct{ out io.Writer }

func (u uncalled) Write(b []byte) (int, error) {
	if _, err := u.out.Write(bytes.ReplaceAll(b, []byte(`,"calls":true`), nil)); err != nil {
		return 0, err
	}
	return len(b), nil
}

// callless is a stdin that fails if the driver asks for several calls.
type callless struct{ in io.Reader }

func (c *callless) Read(b []byte) (int, error) {
	n, err := c.in.Read(b)
	if bytes.Contains(b[:n], []byte(`"calls"`)) {
		return 0, fmt.Errorf("what are calls? %s", b[:n])
	}
	return n, err
}

// modest is a stdout that reports every run as 1 ns long.
type modest struct{ out io.Writer }

var runTime = regexp.MustCompile(`"run_ns":[0-9]+`)

func (m modest) Write(b []byte) (int, error) {
	if _, err := m.out.Write(runTime.ReplaceAll(b, []byte(`"run_ns":1`))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// restless is a stdin that starts a busy thread when the driver asks for the first sample. The
// thread never ends. All pieces of a warm-up have the same number of calls, and a sample has
// another.
type restless struct {
	in     io.Reader
	pieces int // the calls of one piece of a warm-up; 0 before the first
	awake  bool
}

var callsAsked = regexp.MustCompile(`"calls":([0-9]+)`)

func (r *restless) Read(b []byte) (int, error) {
	n, err := r.in.Read(b)
	found := callsAsked.FindSubmatch(b[:n])
	if found == nil || r.awake {
		return n, err
	}
	calls, _ := strconv.Atoi(string(found[1]))
	if r.pieces == 0 {
		r.pieces = calls
	}
	if r.awake = calls != r.pieces; r.awake {
		go func() {
			for n := 0; ; n++ {
			}
		}()
	}
	return n, err
}
