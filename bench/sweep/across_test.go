package sweep_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"descent/bench/journal"
	"descent/bench/machine"
	"descent/bench/stats"
	"descent/bench/sweep"
)

// laptop and server are sweeps of two machines. The laptop's card, if it has one, is slow. The
// server's processor is fast, and so is its card.
func laptop(withCard bool) world {
	w := twoSides()
	w.env, w.seed = journal.Env{CPU: "A Laptop's Processor", Threads: 8, GoArch: "amd64"}, 2
	w.contenders[1].epoch = linear(20_000, 20)
	w.contenders[1].info.Device = "A Small Card"
	if !withCard {
		w.contenders[1].unavailable = func(int, int) string { return "no OpenGL" }
	}
	return w
}

func server() world {
	w := twoSides()
	w.env, w.seed = journal.Env{CPU: "A Server's Processor", Threads: 64, GoArch: "amd64"}, 3
	w.contenders[0].epoch = linear(50, 40)
	w.contenders[1].epoch = linear(1100, 200)
	return w
}

func TestThisMachinesProcessorAgainstThatMachinesCard(t *testing.T) {
	all, err := sweep.Across(answers(t, laptop(false)), answers(t, server()))
	if err != nil || len(all) != 1 {
		t.Fatalf("%d sweeps: %v", len(all), err)
	}
	s := all[0]
	if s.Sides[0].Machine != "A Laptop's Processor, 8 threads" || s.Sides[1].Machine != "A Server's Processor, 64 threads" || s.Sides[1].Device != "A Card" {
		t.Errorf("the sides are %+v", s.Sides)
	}
	if len(s.Warnings) == 0 || !strings.HasPrefix(s.Warnings[0], "TWO MACHINES: ") {
		t.Errorf("the warnings are %q", s.Warnings)
	}
	p := s.Problems[0]
	// 100 + N/4 = 1100 + N/200
	want := 1000.0 / (1.0/4 - 1.0/200)
	c := p.Crossover
	if c.Outcome != stats.OneCrossover || c.Changes[0].Lo != 1024 || c.Changes[0].Hi != 16384 || math.Abs(c.Changes[0].At/want-1) > 0.2 {
		t.Errorf("the crossover is %+v, not at %v", c, want)
	}
	size := at(t, p, 65536)
	if size.Champions[0].Contender != "simd/f64" || size.Champions[0].Info.Device != "cpu" || size.Ratio.Lo == 0 || size.Winner != 1 {
		t.Errorf("the size is %+v", size)
	}
	if b := evenAt(t, p, 65536, sweep.Cold, false); b.Answer != stats.FromEpochs {
		t.Errorf("the break-even is %+v", b)
	}
	if cellAt(t, p.Map, 262144, 1_000_000).Winner != 1 || cellAt(t, p.Map, 262144, 1).Winner != 0 {
		t.Errorf("the map is %+v", p.Map)
	}
}

func TestTwoMachinesWithCardsAreHeldAgainstEachOtherBothWays(t *testing.T) {
	all, err := sweep.Across(answers(t, laptop(true)), answers(t, server()))
	if err != nil || len(all) != 2 {
		t.Fatalf("%d sweeps: %v", len(all), err)
	}
	if all[0].Sides[1].Device != "A Card" || all[1].Sides[1].Device != "A Small Card" || all[1].Problems[0].Crossover.Outcome != stats.FirstAlways {
		t.Errorf("the sweeps are of %+v and of %+v", all[0].Sides, all[1].Sides)
	}
}

func TestTheLargerNoiseFloorOfTwoMachinesCounts(t *testing.T) {
	a, b := laptop(false), server()
	b.noise = 0.2
	one, two := answers(t, a), answers(t, b)
	all, err := sweep.Across(one, two)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range all[0].Problems[0].Sizes {
		want := max(at(t, one.Problems[0], size.N).Floor, at(t, two.Problems[0], size.N).Floor)
		if size.Floor != want {
			t.Errorf("the floor at %d is %v, not %v", size.N, size.Floor, want)
		}
	}
}

// The number of a process says nothing on another machine.
func TestProcessesOfTwoMachinesAreNotPaired(t *testing.T) {
	kept := func(w world, from, to int) *sweep.Sweep {
		runs := planted(t, w)
		for _, run := range runs {
			run.Samples = slices.DeleteFunc(run.Samples, func(s journal.Sample) bool { return s.Process < from || s.Process >= to })
		}
		s, err := sweep.New(runs)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	all, err := sweep.Across(kept(laptop(false), 0, 6), kept(server(), 3, 8))
	if err != nil {
		t.Fatal(err)
	}
	if size := at(t, all[0].Problems[0], 1024); size.Ratio == nil || size.Ratio.Lo == 0 {
		t.Errorf("6 and 5 processes have the ratio %+v", size.Ratio)
	}
	if b := evenAt(t, all[0].Problems[0], 262144, sweep.Cold, false); b.Epochs == 0 {
		t.Errorf("5 and 4 later processes have the break-even %+v", b)
	}
}

func TestOnlySizesThatBothMachinesMeasuredCount(t *testing.T) {
	a, b := laptop(false), server()
	a.sizes, b.sizes = []int{64, 1024, 4096}, []int{1024, 4096, 65536}
	all, err := sweep.Across(answers(t, a), answers(t, b))
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, size := range all[0].Problems[0].Sizes {
		got = append(got, size.N)
	}
	if !slices.Equal(got, []int{1024, 4096}) {
		t.Errorf("the sizes are %v", got)
	}
}

func TestSweepsThatDoNotFitAreRefused(t *testing.T) {
	header := func(change func(h *journal.Header)) func(w *world) {
		return func(w *world) { w.edit = func(_ int, h *journal.Header) { change(h) } }
	}
	for want, change := range map[string]func(w *world){
		"different problems: 10,000 epochs, then 500": func(w *world) { w.epochs = 500 },
		"at rate 0.001, then ":                        header(func(h *journal.Header) { h.Plan.Rate = 0.01 }),
		"but of other data":                           header(func(h *journal.Header) { h.DataSum = "crc32c:ffffffff" }),
		"no size in common, in the same precision":    func(w *world) { w.contenders[0].name, w.contenders[1].name = "simd/f32", "gl-resident/f32" },
		"no size in common":                           func(w *world) { w.sizes = []int{63} },
		"no size in common, in ":                      func(w *world) { w.features = []int{2} },
		"between different sides":                     func(w *world) { w.between = []journal.Side{{Name: "simd"}, {Name: "gl"}} },
		"both sweeps are of one machine: A Laptop's":  func(w *world) { *w = laptop(false) },
		"neither sweep has a time of GPU":             func(w *world) { w.contenders = w.contenders[:1] },
	} {
		w := server()
		change(&w)
		_, err := sweep.Across(answers(t, laptop(false)), answers(t, w))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v", want, err)
		}
	}
}

func TestWarningsOfTwoMachinesNameTheirs(t *testing.T) {
	b := server()
	b.machine = []machine.Assessment{{What: "load", Value: "3.1 processors busy", Grade: machine.Poor}}
	b.contenders[1].info.Software = true
	all, err := sweep.Across(answers(t, laptop(false)), answers(t, b))
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Join(all[0].Warnings, "\n")
	for _, want := range []string{
		"A Card is a software renderer", "The machine (A Server's Processor, 64 threads) was poor to measure on: load 3.1 processors busy.",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the warnings lack %q:\n%s", want, said)
		}
	}
	if all[0].Grade != machine.Poor || len(all[0].Machine) != 1 || all[0].Machine[0] != b.machine[0] {
		t.Errorf("the grade is %s, and the machine %+v", all[0].Grade, all[0].Machine)
	}
}
