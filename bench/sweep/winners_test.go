package sweep_test

import (
	"math"
	"slices"
	"testing"

	"descent/bench/journal"
	"descent/bench/sweep"
)

// cellAt returns the cell of a map.
func cellAt(t *testing.T, m sweep.Map, n, epochs int) sweep.Cell {
	t.Helper()
	column := slices.Index(m.Epochs, epochs)
	for _, row := range m.Rows {
		if row.N == n && column >= 0 {
			return row.Cells[column]
		}
	}
	t.Fatalf("the map has no cell of N = %d and %d epochs", n, epochs)
	return sweep.Cell{}
}

func TestTheMapAddsOneOffCostsAndEpochs(t *testing.T) {
	w := twoSides()
	w.noise = 0.002
	m := answers(t, w).Problems[0].Map
	if want := []int{1, 10, 100, 1000, 10_000, 100_000, 1_000_000}; !slices.Equal(m.Epochs, want) {
		t.Errorf("the columns are %v", m.Epochs)
	}
	cpu, gpu := processor(), card()
	for _, row := range m.Rows {
		for i, cell := range row.Cells {
			k := float64(m.Epochs[i])
			first := cpu.init + cpu.load + k*cpu.epoch(row.N)
			second := gpu.init + gpu.load + gpu.put + gpu.download + k*gpu.epoch(row.N)
			if math.Abs(cell.Ratio*second/first-1) > 0.02 || !(cell.Lo < cell.Ratio && cell.Ratio < cell.Hi) {
				t.Errorf("N = %d, %v epochs: %+v, not %v", row.N, k, cell, first/second)
			}
			if want := map[bool]int{true: 1, false: 0}[second < first]; math.Abs(math.Log(first/second)) > 0.05 && cell.Winner != want {
				t.Errorf("N = %d, %v epochs: %+v", row.N, k, cell)
			}
			if cell.Measured != (m.Epochs[i] == w.epochs || m.Epochs[i] == 1) || cell.Error != 0 {
				t.Errorf("N = %d, %v epochs: %+v", row.N, k, cell)
			}
		}
	}
}

// Every process begins with a descent of one epoch, whose time is known and not computed.
func TestAColdEpochIsItsFirstDescent(t *testing.T) {
	w := twoSides()
	w.sizes, w.noise = []int{1024}, 0
	runs := planted(t, w)
	for i := range runs[0].Samples {
		if s := &runs[0].Samples[i]; s.Warmup && s.Contender == "gl-resident/f64" {
			s.RunNS, s.DownloadNS = 1e9, 0
		}
	}
	s, err := sweep.New(runs)
	if err != nil {
		t.Fatal(err)
	}
	cpu, gpu := processor(), card()
	want := (cpu.init + cpu.load + cpu.epoch(1024)) / (gpu.init + gpu.load + 1e9)
	if cell := cellAt(t, s.Problems[0].Map, 1024, 1); !cell.Measured || math.Abs(cell.Ratio/want-1) > 1e-3 {
		t.Errorf("the cell is %+v, not %v", cell, want)
	}
}

func TestTheMapHasItsSweepsEpochs(t *testing.T) {
	w := twoSides()
	w.epochs = 3000
	m := answers(t, w).Problems[0].Map
	if !slices.Contains(m.Epochs, 3000) || !slices.IsSorted(m.Epochs) || !cellAt(t, m, 64, 3000).Measured {
		t.Errorf("the columns are %v", m.Epochs)
	}
	w.epochs = 20_000_000
	if m = answers(t, w).Problems[0].Map; m.Epochs[len(m.Epochs)-1] != 100_000_000 {
		t.Errorf("the columns are %v", m.Epochs)
	}
	w.contenders[1].fewer = 500
	if cellAt(t, answers(t, w).Problems[0].Map, 64, w.epochs).Measured {
		t.Error("a cell of which 500 epochs were timed is called measured")
	}
}

// For few epochs a contender with slow epochs may be the best of its side.
func TestACellHasTheBestAtItsEpochs(t *testing.T) {
	w := twoSides()
	quick := card()
	quick.name, quick.load, quick.compile, quick.search, quick.compileFirst = "gl-graph/f64", 1e7, 1e6, 0, 0
	quick.epoch = linear(10_000, 40)
	w.contenders = append(w.contenders, quick)
	m := answers(t, w).Problems[0].Map
	if few, many := cellAt(t, m, 1024, 1), cellAt(t, m, 1024, 1_000_000); few.Best[1] != "gl-graph/f64" || many.Best[1] != "gl-resident/f64" {
		t.Errorf("the best are %v and %v", few.Best, many.Best)
	}
}

// Of contenders that are about equal, the map names the one that the table names: the one with
// enough processes for an interval.
func TestTheMapNamesTheChampionAmongEquals(t *testing.T) {
	for _, test := range []struct {
		times float64
		best  string
	}{{0.9, "simd/f64"}, {0.5, "loop/f64"}} {
		w := twoSides()
		w.sizes, w.noise = []int{262144}, 0.002
		other := processor()
		other.name, other.alone = "loop/f64", true
		other.init, other.load = other.init*test.times, other.load*test.times
		other.epoch = func(n int) float64 { return test.times * processor().epoch(n) }
		w.contenders = append(w.contenders, other)
		p := answers(t, w).Problems[0]
		for _, cell := range p.Map.Rows[0].Cells {
			if champion := p.Sizes[0].Champions[0].Contender; champion != test.best || cell.Best[0] != champion {
				t.Errorf("%v times: the champion is %s, and the cell %+v", test.times, champion, cell)
			}
		}
	}
}

// A cell is no more sure than the table. With three pairs or four it takes a landslide, and with
// fewer there is no winner. One process of five is the first one, and has no pair.
func TestFewPairsWinACellOnlyByALandslide(t *testing.T) {
	for _, test := range []struct {
		processes int // beside the first
		times     float64
		winner    int
	}{{0, 1.6, -1}, {0, 100, -1}, {2, 100, -1}, {3, 1.6, -1}, {3, 3, 0}, {4, 1.6, -1}, {4, 3, 0}} {
		w := twoSides()
		w.sizes, w.noise, w.processes = []int{1024}, 0.001, test.processes+1
		slow := processor()
		slow.name, slow.info.Device = "gl-resident/f64", "A Card"
		if test.processes == 0 {
			w.processes, slow.alone = 8, true
		}
		slow.init, slow.load = slow.init*test.times, slow.load*test.times
		slow.epoch = func(n int) float64 { return test.times * processor().epoch(n) }
		w.contenders[1] = slow
		for _, cell := range answers(t, w).Problems[0].Map.Rows[0].Cells {
			if cell.Winner != test.winner || math.Abs(cell.Ratio*test.times-1) > 0.02 || cell.Lo != 0 || cell.Hi != 0 {
				t.Errorf("%v times slower, with %d later processes: %+v", test.times, test.processes, cell)
			}
		}
	}
}

func TestATieIsNoWinner(t *testing.T) {
	w := twoSides()
	w.sizes, w.noise = []int{1024}, 0.05
	other := processor()
	other.name, other.info.Device = "gl-resident/f64", "A Card"
	w.contenders[1] = other
	ties := 0
	for _, cell := range answers(t, w).Problems[0].Map.Rows[0].Cells {
		if cell.Winner == -1 && cell.Lo < 1 && cell.Hi > 1 {
			ties++
		}
	}
	if ties < 5 {
		t.Errorf("equal contenders tie in %d cells", ties)
	}
}

func TestRunsThatValidateMeasureCells(t *testing.T) {
	w := twoSides()
	w.noise, w.checks = 0.002, map[int]int{64: 100, 1024: 1_000_000, 65536: 1000, 4096: 10}
	p := answers(t, w).Problems[0]
	if len(p.Sizes) != len(w.sizes) || at(t, p, 64).Champions[0].Processes != w.processes {
		t.Errorf("the sizes are %+v", p.Sizes)
	}
	if len(p.Map.Checks) != 4 {
		t.Fatalf("the checks are %+v", p.Map.Checks)
	}
	for _, c := range p.Map.Checks {
		if w.checks[c.N] != c.Epochs || len(c.Contenders) != 2 || !(0 < c.Error && c.Error < 0.02) {
			t.Errorf("a check is %+v", c)
		}
		if cell := cellAt(t, p.Map, c.N, c.Epochs); !cell.Measured || cell.Error != c.Error || cell.Ratio == 0 {
			t.Errorf("the cell of the check %+v is %+v", c, cell)
		}
	}
}

// If an epoch of a short descent costs more, the check says by how much.
func TestACheckShowsThatTheComputedTimeIsWrong(t *testing.T) {
	w := twoSides()
	w.noise, w.checks = 0.002, map[int]int{262144: 100}
	runs := planted(t, w)
	slow := runs[len(runs)-1]
	for i := range slow.Samples {
		if s := &slow.Samples[i]; s.Contender == "simd/f64" && !s.Warmup {
			s.RunNS *= 2
			s.WallNS *= 2
		}
	}
	s, err := sweep.New(runs)
	if err != nil {
		t.Fatal(err)
	}
	// 6.6 ms of epochs and 0.3 ms of start; twice the epochs is 1.96 times as long.
	if c := s.Problems[0].Map.Checks[0]; math.Abs(c.Error-0.96) > 0.02 {
		t.Errorf("the check is %+v", c)
	}
}

// A machine that tells twins apart by 30% tells nothing of a difference of 10%.
func TestADifferenceWithinTheNoiseFloorIsNoWin(t *testing.T) {
	w := twoSides()
	w.bias, w.noise = 0.3, 0.002
	other := processor()
	other.name, other.info.Device, other.init, other.load = "gl-resident/f64", "A Card", 0.9*other.init, 0.9*other.load
	other.epoch = func(n int) float64 { return 0.9 * processor().epoch(n) }
	w.contenders[1] = other
	p := answers(t, w).Problems[0]
	for i, size := range p.Sizes {
		if size.Winner != -1 || math.Abs(size.Floor-0.3) > 0.02 || size.Ratio.Lo < 1.05 {
			t.Errorf("N = %d: %+v", size.N, size)
		}
		for _, cell := range p.Map.Rows[i].Cells {
			if cell.Winner != -1 || cell.Lo < 1.05 {
				t.Errorf("N = %d: %+v", size.N, cell)
			}
		}
	}
}

// A run that validates has few processes. It does not name a winner then, but it can contradict
// one.
func TestACheckOfFewProcessesConfirmsAWinnerOrNot(t *testing.T) {
	w := twoSides()
	w.noise, w.checks = 0.002, map[int]int{262144: 10_000_000}
	runs := planted(t, w)
	check := runs[len(runs)-1]
	check.Samples = slices.DeleteFunc(check.Samples, func(s journal.Sample) bool { return s.Process > 1 })
	cell := func() sweep.Cell {
		s, err := sweep.New(runs)
		if err != nil {
			t.Fatal(err)
		}
		m := s.Problems[0].Map
		return m.Rows[len(m.Rows)-1].Cells[slices.Index(m.Epochs, 1_000_000)]
	}
	before := cell()
	check.Header.Plan.Epochs = 1_000_000
	for i := range check.Samples {
		if s := &check.Samples[i]; !s.Warmup {
			s.Epochs = 1_000_000
			s.RunNS, s.WallNS = s.RunNS/10, s.WallNS/10
		}
	}
	if got := cell(); got.Winner != 1 || before.Winner != 1 || !got.Measured || before.Measured || got.Lo != 0 || got.Ratio == before.Ratio {
		t.Errorf("computed is %+v, and checked %+v", before, got)
	}
	for i := range check.Samples {
		if s := &check.Samples[i]; s.Contender == "simd/f64" {
			s.RunNS, s.WallNS = s.RunNS/20, s.WallNS/20
		}
	}
	if got := cell(); got.Winner != -1 || got.Ratio > 1 || got.Error < 0.9 {
		t.Errorf("a check that contradicts gives %+v", got)
	}
}
