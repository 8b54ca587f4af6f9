package sweep_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/machine"
	"descent/dataset"
)

// A world is a sweep to plant: its contenders, what their times truly are, and the noise on them.
type world struct {
	sizes      []int // in the order of their visits; a size may have several
	features   []int // {1} if empty
	epochs     int   // of the sweep
	processes  int   // of each contender and visit
	noise      float64
	bias       float64 // the twin takes as much longer, as 0.3
	contenders []actor
	between    []journal.Side
	checks     map[int]int // epochs of a run that validates at a size, by size
	seed       uint64
	env        journal.Env
	machine    []machine.Assessment // at the end of each run
	edit       func(visit int, h *journal.Header)
}

// An actor is a contender of a world. Times are in nanoseconds.
type actor struct {
	name                                 string
	info                                 bench.Info
	init, load, compile, search, upload  float64
	compileFirst                         float64 // of a size's first process, beyond compile
	put, download                        float64
	epoch                                func(n int) float64 // with P = 1
	alone                                bool                // it has one process a visit
	fewer                                int                 // epochs of a sample, if it is cut
	wrong, unavailable, failed, excluded func(visit, n int) string
}

// linear returns t = c + N/r, with r in rows a nanosecond.
func linear(c, r float64) func(int) float64 {
	return func(n int) float64 { return c + float64(n)/r }
}

// processor and card are two contenders whose times cross at N = 10,000, and a world of them.
func processor() actor {
	return actor{name: "simd/f64", info: bench.Info{Device: "cpu", Threads: 2}, init: 1e5, load: 2e5, epoch: linear(100, 4)}
}

func card() actor {
	return actor{
		name: "gl-resident/f64", info: bench.Info{Device: "A Card", Threads: 1}, init: 4e7, load: 1e8, compile: 8e7, search: 1e7, upload: 5e6,
		compileFirst: 4e8, put: 1e6, download: 2e4, epoch: linear(2350, 40),
	}
}

func twoSides() world {
	return world{
		sizes: []int{64, 1024, 16384, 256, 262144, 4096, 65536}, epochs: 10_000, processes: 8, noise: 0.01,
		contenders: []actor{processor(), card()}, seed: 1,
	}
}

// planted returns the runs of a world, as a results file would give them.
func planted(t testing.TB, w world) []*journal.Results {
	t.Helper()
	if w.features == nil {
		w.features = []int{1}
	}
	sizes := slices.Clone(w.sizes)
	slices.Sort(sizes)
	part := journal.Sweep{
		ID: "planted", Sizes: slices.Compact(sizes), Features: w.features, Epochs: w.epochs, Between: w.between, Budget: 5 * time.Minute, Role: journal.OfGrid,
	}
	p := planter{t: t, world: w, rng: rand.New(rand.NewPCG(w.seed, 0)), seen: map[string]bool{}}
	for _, features := range w.features {
		for _, n := range w.sizes {
			p.visit(part, n, features, w.epochs)
			part.Visit++
		}
	}
	part.Role = journal.Checking
	for _, n := range slices.Compact(sizes) {
		if k := w.checks[n]; k > 0 {
			p.visit(part, n, w.features[0], k)
			part.Visit++
		}
	}
	runs, err := journal.Decode(strings.NewReader(p.lines.String()), "planted.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// A planter writes the lines of a results file.
type planter struct {
	t     testing.TB
	world world
	rng   *rand.Rand
	lines strings.Builder
	seen  map[string]bool // contenders that had a process at a size
}

func (p *planter) write(r journal.Record) {
	p.t.Helper()
	line, err := json.Marshal(r)
	if err != nil {
		p.t.Fatal(err)
	}
	p.lines.Write(append(line, '\n'))
}

// noisy returns a time with the world's noise, at least 1 ns.
func (p *planter) noisy(ns float64) int64 {
	return int64(max(1, math.Round(ns*math.Exp(p.world.noise*p.rng.NormFloat64()))))
}

func (p *planter) visit(part journal.Sweep, n, features, epochs int) {
	w := p.world
	began := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC).Add(time.Duration(part.Visit) * time.Minute)
	h := &journal.Header{
		Schema: journal.Schema, Version: "v0.6.0", Time: began, Env: w.env, Sweep: &part, DataSum: "crc32c:01234567",
		Plan: journal.Plan{N: n, Features: features, Epochs: epochs, Rate: 0.001, Noise: 0.1, Seed: 1, Blocks: 2, Resolution: 0.02, Budget: 20 * time.Second},
	}
	var there []actor
	for _, a := range w.contenders {
		if says(a.excluded, part.Visit, n) != "" {
			part.LeftOut = append(part.LeftOut, journal.LeftOut{Contender: a.name, Reason: says(a.excluded, part.Visit, n)})
			continue
		}
		there = append(there, a)
		h.Contenders = append(h.Contenders, a.contender(p.t))
	}
	if w.edit != nil {
		w.edit(part.Visit, h)
	}
	p.write(journal.Record{Header: h})
	twin := there[0].contender(p.t)
	twin.Twin = true
	p.write(journal.Record{Twin: &twin})
	double := there[0]
	double.name = twin.Name()
	double.epoch = func(n int) float64 { return (1 + w.bias) * there[0].epoch(n) }
	there = append(slices.Clone(there), double)
	for g := range w.processes {
		for _, a := range there {
			if g == 0 || !a.alone {
				p.process(a, part.Visit, g, n, features, epochs)
			}
		}
	}
	p.write(journal.Record{End: &journal.End{Reason: journal.Resolved, TotalNS: 1e10, DriverNS: 1e7, Machine: w.machine}})
}

func says(what func(visit, n int) string, visit, n int) string {
	if what == nil {
		return ""
	}
	return what(visit, n)
}

func (a actor) contender(t testing.TB) bench.Contender {
	backend, precision, _ := strings.Cut(a.name, "/")
	c := bench.Contender{Backend: backend, Precision: dataset.Float64}
	switch precision {
	case "f64":
	case "f32":
		c.Precision = dataset.Float32
	default:
		t.Fatalf("%s has no precision", a.name)
	}
	return c
}

// process writes the records of one process of a contender.
func (p *planter) process(a actor, visit, g, n, features, epochs int) {
	if fault := says(a.unavailable, visit, n); fault != "" {
		if g == 0 {
			p.write(journal.Record{Fault: &journal.Fault{Contender: a.name, Unavailable: true, Error: fault}})
		}
		return
	}
	compile := a.compile
	if at := a.name + string(rune(n)); !p.seen[at] {
		p.seen[at] = true
		compile += a.compileFirst
	}
	phases := bench.LoadPhases{CompileNS: p.noisy(compile), SearchNS: p.noisy(a.search), UploadNS: p.noisy(a.upload)}
	if compile+a.search+a.upload == 0 {
		phases = bench.LoadPhases{}
	}
	rest := max(0, a.load-a.compile-a.search-a.upload)
	p.write(journal.Record{Process: &journal.Started{
		Contender: a.name, Process: g, Info: a.info, InitNS: p.noisy(a.init), LoadPhases: phases,
		LoadNS: phases.CompileNS + phases.SearchNS + phases.UploadNS + p.noisy(rest),
	}})
	if fault := says(a.failed, visit, n); fault != "" {
		if g == 0 {
			p.write(journal.Record{Fault: &journal.Fault{Contender: a.name, Process: g, Error: fault}})
		}
		return
	}
	// A process is fast or slow as a whole.
	pace := float64(p.noisy(1e6*a.epoch(n)*float64(features+1)/2)) / 1e6
	sample := func(epochs int, extra float64) *journal.Sample {
		s := &journal.Sample{
			Contender: a.name, Process: g, Block: 2 * g, Epochs: epochs, RunNS: p.noisy(float64(epochs)*pace + a.download + extra),
			W: make(bench.Vector, features+1), MaxError: 1e-12, Tolerance: 1e-9,
		}
		s.WallNS = s.RunNS + 1000
		if a.download > 0 {
			s.DownloadNS = min(s.RunNS, p.noisy(a.download))
		}
		return s
	}
	first := sample(1, a.put)
	first.Warmup = true
	p.write(journal.Record{Sample: first})
	if a.fewer > 0 {
		epochs = min(epochs, a.fewer)
	}
	for range 2 {
		s := sample(epochs, 0)
		s.Wrong = says(a.wrong, visit, n)
		p.write(journal.Record{Sample: s})
	}
}
