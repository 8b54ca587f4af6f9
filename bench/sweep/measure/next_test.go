package measure

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/stats"
	"descent/bench/sweep"
	"descent/dataset"
)

// A world has contenders whose epoch takes a known time at every n, in nanoseconds.
type world map[string]struct {
	device string
	epoch  func(n int) float64 // NaN is a fault, infinity a contender that cannot run
}

func linear(fixed, each float64) func(int) float64 {
	return func(n int) float64 { return fixed + each*float64(n) }
}

// sides is a world in which the card wins from n = 500.
func sides() world {
	return world{
		"loop":  {"cpu", linear(10, 2)},
		"gl":    {"a card", linear(900, 0.2)},
		"other": {"a card", linear(1000, 0.3)},
		"none":  {"a card", func(int) float64 { return math.Inf(1) }},
	}
}

// newSweeping returns a sweep in a world.
func newSweeping(w world, before []*journal.Results, sizes ...int) *Sweeping {
	s := &Sweeping{setup: Setup{
		Sweep: journal.Sweep{ID: "s", Sizes: sizes, Features: []int{1}, Epochs: 100, Budget: time.Hour},
		Plan:  journal.Plan{Rate: 0.1, Seed: 1, Blocks: 1, Resolution: 0.02},
	}, budget: time.Hour, start: time.Now(), runs: before}
	for _, name := range []string{"loop", "gl", "other", "none"} {
		if _, has := w[name]; has {
			s.setup.Contenders = append(s.setup.Contenders, bench.Contender{Backend: name, Precision: dataset.Float64})
		}
	}
	return s
}

// made returns the run of a visit, as it would be in the world.
func (w world) made(s *Sweeping, v *visit) *journal.Results {
	plan := s.plan(*v)
	run := &journal.Results{Header: &journal.Header{Plan: plan, Sweep: s.part(*v), Contenders: v.contenders}, End: &journal.End{Reason: journal.Resolved, TotalNS: 5e8}}
	measured := v.contenders
	if v.role != journal.Checking {
		twin := bench.Contender{Backend: "loop", Precision: dataset.Float64, Twin: true}
		run.Twin = &twin
		measured = append(slices.Clone(measured), twin)
	}
	for _, c := range measured {
		epoch := w[c.Backend].epoch(v.n)
		if !(epoch < math.MaxFloat64) {
			run.Faults = append(run.Faults, journal.Fault{Contender: c.Name(), Unavailable: epoch > 0, Error: c.Name() + ": out of order"})
			continue
		}
		for process := range 6 {
			run.Processes = append(run.Processes, journal.Started{Contender: c.Name(), Process: process, Info: bench.Info{Device: w[c.Backend].device}, InitNS: 1e6, LoadNS: 1e6})
			run.Samples = append(run.Samples, journal.Sample{
				Contender: c.Name(), Process: process, Block: process, Epochs: plan.Epochs, W: bench.Vector{0, 0}, WallNS: 3e7,
				RunNS: int64(float64(plan.Epochs) * epoch * (1e3 + float64(process%3)) / 1e3 * 1e3),
			})
		}
	}
	return run
}

// measured makes all visits of a sweep in a world, and returns the reason for its end.
func (w world) measured(t *testing.T, s *Sweeping) (reason string) {
	t.Helper()
	for range 100 {
		v, reason, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		if v == nil {
			return reason
		}
		s.runs = append(s.runs, w.made(s, v))
	}
	t.Fatal("the sweep does not end")
	return ""
}

// visited returns the sizes of the runs of a role, in their order.
func (s *Sweeping) visited(role journal.Role) (ns []int) {
	for _, run := range s.runs {
		if run.Header.Sweep.Role == role {
			ns = append(ns, run.Header.Plan.N)
		}
	}
	return ns
}

func powers(lo, hi int) (ns []int) {
	for n := lo; n <= hi; n *= 2 {
		ns = append(ns, n)
	}
	return ns
}

func TestASweepHasAllItsParts(t *testing.T) {
	w, sizes := sides(), powers(64, 1<<14)
	s := newSweeping(w, nil, sizes...)
	if reason := w.measured(t, s); reason != journal.Complete || len(s.unvisited()) != 0 {
		t.Errorf("the sweep ended with %q, without %v", reason, s.unvisited())
	}
	grid := s.visited(journal.OfGrid)
	slices.Sort(grid)
	if !slices.Equal(grid, sizes) {
		t.Errorf("the grid has %v", grid)
	}
	cells := map[string]bool{}
	for i, run := range s.runs {
		names, h := bench.Names(run.Header.Contenders), run.Header
		if slices.Contains(names, "none/f64") != (i == 0) {
			t.Errorf("run %d has %v, and none/f64 cannot run", i, names)
		}
		if h.Sweep.Role != journal.Checking {
			continue
		}
		if cells[fmt.Sprint(h.Plan.N, h.Plan.Epochs)] = true; len(names) != 2 || h.Plan.Epochs == 100 || !h.Plan.NoNull || h.Plan.Processes == 0 {
			t.Errorf("%v validate a cell by the plan %+v", names, h.Plan)
		}
	}
	if len(cells) != leastCells {
		t.Errorf("validated: %v", cells)
	}
	answers, err := sweep.New(s.runs)
	if err != nil {
		t.Fatal(err)
	}
	c := answers.Problems[0].Crossover
	if c.Outcome != stats.OneCrossover || c.Changes[0].Lo > 494 || c.Changes[0].Hi < 494 || c.Changes[0].Hi/c.Changes[0].Lo > 1.3 {
		t.Errorf("%+v; refined at %v, ends %v", c, s.visited(journal.Refining), s.visited(journal.AtAnEnd))
	}
}

// Whatever the point at which a sweep was cut short: the rest is measured as it would have been.
func TestWhatIsNextFollowsFromTheRunsAlone(t *testing.T) {
	w := sides()
	whole := newSweeping(w, nil, powers(64, 4096)...)
	w.measured(t, whole)
	for cut := range whole.runs {
		s := newSweeping(w, slices.Clone(whole.runs[:cut]), powers(64, 4096)...)
		v, reason, err := s.next()
		if err != nil || v == nil {
			t.Fatalf("after %d runs: %q, %v", cut, reason, err)
		}
		h := whole.runs[cut].Header
		if v.n != h.Plan.N || v.role != h.Sweep.Role || v.epochs != h.Plan.Epochs || !slices.Equal(bench.Names(v.contenders), bench.Names(h.Contenders)) {
			t.Errorf("after %d runs: %+v, and not %+v by %v", cut, v, h.Plan, bench.Names(h.Contenders))
		}
	}
}

func TestSizesAreVisitedCoarseFirstAndAtRandom(t *testing.T) {
	ns := powers(1, 1<<16)
	orders := map[string]bool{}
	for seed := range uint64(8) {
		got := order(ns, []int{1}, seed)
		orders[fmt.Sprint(got)] = true
		if got[0].n != 8192 {
			t.Errorf("seed %d: the first size is %d", seed, got[0].n)
		}
		for i, at := range got[1:5] {
			if k := slices.Index(ns, at.n); k%4 != 0 || k == len(ns)-1 {
				t.Errorf("seed %d: size %d is visit %d of %v", seed, at.n, i, got)
			}
		}
		all := []int{}
		for _, at := range got {
			all = append(all, at.n)
		}
		if slices.Sort(all); !slices.Equal(all, ns) {
			t.Errorf("seed %d: %v", seed, got)
		}
	}
	if len(orders) < 4 {
		t.Errorf("eight seeds gave %d orders", len(orders))
	}
}

func TestWhoIsFarBehindIsLeftOutOfLargerSizes(t *testing.T) {
	for _, c := range []struct {
		name  string
		other func(n int) float64
		out   bool
	}{
		{"40 times slower than the best of its side", linear(40*900, 40*0.2), true},
		{"20 times slower", linear(20*900, 20*0.2), false},
		{"slow to dispatch, but as fast at large sizes", linear(60*900, 0.2), false},
	} {
		w := sides()
		w["other"] = struct {
			device string
			epoch  func(int) float64
		}{"a card", c.other}
		s := newSweeping(w, nil, powers(256, 1<<20)...)
		w.measured(t, s)
		out := false
		for _, run := range s.runs {
			for _, left := range run.Header.Sweep.LeftOut {
				if left.Contender == "other/f64" {
					out = true
					if !strings.Contains(left.Reason, "times as long as the best of its side at N = ") {
						t.Errorf("%s: %s", c.name, left.Reason)
					}
				}
			}
			if run.Header.Sweep.Role == journal.OfGrid && !slices.Contains(bench.Names(run.Header.Contenders), "gl/f64") {
				t.Errorf("%s: the best of a side is left out", c.name)
			}
		}
		last := run(s, 1<<20)
		if measured := slices.Contains(bench.Names(last.Header.Contenders), "other/f64"); measured == c.out || c.out && !out {
			t.Errorf("%s: measured at the largest size: %t", c.name, measured)
		}
	}
}

// run returns the run of the grid at a size.
func run(s *Sweeping, n int) *journal.Results {
	i := slices.IndexFunc(s.runs, func(r *journal.Results) bool { return r.Header.Plan.N == n })
	return s.runs[i]
}

func TestAFaultIsAGapAndTwoInARowEndAContender(t *testing.T) {
	fails := func(at func(n int) bool) world {
		w := sides()
		w["other"] = struct {
			device string
			epoch  func(int) float64
		}{"a card", func(n int) float64 {
			if at(n) {
				return math.NaN()
			}
			return linear(1000, 0.3)(n)
		}}
		return w
	}
	for _, c := range []struct {
		name string
		w    world
		want int // visits of the grid with the contender
	}{
		{"at one size", fails(func(n int) bool { return n == 256 }), 7},
		{"at all", fails(func(int) bool { return true }), 2},
	} {
		s := newSweeping(c.w, nil, powers(64, 4096)...)
		c.w.measured(t, s)
		got, reason := 0, ""
		for _, run := range s.runs {
			if run.Header.Sweep.Role == journal.OfGrid && slices.Contains(bench.Names(run.Header.Contenders), "other/f64") {
				got++
			}
			for _, left := range run.Header.Sweep.LeftOut {
				if left.Contender == "other/f64" {
					reason = left.Reason
				}
			}
		}
		if got != c.want || (reason == "") != (c.want == 7) || reason != "" && !strings.HasPrefix(reason, "it failed in two runs in a row: other/f64: out of order") {
			t.Errorf("%s: measured at %d sizes, left out because %q", c.name, got, reason)
		}
	}
}

func TestASideThatCannotRunEndsTheSweep(t *testing.T) {
	w := sides()
	delete(w, "gl")
	delete(w, "other")
	s := newSweeping(w, nil, powers(64, 4096)...)
	if reason := w.measured(t, s); reason != journal.Complete || len(s.runs) != 1 || len(s.unvisited()) != 6 {
		t.Errorf("%q after %d runs, without %v", reason, len(s.runs), s.unvisited())
	}
}

func TestTheBudgetCountsAnewAfterASessionThatUsedItUp(t *testing.T) {
	took := func(total time.Duration, swept string) *journal.Results {
		run := &journal.Results{End: &journal.End{TotalNS: total.Nanoseconds()}}
		if swept != "" {
			run.Swept = &journal.Swept{Reason: swept}
		}
		return run
	}
	killed := &journal.Results{Processes: []journal.Started{{InitNS: 1e9, LoadNS: 2e9}}, Samples: []journal.Sample{{WallNS: 4e9}}}
	for _, c := range []struct {
		runs []*journal.Results
		want time.Duration
	}{
		{[]*journal.Results{took(10*time.Second, ""), took(20*time.Second, journal.Interrupted), killed}, 37 * time.Second},
		{[]*journal.Results{took(10*time.Second, ""), took(20*time.Second, journal.OutOfBudget)}, 0},
		{[]*journal.Results{took(20*time.Second, journal.OutOfBudget), took(5*time.Second, journal.Interrupted)}, 5 * time.Second},
	} {
		if got := spent(c.runs); got != c.want {
			t.Errorf("%v were spent, want %v", got, c.want)
		}
	}
}

func TestASizeThatIsSkippedIsNotVisitedForACrossover(t *testing.T) {
	w := sides()
	s := newSweeping(w, nil, powers(64, 1<<12)...)
	for range 100 {
		v, _, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		if v == nil {
			if len(s.visited(journal.AtAnEnd)) == 0 {
				t.Error("the ends of the crossover have one visit")
			}
			return
		}
		if v.role == journal.Refining {
			s.skip(v.size, "its rate diverges")
			continue
		}
		s.runs = append(s.runs, w.made(s, v))
	}
	t.Error("the sweep does not end")
}

func TestASizeThatTakesTooLongIsSkippedAndNamed(t *testing.T) {
	w := sides()
	s := newSweeping(w, nil, powers(64, 4096)...)
	s.budget = 10 * time.Second // a process takes 32 ms, and a visit about a second
	if reason := w.measured(t, s); reason != journal.Complete {
		t.Errorf("%q, without %v", reason, s.unvisited())
	}
	s = newSweeping(w, nil, powers(64, 4096)...)
	s.budget = 20 * time.Millisecond
	if reason := w.measured(t, s); reason != journal.OutOfBudget || len(s.runs) != 1 || len(s.unvisited()) != 6 ||
		!strings.Contains(s.unvisited()[0].Reason, "its run would take about ") {
		t.Errorf("%q after %d runs, without %v", reason, len(s.runs), s.unvisited())
	}
}

func TestTheFirstSizeIsTheArticlesAndLargeOnesComeLate(t *testing.T) {
	for _, c := range []struct {
		ns   []int
		want int
	}{
		{powers(64, 1<<20), 8192},
		{[]int{100, 9000, 12000}, 9000},
		{powers(64, 1024), 256},
		{powers(1<<15, 1<<17), 1 << 16},
		{[]int{5}, 5},
	} {
		if got := order(c.ns, []int{1, 2}, 1)[0]; got != (size{c.want, 1}) {
			t.Errorf("%v: %v is the first", c.ns, got)
		}
	}
	got := order(powers(64, 1<<22), []int{1}, 3)
	var large []int
	for _, at := range got[:10] {
		if at.n >= 1<<18 {
			large = append(large, at.n)
		}
	}
	if !slices.Equal(large, []int{1 << 18, 1 << 20, 1 << 22}) {
		t.Errorf("large sizes: %v of %v", large, got)
	}
}

// What the grid has no room for waits until the cells are validated and the crossover is narrowed.
func TestASizeForWhichTheGridHasNoRoomComesLater(t *testing.T) {
	w, sizes := sides(), powers(64, 4096)
	s := newSweeping(w, nil, sizes...)
	s.start = time.Now().Add(-42 * time.Minute) // of an hour
	if reason := w.measured(t, s); reason != journal.Complete || len(s.unvisited()) != 0 {
		t.Errorf("%q, without %v", reason, s.unvisited())
	}
	var roles []journal.Role
	for _, run := range s.runs {
		if role := run.Header.Sweep.Role; len(roles) == 0 || roles[len(roles)-1] != role {
			roles = append(roles, role)
		}
		if i := slices.Index(sizes, run.Header.Plan.N); run.Header.Sweep.Role == journal.OfGrid && i%2 == 1 && len(s.visited(journal.Checking)) == 0 {
			t.Errorf("N = %d was visited before the cells", sizes[i])
		}
	}
	if len(roles) < 4 || roles[0] != journal.OfGrid || roles[1] != journal.Checking || !slices.Contains(roles[3:], journal.OfGrid) {
		t.Errorf("the runs were for %v", roles)
	}
}

func TestASizeWithTooFewProcessesIsVisitedAgain(t *testing.T) {
	w := sides()
	s := newSweeping(w, nil, powers(64, 4096)...)
	w.measured(t, s)
	short := run(s, 4096)
	short.Samples = slices.DeleteFunc(slices.Clone(short.Samples), func(s journal.Sample) bool { return s.Process > 3 })
	v, reason, err := s.next()
	if err != nil || v == nil || v.n != 4096 || v.role != journal.AtAnEnd {
		t.Fatalf("%+v, %q, %v", v, reason, err)
	}
	if end := s.start.Add(s.budget); v.ends.IsZero() || v.ends.After(end) {
		t.Errorf("the sweep is expected to end at %v, and its budget at %v", v.ends, end)
	}
	s.budget = 0
	if v, reason, err = s.next(); err != nil || v != nil || reason != journal.OutOfBudget {
		t.Errorf("without budget: %+v, %q, %v", v, reason, err)
	}
}

// A worker may tell any time of its own. The driver's clock counts.
func TestAProcessCostsWhatTheDriversClockSays(t *testing.T) {
	w := sides()
	s := newSweeping(w, nil, 64)
	w.measured(t, s)
	honest := s.runs[0]
	before := meanProcess(honest, "loop/f64")
	for i := range honest.Processes {
		honest.Processes[i].InitNS = 3600e9
	}
	if after := meanProcess(honest, "loop/f64"); before <= 0 || after > 500*time.Millisecond {
		t.Errorf("a process of a run of half a second took %v, then %v", before, after)
	}
}

func TestACompleteSweepGoesOnOnlyIfSomethingIsOpen(t *testing.T) {
	w := sides()
	s := newSweeping(w, nil, powers(64, 4096)...)
	w.measured(t, s)
	for _, run := range s.runs {
		run.Header.Env = journal.ReadEnv()
	}
	s.runs[len(s.runs)-1].Swept = &journal.Swept{Reason: journal.Complete}
	setup := s.setup
	setup.Before = s.runs
	if _, err := New(setup); err == nil || err.Error() != "it cannot be resumed: it is complete" {
		t.Errorf("nothing is open: %v", err)
	}
	short := run(s, 4096)
	short.Samples = slices.DeleteFunc(slices.Clone(short.Samples), func(s journal.Sample) bool { return s.Process > 3 })
	if _, err := New(setup); err != nil {
		t.Errorf("a size with four processes: %v", err)
	}
	setup.Sweep.Budget = spent(s.runs)
	if _, err := New(setup); err == nil {
		t.Error("a size with four processes, and the budget is used up: it is resumed")
	}
}
