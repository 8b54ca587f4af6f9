package sweep_test

import (
	"slices"
	"testing"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/stats"
	"descent/bench/sweep"
)

// answers returns the answers of a world.
func answers(t testing.TB, w world) *sweep.Sweep {
	t.Helper()
	s, err := sweep.New(planted(t, w))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// at returns the size of a problem with this N.
func at(t testing.TB, p sweep.Problem, n int) sweep.Size {
	t.Helper()
	for _, s := range p.Sizes {
		if s.N == n {
			return s
		}
	}
	t.Fatalf("no size %d", n)
	return sweep.Size{}
}

func TestTheChampionsOfEachSizeAreHeldAgainstEachOther(t *testing.T) {
	w := twoSides()
	slow, other := processor(), card()
	slow.name, slow.epoch, slow.alone = "loop/f64", linear(100, 0.5), true
	other.name, other.epoch = "gl-graph/f64", linear(5000, 40)
	w.contenders = append(w.contenders, slow, other)
	s := answers(t, w)
	if len(s.Problems) != 1 || len(s.Problems[0].Sizes) != len(w.sizes) {
		t.Fatalf("the problems are %+v", s.Problems)
	}
	p := s.Problems[0]
	for i, size := range p.Sizes {
		if i > 0 && size.N <= p.Sizes[i-1].N {
			t.Errorf("size %d follows %d", size.N, p.Sizes[i-1].N)
		}
		if size.Champions[0].Contender != "simd/f64" || size.Champions[1].Contender != "gl-resident/f64" || len(size.Others) != 2 {
			t.Errorf("N = %d has the champions %v and the others %v", size.N, size.Champions, size.Others)
		}
		for _, c := range size.Champions {
			if !(0 < c.Lo && c.Lo <= c.EpochNS && c.EpochNS <= c.Hi) || c.Processes != w.processes {
				t.Errorf("N = %d has the time %+v", size.N, c.Time)
			}
		}
		want := 0
		if size.N > 10_000 {
			want = 1
		}
		if size.Winner != want || size.Floor <= 0 {
			t.Errorf("N = %d: the winner is %d, the ratio %+v, the floor %v", size.N, size.Winner, size.Ratio, size.Floor)
		}
	}
	c := p.Crossover
	if c.Outcome != stats.OneCrossover || c.Changes[0].To != 1 || c.Changes[0].Lo != 4096 || c.Changes[0].Hi != 16384 {
		t.Errorf("the crossover is %+v", c)
	}
	if at := c.Changes[0].At; at < 9000 || at > 11_000 {
		t.Errorf("the sides cross at %v, not at 10,000", at)
	}
}

func TestVisitsOfASizeArePooled(t *testing.T) {
	w := twoSides()
	w.sizes, w.processes = []int{1024, 4096, 1024, 1024}, 2
	size := at(t, answers(t, w).Problems[0], 1024)
	if size.Ratio.Lo == 0 || size.Champions[0].Processes != 6 {
		t.Errorf("three visits of 2 processes give %+v and %+v", size.Ratio, size.Champions[0].Time)
	}
}

func TestAContenderThatWasWrongOnceHasNoTimeAtThatSize(t *testing.T) {
	w := twoSides()
	w.sizes = []int{1024, 1024, 4096}
	w.contenders[1].wrong = func(visit, _ int) string {
		if visit == 1 {
			return "w[0] is NaN"
		}
		return ""
	}
	p := answers(t, w).Problems[0]
	size := at(t, p, 1024)
	if size.Gap != "gl-resident/f64 answered wrongly" || size.Ratio != nil || size.Champions[1] != nil || size.Winner != -1 {
		t.Errorf("the size is %+v", size)
	}
	if len(size.Others) != 1 || size.Others[0].Status != bench.Wrong || size.Others[0].EpochNS != 0 {
		t.Errorf("the others are %+v", size.Others)
	}
	if at(t, p, 4096).Gap != "" {
		t.Error("the other size is a gap, too")
	}
}

func TestGapsSayWhy(t *testing.T) {
	gone := func(int, int) string { return "no OpenGL" }
	for _, test := range []struct {
		name, gap string
		change    func(*actor)
	}{
		{"no device", "no GPU", func(a *actor) { a.unavailable = gone }},
		{"out of memory", "gl-resident/f64 failed: load: out of memory", func(a *actor) {
			a.failed = func(int, int) string { return "load: out of memory" }
		}},
		{"left out", "gl-resident/f64 was left out: 30x slower than gl-graph/f64", func(a *actor) {
			a.excluded = func(visit, _ int) string {
				if visit == 0 {
					return ""
				}
				return "30x slower than gl-graph/f64"
			}
		}},
	} {
		w := twoSides()
		test.change(&w.contenders[1])
		s := answers(t, w)
		size := at(t, s.Problems[0], 65536)
		if size.Gap != test.gap {
			t.Errorf("%s: the gap is %q", test.name, size.Gap)
		}
		if absent := test.name == "no device"; absent != (len(s.Absent) == 1) || absent && s.Absent[0].Reason != "no OpenGL" {
			t.Errorf("%s: absent are %+v", test.name, s.Absent)
		}
		if left := test.name == "left out"; left != (len(s.LeftOut) == 1) || left && s.LeftOut[0].From != 256 {
			t.Errorf("%s: left out are %+v", test.name, s.LeftOut)
		}
	}
}

func TestAnotherAlgorithmIsNeverAChampion(t *testing.T) {
	w := twoSides()
	gram := processor()
	gram.name, gram.epoch, gram.info.Algorithm = "gram/f64", linear(1, 1000), "sufficient statistics"
	w.contenders = append(w.contenders, gram)
	for _, size := range answers(t, w).Problems[0].Sizes {
		other := size.Others[0]
		if size.Champions[0].Contender != "simd/f64" || other.Contender != "gram/f64" || other.Side != -1 || other.Algorithm == "" || other.EpochNS == 0 {
			t.Errorf("N = %d: %+v", size.N, size)
		}
	}
}

func TestBetweenNamesTheSides(t *testing.T) {
	w := twoSides()
	other := processor()
	other.name, other.epoch = "loop/f64", linear(10, 1)
	w.contenders = []actor{processor(), other}
	w.between = []journal.Side{{Name: "loop", Contenders: []string{"loop/f64"}}, {Name: "simd", Contenders: []string{"simd/f64"}}}
	s := answers(t, w)
	if s.Sides[0].Name != "loop" || s.Sides[1].Name != "simd" || s.Sides[0].Device != "cpu" {
		t.Errorf("the sides are %+v", s.Sides)
	}
	size := at(t, s.Problems[0], 65536)
	if size.Champions[0].Contender != "loop/f64" || size.Winner != 1 {
		t.Errorf("the size is %+v", size)
	}
}

func TestPrecisionsAndFeaturesAreProblemsOfTheirOwn(t *testing.T) {
	w := twoSides()
	w.sizes, w.features = []int{1024, 65536}, []int{1, 4}
	for _, a := range []actor{processor(), card()} {
		a.name = a.name[:len(a.name)-2] + "32"
		w.contenders = append(w.contenders, a)
	}
	var got []sweep.Problem
	for _, p := range answers(t, w).Problems {
		got = append(got, sweep.Problem{Features: p.Features, Precision: p.Precision})
		for _, size := range p.Sizes {
			for _, c := range size.Champions {
				if c.Contender[len(c.Contender)-3:] != p.Precision {
					t.Errorf("%s is a champion in %s", c.Contender, p.Precision)
				}
			}
		}
	}
	if len(got) != 4 || got[0].Features != 1 || got[0].Precision != "f32" || got[3].Features != 4 || got[3].Precision != "f64" {
		t.Errorf("the problems are %+v", got)
	}
}

func TestTwinsThatAnsweredWronglyGiveNoNoiseFloor(t *testing.T) {
	w := twoSides()
	w.sizes, w.bias = []int{1024, 4096}, 0.3
	other := processor()
	other.name = "loop/f64"
	w.contenders[0].wrong = func(_, n int) string {
		if n == 1024 {
			return "w[0] is NaN"
		}
		return ""
	}
	w.contenders = append(w.contenders, other)
	p := answers(t, w).Problems[0]
	if wrong, right := at(t, p, 1024), at(t, p, 4096); wrong.Floor != 0 || wrong.Champions[0].Contender != "loop/f64" || right.Floor < 0.2 {
		t.Errorf("the sizes are %+v and %+v", wrong, right)
	}
}

// A win takes more than a verdict of 95%. The two must not contradict each other.
func TestTheVerdictOfASizeAgreesWithItsWinner(t *testing.T) {
	verdicts := map[int][]stats.Verdict{1: {stats.Faster}, 0: {stats.Slower}, -1: {stats.CannotTell, stats.NoDifference}}
	unsure, landslides := 0, 0
	for seed := range uint64(20) {
		for _, processes := range []int{4, 8} {
			w := twoSides()
			w.sizes, w.noise, w.seed, w.processes = []int{64, 8192, 16384}, 0.3, seed, processes
			for _, size := range answers(t, w).Problems[0].Sizes {
				if !slices.Contains(verdicts[size.Winner], size.Ratio.Verdict) {
					t.Errorf("N = %d: the winner is %d, and the ratio %+v", size.N, size.Winner, size.Ratio)
				}
				if size.Winner < 0 && (size.Ratio.Lo > 1 || size.Ratio.Lo > 0 && size.Ratio.Hi < 1) {
					unsure++
				}
				if size.Winner >= 0 && size.Ratio.Lo == 0 {
					landslides++
				}
			}
		}
	}
	if unsure == 0 || landslides == 0 {
		t.Errorf("%d sizes are sure at 95%% alone, and %d are landslides", unsure, landslides)
	}
}

// A run takes one late sample for an accident. A size takes it for a champion only if another
// sample is prompt.
func TestAContenderWhoseEverySampleIsLateIsNoChampion(t *testing.T) {
	for _, test := range []struct {
		processes, prompt int // of the card's samples
		gap               string
	}{{1, 0, "the times of gl-resident/f64 cannot be trusted"}, {1, 1, ""}, {8, 0, "the times of gl-resident/f64 cannot be trusted"}} {
		w := twoSides()
		w.sizes, w.processes = []int{1024}, test.processes
		runs := planted(t, w)
		prompt := 0
		for i := range runs[0].Samples {
			if s := &runs[0].Samples[i]; s.Contender == "gl-resident/f64" && !s.Warmup {
				if prompt++; prompt > test.prompt {
					s.WallNS = 2*s.RunNS + 1e9
				}
			}
		}
		s, err := sweep.New(runs)
		if err != nil {
			t.Fatal(err)
		}
		size := s.Problems[0].Sizes[0]
		if size.Gap != test.gap || (size.Champions[1] == nil) != (test.gap != "") {
			t.Errorf("%d processes, %d prompt samples: %+v", test.processes, test.prompt, size)
		}
		if test.gap != "" && (len(size.Others) != 1 || size.Others[0].Status != bench.Untrusted || size.Others[0].EpochNS != 0 || size.Others[0].Note == "") {
			t.Errorf("%d processes: the others are %+v", test.processes, size.Others)
		}
	}
}
