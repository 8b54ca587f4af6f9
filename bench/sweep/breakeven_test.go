package sweep_test

import (
	"math"
	"testing"

	"descent/bench/stats"
	"descent/bench/sweep"
)

// evenAt returns the break-even of a problem at one N.
func evenAt(t *testing.T, p sweep.Problem, n int, start sweep.Start, first bool) sweep.BreakEven {
	t.Helper()
	for _, b := range p.BreakEven {
		if b.N == n && b.Start == start && b.First == first {
			return b
		}
	}
	t.Fatalf("no break-even of %s at N = %d", start, n)
	return sweep.BreakEven{}
}

func TestBreakEvenCountsEachCostOnce(t *testing.T) {
	w := twoSides()
	w.noise = 0.001
	w.contenders[1].put, w.contenders[1].download = 5e7, 5e6
	p := answers(t, w).Problems[0]
	const n = 262144
	cpu, gpu := w.contenders[0], w.contenders[1]
	// What a descent pays once, beyond its epochs. The processor tells no download.
	cold := gpu.init + gpu.load + gpu.put + gpu.download - cpu.init - cpu.load
	data := gpu.load - gpu.compile - gpu.search + gpu.download - cpu.load
	each := cpu.epoch(n) - gpu.epoch(n)
	for _, test := range []struct {
		start sweep.Start
		first bool
		want  float64
	}{
		{sweep.Cold, false, cold / each},
		{sweep.Cold, true, (cold + gpu.compileFirst) / each},
		{sweep.NewData, false, data / each},
		{sweep.Resident, false, gpu.download / each},
	} {
		b := evenAt(t, p, n, test.start, test.first)
		if math.Abs(b.Epochs/test.want-1) > 0.02 || b.Answer != stats.FromEpochs || !(0 < b.Lo && b.Lo < b.Epochs && b.Epochs < b.Hi) {
			t.Errorf("%s, first %v: %+v, not %v", test.start, test.first, b.BreakEven, test.want)
		}
	}
	if b := evenAt(t, p, 64, sweep.Cold, false); b.Answer != stats.NeverEpochs {
		t.Errorf("at N = 64 the card never wins: %+v", b)
	}
}

// A sample of few epochs holds the download, which is a part of F. If it counted in e as well, the
// card would never win in this world.
func TestADownloadIsNoPartOfAnEpoch(t *testing.T) {
	w := twoSides()
	w.sizes, w.noise, w.epochs = []int{65536}, 0.001, 2
	w.contenders[1].download = 1e6
	b := evenAt(t, answers(t, w).Problems[0], 65536, sweep.Resident, false)
	cpu, gpu := processor(), card()
	want := 1e6 / (cpu.epoch(65536) - gpu.epoch(65536))
	if b.Answer != stats.FromEpochs || math.Abs(b.Epochs/want-1) > 0.2 {
		t.Errorf("%+v, not from %v epochs", b, want)
	}
}

// A size of the grid has five processes. The first one stands apart, so four pairs are left.
func TestFiveProcessesTellABreakEven(t *testing.T) {
	w := twoSides()
	w.processes = 5
	p := answers(t, w).Problems[0]
	if b := evenAt(t, p, 64, sweep.Cold, false); b.Answer != stats.NeverEpochs {
		t.Errorf("at N = 64 the card never wins: %+v", b)
	}
	if b := evenAt(t, p, 262144, sweep.Cold, false); b.Answer != stats.FromEpochs || !(0 < b.Lo && b.Lo < b.Epochs && b.Epochs < b.Hi) {
		t.Errorf("at N = 262,144 the card wins from some epochs: %+v", b)
	}
}

func TestFewProcessesShowABreakEvenWithoutAnInterval(t *testing.T) {
	w := twoSides()
	w.processes = 3
	b := evenAt(t, answers(t, w).Problems[0], 262144, sweep.Cold, false)
	if b.Answer != stats.EpochsUntold || b.Epochs == 0 || b.Lo != 0 || b.Hi != 0 {
		t.Errorf("%+v", b)
	}
}
