package bench_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"descent/bench"
	"descent/cpu"
	"descent/dataset"
)

// This test binary is its own contenders: with behaviour set it is a worker that
// behaves so.
const behaviour = "DESCENT_TEST_BEHAVIOUR"

func TestMain(m *testing.M) {
	if b := os.Getenv(behaviour); b != "" {
		os.Exit(behave(b))
	}
	os.Exit(m.Run())
}

// versioned is a backend of a version.
type versioned struct {
	bench.Backend
	version string
}

func (v versioned) Describe() bench.Info { return bench.Info{Version: v.version} }

// behave is a worker that goes wrong in one way, after an honest start where it needs one.
func behave(how string) int {
	in := bufio.NewScanner(os.Stdin)
	next := func() bool { return in.Scan() }
	say := func(format string, args ...any) { fmt.Printf(format+"\n", args...) }
	hello, load := `{"protocol":1,"init_ns":1}`, `{"load_ns":1}`
	honest := func() { next(); say(hello); next(); say(load) }
	switch how {
	case "honest": // and quickly measured: its samples are of one call
		if err := bench.Serve(os.Stdin, uncalled{os.Stdout}, "loop/f64", "f64", openLoop); err != nil {
			return 1
		}
	case "heeds calls":
		bench.Serve(os.Stdin, os.Stdout, "loop/f64", "f64", openLoop)
	case "answers before the work":
		bench.Serve(os.Stdin, slow{}, "loop/f64", "f64", openLoop)
	case "says it worked for long":
		bench.Serve(os.Stdin, boastful{}, "loop/f64", "f64", openLoop)
	case "says its device worked for long":
		bench.Serve(os.Stdin, uncalled{os.Stdout}, "loop/f64", "f64", func() (bench.Backend, error) { return offTime{cpu.NewLoop[float64]()}, nil })
	case "compiles in its first descent":
		bench.Serve(os.Stdin, uncalled{os.Stdout}, "loop/f64", "f64", func() (bench.Backend, error) { return &lazy{Backend: cpu.NewLoop[float64]()}, nil })
	case "falls back in mid-run":
		bench.Serve(os.Stdin, uncalled{os.Stdout}, "loop/f64", "f64", openFickle)
	case "passes over the data once":
		bench.Serve(os.Stdin, os.Stdout, "loop/f64", "f64", func() (bench.Backend, error) { return &onePass{Backend: cpu.NewLoop[float64]()}, nil })
	case "knows no calls":
		bench.Serve(&callless{in: os.Stdin}, uncalled{os.Stdout}, "loop/f64", "f64", openLoop)
	case "tires":
		bench.Serve(os.Stdin, uncalled{os.Stdout}, "loop/f64", "f64", opens(func(b bench.Backend) bench.Backend { return &tiring{Backend: b} }))
	case "is slow":
		bench.Serve(os.Stdin, os.Stdout, "loop/f64", "f64", opens(func(b bench.Backend) bench.Backend { return sluggish{b, "cpu"} }))
	case "is quick, on the CPU":
		bench.Serve(os.Stdin, os.Stdout, "loop/f64", "f64", opens(func(b bench.Backend) bench.Backend { return placed{b, "cpu"} }))
	case "is quick, on a card":
		bench.Serve(os.Stdin, os.Stdout, "loop/f64", "f64", opens(func(b bench.Backend) bench.Backend { return placed{b, "a card"} }))
	case "says it took no time":
		out := uncalled{modest{os.Stdout}} // of any number of calls
		bench.Serve(os.Stdin, out, "loop/f64", "f64", opens(func(b bench.Backend) bench.Backend { return placed{b, "cpu"} }))
	case "is another with every process":
		bench.Serve(os.Stdin, uncalled{os.Stdout}, "loop/f64", "f64", opens(func(b bench.Backend) bench.Backend { return versioned{b, strconv.Itoa(os.Getpid())} }))
	case "stays awake":
		bench.Serve(&restless{in: os.Stdin}, os.Stdout, "loop/f64", "f64", openLoop)
	case "absent":
		open := func() (bench.Backend, error) { return nil, fmt.Errorf("no card: %w", bench.ErrUnavailable) }
		bench.Serve(os.Stdin, os.Stdout, "loop/f64", "f64", open)
	case "dies at start":
		fmt.Fprintln(os.Stderr, "segmentation fault in a library")
		return 7
	case "dies in mid-run":
		honest()
		next()
		fmt.Fprintln(os.Stderr, "cannot go on")
		self, _ := os.FindProcess(os.Getpid())
		self.Kill()
		hang()
	case "hangs":
		honest()
		next()
		hang()
	case "hangs at exit":
		bench.Serve(os.Stdin, os.Stdout, "loop/f64", "f64", openLoop)
		hang()
	case "says it opened for long":
		next()
		say(`{"protocol":1,"init_ns":1000000000000}`)
		next()
	case "says it loaded for long":
		next()
		say(hello)
		next()
		say(`{"load_ns":1000000000000}`)
		next()
	case "loads in parts beyond the whole":
		next()
		say(hello)
		next()
		say(`{"load_ns":1000,"compile_ns":70000000}`)
		next()
	case "leaves when told to":
		onTerm(func() { fmt.Fprintln(os.Stderr, "left in order"); os.Exit(0) })
		honest()
		hang()
	case "does not leave":
		onTerm(func() { fmt.Fprintln(os.Stderr, "goes on") })
		honest()
		hang()
	case "rubbish":
		next()
		say("Warning: something is deprecated")
	case "rubbish between":
		next()
		say(hello)
		say(hello)
		next()
	case "an endless line":
		next()
		chunk := strings.Repeat("x", 1<<20)
		for range 64 {
			fmt.Print(chunk)
		}
	case "floods stderr":
		for range 1 << 16 {
			fmt.Fprintln(os.Stderr, "noise noise noise noise")
		}
		fmt.Fprintln(os.Stderr, "the last line")
		return 1
	case "floods stderr by the megabyte":
		flood := bytes.Repeat([]byte("noise noise noise noise\n"), 1<<20/24)
		for range floodMiB {
			os.Stderr.Write(flood)
		}
		fmt.Fprintln(os.Stderr, "the last line")
		return 1
	case "floods stdout without end":
		next()
		fmt.Fprintln(os.Stderr, "the last line")
		for flood := bytes.Repeat([]byte(hello+"\n"), 1<<15); ; {
			os.Stdout.Write(flood)
		}
	case "floods stdout with one line":
		next()
		fmt.Fprintln(os.Stderr, "the last line")
		for flood := bytes.Repeat([]byte("x"), 1<<20); ; {
			os.Stdout.Write(flood)
		}
	case "ends within a line":
		honest()
		next()
		fmt.Print(`{"run_ns":12`)
		fmt.Fprintln(os.Stderr, "out of paper")
		return 9
	case "leaks":
		honest()
		next()
		leak()
	case "another protocol":
		next()
		say(`{"protocol":99}`)
		next()
	case "another precision":
		next()
		say(`{"protocol":1,"precision":"f32","init_ns":1}`)
		next()
	case "refuses unasked":
		say(`{"error":"no card","hint":"buy one","unavailable":true}`)
	case "chatters":
		for range 1000 {
			say(hello)
		}
	case "closes its stdout":
		next()
		os.Stdout.Close()
		hang()
	case "closes its stdin":
		honest()
		os.Stdin.Close()
		hang()
	case "sleeps":
		hang()
	default:
		if leave, ok := leavings[how]; ok {
			next()
			leave()
			return 1
		}
		honest()
		lie(how, next, say)
	}
	return 0
}

// leavings are what a worker can leave behind when it ends.
var leavings = map[string]func(){}

// slow is a stdout that takes longer than the work did.
type slow struct{}

func (slow) Write(b []byte) (int, error) {
	time.Sleep(150 * time.Millisecond)
	return os.Stdout.Write(b)
}

// boastful is a stdout that makes every time longer than it was.
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

// lazy puts work off to its first descent.
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

// onePass works by another algorithm: it does something once a descent. How many threads it has it knows
// when it has loaded.
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
	return bench.Info{Device: "cpu", Threads: o.threads, Algorithm: "one pass"}
}

// opens makes what is around a Loop.
func opens(around func(bench.Backend) bench.Backend) bench.Factory {
	return func() (bench.Backend, error) { return around(cpu.NewLoop[float64]()), nil }
}

// placed says which device it is on.
type placed struct {
	bench.Backend
	device string
}

func (p placed) Describe() bench.Info { return bench.Info{Device: p.device} }

// sluggish takes far longer than a Loop, on a device.
type sluggish placed

func (s sluggish) Describe() bench.Info { return placed(s).Describe() }

func (s sluggish) Descend(w []float64, rate float64, epochs int) error {
	time.Sleep(time.Duration(epochs) * 200 * time.Microsecond)
	return s.Backend.Descend(w, rate, epochs)
}

// tiring takes longer from descent to descent, by more than a busy machine does.
type tiring struct {
	bench.Backend
	descents int
}

func (t *tiring) Descend(w []float64, rate float64, epochs int) error {
	t.descents++
	time.Sleep(time.Duration(t.descents) * 10 * time.Millisecond)
	return t.Backend.Descend(w, rate, epochs)
}

// uncalled is a stdout that does not say that calls are heeded, and callless a stdin that ends where several are asked for.
type uncalled struct{ out io.Writer }

func (u uncalled) Write(b []byte) (int, error) {
	if _, err := u.out.Write(bytes.ReplaceAll(b, []byte(`,"calls":true`), nil)); err != nil {
		return 0, err
	}
	return len(b), nil
}

type callless struct{ in io.Reader }

func (c *callless) Read(b []byte) (int, error) {
	n, err := c.in.Read(b)
	if bytes.Contains(b[:n], []byte(`"calls"`)) {
		return 0, fmt.Errorf("what are calls? %s", b[:n])
	}
	return n, err
}

// modest is a stdout that says of every run that it took a nanosecond.
type modest struct{ out io.Writer }

var runTime = regexp.MustCompile(`"run_ns":[0-9]+`)

func (m modest) Write(b []byte) (int, error) {
	if _, err := m.out.Write(runTime.ReplaceAll(b, []byte(`"run_ns":1`))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// restless is a stdin that, once a whole sample is asked for, keeps a thread busy for ever. The pieces of a warm-up have
// a tenth of its calls.
type restless struct {
	in     io.Reader
	pieces int // calls of one
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
	if r.awake = calls >= 3*r.pieces; r.awake {
		go func() {
			for n := 0; ; n++ {
			}
		}()
	}
	return n, err
}

// lie answers descents falsely.
func lie(how string, next func() bool, say func(string, ...any)) {
	for next() {
		switch how {
		case "answers wrongly":
			say(`{"run_ns":1000,"w":[1,1]}`)
		case "answers NaN":
			say(`{"run_ns":1000,"w":["NaN",1]}`)
		case "answers too little":
			say(`{"run_ns":1000,"w":[1]}`)
		case "answers no time":
			say(`{"w":[1,1]}`)
		case "answers a download beyond the run":
			say(`{"run_ns":1000,"download_ns":70000000,"w":[1,1]}`)
		case "answers a negative download":
			say(`{"run_ns":1000,"download_ns":-7,"w":[1,1]}`)
		case "an empty answer":
			say(`{}`)
		}
	}
}

// floodMiB is how much a worker that floods prints.
const floodMiB = 300

// leak takes memory for ever, and uses it.
func leak() {
	for kept := [][]byte{}; ; {
		b := make([]byte, 8<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		kept = append(kept, b)
	}
}

// contender is this binary behaving in some way, under a name of its own.
func contender(t *testing.T, name, how string) bench.Contender {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// A worker under the race detector would otherwise take a second to exit.
	env := []string{behaviour + "=" + how, "GORACE=atexit_sleep_ms=0"}
	return bench.Contender{Backend: name, Precision: dataset.Float64, Command: []string{self}, Env: env}
}

// onTerm has do called at SIGTERM, which then does nothing else.
func onTerm(do func()) {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	go func() {
		<-told
		do()
	}()
}

// hang waits for ever. An empty select would not do: a program without cgo whose
// goroutines all wait is ended by Go itself.
func hang() {
	for {
		time.Sleep(time.Hour)
	}
}
