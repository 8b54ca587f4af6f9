package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"descent/bench"
	"descent/cpu"
	"descent/dataset"
)

// This test binary is also the outside programs: with the arguments "behave HOW" it is a worker
// that behaves like that.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "behave" {
		os.Exit(behave(os.Args[2]))
	}
	os.Exit(m.Run())
}

// A behaviour is how a worker differs from an honest one. A nil field changes nothing.
type behaviour struct {
	start   func()              // called before the first request
	in, out func([]byte) []byte // edit each request and each answer
	load    func(*bent, *dataset.Problem) error
	descend func(b *bent, w []float64, rate float64, epochs int) error
	leave   func() // called at the end
	status  int    // exit status
}

// behaviours are workers that each break one promise, and an honest one.
var behaviours = map[string]behaviour{
	"honest": {},
	"prints while it loads": {load: func(b *bent, p *dataset.Problem) error {
		fmt.Println("loading")
		return loadWell(b, p)
	}},
	"prints behind an answer": {out: func(line []byte) []byte {
		time.AfterFunc(unasked/2, func() { fmt.Println("done") })
		return line
	}},
	"says good-bye": {leave: func() { fmt.Println(`{"bye":true}`) }},
	"stays": {
		start: func() {
			whenTold(func() { os.WriteFile(os.Getenv(toldPath), nil, 0o600); os.Exit(0) })
		},
		leave: func() { time.Sleep(time.Hour) },
	},
	"exits with status 3":  {status: 3},
	"is deaf to SIGTERM":   {start: func() { signal.Ignore(syscall.SIGTERM) }},
	"leaves out its name":  {out: replaces(`"name":"loop/f64",`, ``)},
	"takes one feature":    {load: takes(1)},
	"takes eight features": {load: takes(8)},
	"dies of two features": {load: func(b *bent, p *dataset.Problem) error {
		if p.P > 1 {
			os.Exit(9)
		}
		return loadWell(b, p)
	}},
	"loads once": {load: func(b *bent, p *dataset.Problem) error {
		if b.loads > 0 {
			return errors.New("loaded already")
		}
		return loadWell(b, p)
	}},
	"keeps the first load": {load: func(b *bent, p *dataset.Problem) error {
		if b.loads > 0 {
			return nil
		}
		return loadWell(b, p)
	}},
	"answers wrongly":         {descend: after(func(w []float64) { w[0]++ })},
	"adds up in any order":    {descend: after(func(w []float64) { w[0] *= 1 + 1e-13*rand.Float64() })},
	"clamps":                  {descend: after(clamp)},
	"says it worked for long": {out: replaces(`"run_ns":`, `"run_ns":99999`)},
	"says it loaded for long": {out: replaces(`"load_ns":`, `"load_ns":99999`)},
	"says it took no time": {out: func(line []byte) []byte {
		return runTime.ReplaceAll(line, []byte(`"run_ns":1`))
	}},
	"answers before the work":            {out: func(line []byte) []byte { time.Sleep(150 * time.Millisecond); return line }},
	"remembers its answers":              {descend: remembers()},
	"knows a formula":                    {descend: (*bent).solve},
	"compiles for each number of epochs": {descend: compilesAnew()},
	"knows no calls":                     {out: replaces(`,"calls":true`, ``)},
	"does one call":                      {in: func(line []byte) []byte { return calls.ReplaceAll(line, nil) }},
	"goes on from call to call":          {in: inARow},
	"dies of a missing file":             {in: dies(`/none/`)},
	"dies of an unknown op":              {in: dies(`"nonsense"`)},
	"says nothing to an unknown op": {in: func(line []byte) []byte {
		if bytes.Contains(line, []byte("nonsense")) {
			return nil
		}
		return line
	}},
	"dies of a NaN":              {in: dies(`"NaN"`)},
	"dies of misuse":             {in: dies(`"w":[0]}`)},
	"ends names at an ampersand": {in: replaces(`a & é`, `a`)},
	"writes into the files":      {in: spoils},
	"writes into the files at load": {
		in: func(line []byte) []byte {
			if xPath.Match(line) {
				spoils(line) // notes the path
			}
			return line
		},
		load: func(b *bent, p *dataset.Problem) error { defer spoils(nil); return loadWell(b, p) },
	},
	"spells NaN as C does": {out: replaces(`"NaN"`, `-nan`)},
}

// behave runs a worker and returns its exit status.
func behave(how string) int {
	b, known := behaviours[how]
	if !known {
		return 2
	}
	if b.load == nil {
		b.load = loadWell
	}
	if b.descend == nil {
		b.descend = descendWell
	}
	if b.start != nil {
		b.start()
	}
	open := func() (bench.Backend, error) {
		return &bent{Loop: cpu.NewLoop[float64](), load: b.load, descend: b.descend}, nil
	}
	bench.Serve(&lines{edit: b.in}, edited{b.out}, "loop/f64", "f64", open)
	if b.leave != nil {
		b.leave()
	}
	return b.status
}

// A bent backend is a loop with another Load or Descend.
type bent struct {
	Loop    bench.Backend
	load    func(*bent, *dataset.Problem) error
	descend func(b *bent, w []float64, rate float64, epochs int) error
	loads   int
	loaded  *dataset.Problem
}

func (b *bent) Load(p *dataset.Problem) error { return b.load(b, p) }

func (b *bent) Descend(w []float64, rate float64, epochs int) error {
	return b.descend(b, w, rate, epochs)
}

func (b *bent) Close() error { return b.Loop.Close() }

func loadWell(b *bent, p *dataset.Problem) error {
	b.loads++
	b.loaded = p
	return b.Loop.Load(p)
}

// takes returns a load that refuses more features.
func takes(features int) func(*bent, *dataset.Problem) error {
	return func(b *bent, p *dataset.Problem) error {
		if p.P > features {
			return fmt.Errorf("%d features: %w", p.P, bench.ErrUnavailable)
		}
		return loadWell(b, p)
	}
}

func descendWell(b *bent, w []float64, rate float64, epochs int) error {
	return b.Loop.Descend(w, rate, epochs)
}

// compilesAnew returns a descend that is slow the first time with each number of epochs.
func compilesAnew() func(*bent, []float64, float64, int) error {
	compiled := map[int]bool{}
	return func(b *bent, w []float64, rate float64, epochs int) error {
		if !compiled[epochs] {
			compiled[epochs] = true
			time.Sleep(20 * time.Millisecond)
		}
		return descendWell(b, w, rate, epochs)
	}
}

// remembers returns a descend that takes answers from a list if it was asked the same before.
func remembers() func(*bent, []float64, float64, int) error {
	known := map[string][]float64{}
	return func(b *bent, w []float64, rate float64, epochs int) error {
		asked := fmt.Sprint(w, rate, epochs)
		if w1, ok := known[asked]; ok {
			copy(w, w1)
			return nil
		}
		err := descendWell(b, w, rate, epochs)
		known[asked] = slices.Clone(w)
		return err
	}
}

// after returns a descend that changes w at the end.
func after(change func(w []float64)) func(*bent, []float64, float64, int) error {
	return func(b *bent, w []float64, rate float64, epochs int) error {
		err := b.Loop.Descend(w, rate, epochs)
		if err == nil {
			change(w)
		}
		return err
	}
}

// clamp keeps w finite.
func clamp(w []float64) {
	for j := range w {
		w[j] = max(-1e300, min(w[j], 1e300))
		if math.IsNaN(w[j]) {
			w[j] = 0
		}
	}
}

// solve computes w by the formula of the oracle, without epochs.
func (b *bent) solve(w []float64, rate float64, epochs int) error {
	t, err := dataset.NewTrajectory(b.loaded, dataset.Float64)
	if err == nil {
		copy(w, t.At(w, rate, epochs))
	}
	return err
}

// lines is stdin with every line edited.
type lines struct{ edit func([]byte) []byte }

func (l *lines) Read(b []byte) (int, error) {
	n, err := os.Stdin.Read(b)
	if l.edit == nil || err != nil {
		return n, err
	}
	return copy(b, l.edit(bytes.Clone(b[:n]))), nil
}

// edited is stdout with every answer edited.
type edited struct{ edit func([]byte) []byte }

func (e edited) Write(line []byte) (int, error) {
	if e.edit == nil {
		return os.Stdout.Write(line)
	}
	_, err := os.Stdout.Write(e.edit(bytes.Clone(line)))
	return len(line), err
}

var _ io.Writer = edited{}

func replaces(from, to string) func([]byte) []byte {
	return func(line []byte) []byte { return bytes.ReplaceAll(line, []byte(from), []byte(to)) }
}

// dies ends the process at a line that contains word.
func dies(word string) func([]byte) []byte {
	return func(line []byte) []byte {
		if bytes.Contains(line, []byte(word)) {
			fmt.Fprintln(os.Stderr, "segmentation fault")
			os.Exit(7)
		}
		return line
	}
}

var (
	runTime = regexp.MustCompile(`"run_ns":[0-9]+`)
	calls   = regexp.MustCompile(`,"calls":[0-9]+`)
	several = regexp.MustCompile(`"epochs":([0-9]+),"calls":([0-9]+)`)
	xPath   = regexp.MustCompile(`"x":"([^"]*)"`)
)

// inARow turns several calls into one call with all their epochs.
func inARow(line []byte) []byte {
	return several.ReplaceAllFunc(line, func(b []byte) []byte {
		found := several.FindSubmatch(b)
		epochs, _ := strconv.Atoi(string(found[1]))
		times, _ := strconv.Atoi(string(found[2]))
		return fmt.Appendf(nil, `"epochs":%d`, epochs*times)
	})
}

// toldPath is the environment variable with a path. A worker that stays writes this file when a
// signal tells it to end.
const toldPath = "DESCENT_TEST_TOLD"

// whenTold calls do at SIGTERM.
func whenTold(do func()) {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	go func() { <-told; do() }()
}

// spoiled is the file that spoils writes to: the last x.npy that was loaded.
var spoiled string

// spoils notes the path in a request to load, and writes to that file at any other line.
func spoils(line []byte) []byte {
	if found := xPath.FindSubmatch(line); found != nil {
		spoiled = string(found[1])
	} else if f, err := os.OpenFile(spoiled, os.O_APPEND|os.O_WRONLY, 0); err == nil {
		f.WriteString("1")
		f.Close()
	}
	return line
}

// meet starts this binary as a worker and meets it.
func meet(t *testing.T, how string, features int) *Worker {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	terms := Terms{MaxFeatures: features, Limits: bench.Limits{Timeout: time.Minute}, Dir: t.TempDir()}
	w, err := Meet(t.Context(), []string{self, "behave", how}, terms)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func workerCheck(t *testing.T, promise string) WorkerCheck {
	t.Helper()
	for _, c := range WorkerChecks() {
		if c.Promise == promise {
			return c
		}
	}
	t.Fatalf("there is no check %q", promise)
	return WorkerCheck{}
}

func TestAnHonestWorkerBreaksNoPromise(t *testing.T) {
	w := meet(t, "honest", 2)
	if w.Contender.Name() != "loop/f64" {
		t.Errorf("it is called %s", w.Contender.Name())
	}
	seen := map[string]bool{}
	for _, c := range WorkerChecks() {
		if c.Promise == "" || c.Remedy == "" || seen[c.Promise] {
			t.Errorf("a check has promise %q and remedy %q", c.Promise, c.Remedy)
		}
		seen[c.Promise] = true
		err := c.Run(w)
		if c.Promise == tellsItself {
			if !errors.As(err, new(Mild)) || !strings.Contains(err.Error(), "device, version, sync, timed, untimed") {
				t.Errorf("a worker that tells its name and precision only gives %v", err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q gives %v", c.Promise, err)
		}
	}
}

const tellsItself = "hello tells what reports show"

// What a check may find.
const mild, failed, wrong = "mild", "failed", "wrong"

// brokenPromises says for each behaviour what the check of a promise must find.
var brokenPromises = []struct {
	how, promise string
	found        string // "" if nothing
	says         string // part of the error
}{
	{"prints while it loads", "a request has one answer, and stdout nothing else", failed, `"loading" is not a JSON object`},
	{"prints behind an answer", "a request has one answer, and stdout nothing else", failed, `printed`},
	{"says good-bye", "a request has one answer, and stdout nothing else", mild, "printed a line after its last answer"},
	{"exits with status 3", "exit ends it, with status 0", mild, "exit status 3"},
	{"is deaf to SIGTERM", "SIGTERM ends it", mild, "did not end within 500ms"},
	{"leaves out its name", tellsItself, mild, "hello leaves out name, "},
	{"takes one feature", "a problem of more features than it takes is refused", mild, "check it with --features 1, as"},
	{"takes eight features", "a problem of more features than it takes is refused", mild, "check it with --features 8, as"},
	{"says it loaded for long", "a request has one answer, and stdout nothing else", failed, "load_ns says"},
	{"dies of two features", "a problem of more features than it takes is refused", failed, "exit status 9\ncheck it with --features 1, as"},
	{"answers wrongly", "a first answer is right", wrong, "N=100, P=1, 0 epochs"},
	{"answers wrongly", "a problem of more features than it takes is refused", wrong, "N=10, P=2, 1 epochs"},
	{"loads once", "a second load replaces the first", mild, "loaded already"},
	{"keeps the first load", "a second load replaces the first", wrong, "N=1000, P=7"},
	{"answers wrongly", "a second load replaces the first", wrong, "exact epochs"},
	{"adds up in any order", "100 repetitions give the same bits", mild, "in repetition"},
	{"dies of a NaN", "a NaN is not lost", mild, "exit status 7"},
	{"clamps", "w that overflows is spelled as JSON can", wrong, "overflow, and w is"},
	{"says it worked for long", "its clock agrees with the driver's", failed, "the worker's clock says"},
	{"says it took no time", "its clock agrees with the driver's", failed, "the driver waited for longer"},
	{"answers before the work", "its clock agrees with the driver's", failed, "the driver waited for longer"},
	{"answers wrongly", "its clock agrees with the driver's", wrong, "exact epochs"},
	{"remembers its answers", "its clock agrees with the driver's", "", ""},
	{"knows a formula", "time grows with the epochs", failed, "N=10000, P=1: run_ns says"},
	{"says it took no time", "time grows with the epochs", failed, "run_ns says 1ns"},
	{"compiles for each number of epochs", "a number of epochs that is new costs nothing once", mild, "the first descent of 15 epochs took"},
	{"knows no calls", "calls are heeded", mild, `does not say "calls":true`},
	{"does one call", "calls are heeded", failed, "for one call"},
	{"goes on from call to call", "calls are heeded", wrong, "10 calls"},
	{"dies of a missing file", "a missing file is answered with an error", mild, "exit status 7"},
	{"dies of an unknown op", "an unknown op is answered with an error", mild, "exit status 7"},
	{"says nothing to an unknown op", "an unknown op is answered with an error", mild, "gave no answer"},
	{"dies of misuse", "misuse is told in an answer", mild, "exit status 7"},
	{"ends names at an ampersand", "names of files may have blanks and any letters", mild, "no such file"},
	{"stays", "exit ends it, with status 0", mild, "did not end within 2s"},
	{"stays", "the end of its stdin ends it", mild, "did not end within 2s"},
	{"writes into the files", "the data files are left as they are", failed, "changed the files"},
	{"writes into the files at load", "the data files are left as they are", failed, "changed the files"},
	{"spells NaN as C does", "w that overflows is spelled as JSON can", failed, "is not a JSON object"},
}

func TestABrokenPromiseOfAWorkerIsFound(t *testing.T) {
	for _, tt := range brokenPromises {
		t.Run(tt.how+": "+tt.promise, func(t *testing.T) {
			w := meet(t, tt.how, 0)
			if tt.how == "says nothing to an unknown op" {
				w.limits.Timeout = time.Second
			}
			err := workerCheck(t, tt.promise).Run(w)
			found := failed
			switch {
			case err == nil:
				found = ""
			case errors.As(err, new(Mild)):
				found = mild
			case errors.Is(err, ErrWrong):
				found = wrong
			}
			if found != tt.found || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("found %q: %v; want %q with %q", found, err, tt.found, tt.says)
			}
		})
	}
}

// If one process cannot load twice, several processes load once each.
func TestAWorkerThatLoadsOnceIsCheckedAllTheSame(t *testing.T) {
	w := meet(t, "loads once", 1)
	workerCheck(t, secondLoad).Run(w)
	if err := workerCheck(t, "answers match the oracle").Run(w); err != nil {
		t.Error(err)
	}
}

// A worker that does not end at the request exit is told to end by a signal, without a wait.
func TestAWorkerThatStaysIsNotWaitedForAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "told")
	t.Setenv(toldPath, path)
	w := meet(t, "stays", 1)
	if err := workerCheck(t, "a run cut in pieces gives the same bits").Run(w); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("it had no signal: %v", err)
	}
}

func TestAProgramThatIsNoWorkerIsNotMet(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f32 := dataset.Float32
	for _, tt := range []struct {
		how  string
		prec *dataset.Precision
		want string
	}{
		{"nothing that is known", nil, "hello: the worker ended: exit status 2"},
		{"honest", &f32, "hello: the worker computes in f64, not in f32"},
	} {
		terms := Terms{Precision: tt.prec, Limits: bench.Limits{Timeout: time.Minute}, Dir: t.TempDir()}
		if _, err := Meet(t.Context(), []string{self, "behave", tt.how}, terms); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s gives %v", tt.how, err)
		}
	}
}
