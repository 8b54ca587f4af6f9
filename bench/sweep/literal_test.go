package sweep_test

import (
	"math"
	"time"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/machine"
	"descent/bench/report"
	"descent/bench/stats"
	"descent/bench/sweep"
)

// The literal sweeps of the golden files, by outcome. They read no clock and no machine.
var literals = map[string]func() *sweep.Sweep{
	"one": one, "several": several, "cpu-always": cpuAlways, "gpu-always": gpuAlways, "cannot-tell": cannotTell, "nothing": nothing,
	"gap": gap, "software": software, "two-machines": twoMachines, "cost": byCost, "between": between, "cut-short": cutShort,
	"two-precisions": twoPrecisions, "few": few,
}

// sizesFrom returns powers of two.
func sizesFrom(first, last int) []int {
	var out []int
	for n := first; n <= last; n *= 2 {
		out = append(out, n)
	}
	return out
}

// A law is how long an epoch of the best contender of a side takes.
type law struct {
	name string
	ns   func(n float64) float64
	info bench.Info
	by   func(n float64) []report.Bound
}

var (
	simd = law{"simd/f64", func(n float64) float64 { return 40 + n/5 }, bench.Info{Device: "cpu", Threads: 2}, func(n float64) []report.Bound {
		switch {
		case n < 2000:
			return []report.Bound{{Resource: "arithmetic", NS: 20, Share: 0.31}, {Resource: "L1 cache", NS: 10, Share: 0.12}}
		case n < 100_000:
			return []report.Bound{{Resource: "L2 cache", NS: n / 6, Share: 0.83}, {Resource: "arithmetic", NS: n / 16, Share: 0.3}}
		}
		return []report.Bound{{Resource: "memory", NS: n / 4.9, Share: 1.02}, {Resource: "arithmetic", NS: n / 16, Share: 0.3}}
	}}
	resident = law{"gl-resident/f64", func(n float64) float64 { return 24_000 + n/310 }, bench.Info{Device: "A Card"}, func(n float64) []report.Bound {
		if n < 5_000_000 {
			return []report.Bound{{Resource: "dispatches", NS: 18_700, Share: 0.78}, {Resource: "waits", NS: 1100, Share: 0.05}}
		}
		return []report.Bound{{Resource: "device memory", NS: n / 400, Share: 0.72}, {Resource: "dispatches", NS: 18_700, Share: 0.11}}
	}}
)

// champion returns the best contender of a side at one size.
func (l law) champion(n, side int) *sweep.Champion {
	ns := l.ns(float64(n))
	c := &sweep.Champion{Time: sweep.Time{
		Contender: l.name, Side: side, EpochNS: ns, Lo: 0.97 * ns, Hi: 1.04 * ns, Processes: 6, Status: bench.OK,
	}, Info: l.info}
	if l.by != nil {
		c.Bounds = l.by(float64(n))
		if share := c.Bounds[0].Share; share >= 0.5 && share <= 1.05 {
			c.BoundBy = c.Bounds[0].Resource
		}
	}
	return c
}

// against returns a ratio with an interval of 3% to both sides, and the side that it shows to win.
func against(first, second float64) (*stats.Ratio, int) {
	r := &stats.Ratio{To: "it", Ratio: first / second, Lo: first / second / 1.03, Hi: first / second * 1.03, Verdict: stats.CannotTell}
	switch {
	case r.Lo > 1.01:
		r.Verdict = stats.Faster
		return r, 1
	case r.Hi < 0.99:
		r.Verdict = stats.Slower
		return r, 0
	}
	return r, -1
}

// problem returns a problem of two sides, without its crossover.
func problem(a, b law, sizes []int) sweep.Problem {
	p := sweep.Problem{Features: 1, Precision: "f64", Epochs: 10_000}
	for _, n := range sizes {
		at := sweep.Size{N: n, Champions: [2]*sweep.Champion{a.champion(n, 0), b.champion(n, 1)}, Floor: 0.01}
		at.Ratio, at.Winner = against(at.Champions[0].EpochNS, at.Champions[1].EpochNS)
		at.Others = []sweep.Time{
			{Contender: "loop/f64", EpochNS: float64(n), Processes: 1, Status: bench.OK},
			{Contender: "gram/f64", Side: -1, EpochNS: 20 + float64(n)/9000, Lo: 18, Hi: 30, Processes: 5, Status: bench.OK, Algorithm: "sufficient statistics: one pass"},
		}
		p.Sizes = append(p.Sizes, at)
	}
	p.Crossover.From, p.Crossover.To = float64(sizes[0]), float64(sizes[len(sizes)-1])
	p.BreakEven = breakEvens(a, b, sizes)
	p.Map = winnerMap(a, b, sizes)
	return p
}

// The one-off costs of both sides by start, in nanoseconds.
var oneOff = map[sweep.Start][2]float64{sweep.Cold: {3e6, 150e6}, sweep.NewData: {1e6, 4e6}, sweep.Resident: {0, 9e3}}

func breakEvens(a, b law, sizes []int) []sweep.BreakEven {
	var out []sweep.BreakEven
	for _, n := range sizes {
		for _, start := range []sweep.Start{sweep.Cold, sweep.NewData, sweep.Resident} {
			for _, first := range []bool{true, false} {
				extra := oneOff[start][1] - oneOff[start][0]
				if first {
					extra *= 4
				}
				at := sweep.BreakEven{N: n, Start: start, First: first}
				at.Answer = stats.NeverEpochs
				if gain := a.ns(float64(n)) - b.ns(float64(n)); gain > 0 {
					at.Answer, at.Epochs = stats.FromEpochs, max(1, extra/gain)
					at.Lo, at.Hi = max(1, at.Epochs*0.9), at.Epochs*1.2
					if at.Epochs == 1 {
						at.BreakEven = stats.BreakEven{Answer: stats.AtAnyEpochs}
					}
				}
				out = append(out, at)
			}
		}
	}
	return out
}

func winnerMap(a, b law, sizes []int) sweep.Map {
	m := sweep.Map{Epochs: []int{1, 10, 100, 1000, 10_000, 100_000, 1_000_000}}
	for _, n := range sizes {
		at := sweep.MapAt{N: n}
		for _, k := range m.Epochs {
			total := func(l law, side int) float64 { return oneOff[sweep.Cold][side] + float64(k)*l.ns(float64(n)) }
			r, winner := against(total(a, 0), total(b, 1))
			cell := sweep.Cell{Best: [2]string{a.name, b.name}, Winner: winner, Ratio: r.Ratio, Lo: r.Lo, Hi: r.Hi}
			cell.Measured = k == 10_000
			if k == 100 && (n == sizes[0] || n == sizes[len(sizes)-1]) {
				cell.Measured, cell.Error = true, 0.061
				m.Checks = append(m.Checks, sweep.Check{N: n, Epochs: k, Contenders: []string{a.name, b.name}, Error: cell.Error})
			}
			at.Cells = append(at.Cells, cell)
		}
		m.Rows = append(m.Rows, at)
	}
	return m
}

// literal returns a complete sweep of the CPU and a GPU.
func literal(problems ...sweep.Problem) *sweep.Sweep {
	return &sweep.Sweep{
		ID: "3f9a", Version: "v0.9.0", Time: time.Date(2026, 11, 30, 9, 16, 55, 0, time.UTC),
		Env:    journal.Env{CPU: "Intel(R) Xeon(R) Gold 6348 CPU @ 2.60GHz", Threads: 2, GoOS: "linux", GoArch: "amd64"},
		Plan:   journal.Plan{N: 64, Features: 1, Epochs: 10_000, Rate: 0.001, Seed: 1},
		Budget: 5 * time.Minute,
		Sides:  [2]sweep.Side{{Name: "CPU", Device: "cpu"}, {Name: "GPU", Device: "A Card"}},
		Grade:  machine.Good, End: journal.Complete, TotalNS: 240e9, DriverNS: 1e9,
		Ceilings: []journal.Ceiling{
			{Device: "cpu", Threads: 1, Bytes: 8 << 10, BytesPerS: 210e9}, {Device: "cpu", Bytes: 256 << 20, BytesPerS: 19e9},
			{Device: "cpu", Threads: 1, Precision: "f64", MulAddsPerS: 22e9},
		},
		LeftOut:  []sweep.LeftOut{{Contender: "python/f64", From: 512, Reason: "30x slower at two sizes in a row: N = 64, 128"}},
		Absent:   []sweep.LeftOut{{Contender: "cupy/f64", Reason: "not installed: the Python library cupy"}, {Contender: "jax/f64", Reason: "not installed: jax"}},
		Problems: problems,
	}
}

// small is a sweep of three sizes.
func small() *sweep.Sweep {
	s := gap()
	p := problem(simd, resident, []int{2048, 65_536, 1 << 20})
	old := s.Problems[0]
	p.Crossover, p.Models = old.Crossover, old.Models
	p.Sizes[0] = old.Sizes[5]
	s.Problems[0] = p
	return s
}

func changeTo(side int, at, lo, hi float64) stats.Change {
	return stats.Change{To: side, At: at, Lo: lo, Hi: hi}
}

func one() *sweep.Sweep {
	p := problem(simd, resident, sizesFrom(64, 2<<20))
	p.Crossover.Outcome = stats.OneCrossover
	p.Crossover.Changes = []stats.Change{changeTo(1, 121_700, 110_218, 131_072)}
	p.Models = []sweep.Model{{Contender: "gl-resident/f64", ConstNS: 24_000, RowsPerNS: 310, Residual: 0.021, FromN: 64, ToN: 2 << 20}}
	return literal(p)
}

func several() *sweep.Sweep {
	saw := resident
	saw.ns = func(n float64) float64 {
		if n > 300_000 && n < 1_000_000 {
			return 2 * simd.ns(n)
		}
		return resident.ns(n)
	}
	p := problem(simd, saw, sizesFrom(64, 2<<20))
	p.Crossover.Outcome = stats.Crossovers
	p.Crossover.Changes = []stats.Change{changeTo(1, 121_700, 110_218, 131_072), changeTo(0, 300_000, 262_144, 370_728), changeTo(1, 1e6, 881_744, 1_048_576)}
	return literal(p)
}

func cpuAlways() *sweep.Sweep {
	p := problem(simd, resident, sizesFrom(64, 65_536))
	p.Crossover.Outcome = stats.FirstAlways
	return literal(p)
}

func gpuAlways() *sweep.Sweep {
	quick := resident
	quick.ns = func(n float64) float64 { return 4 + n/310 }
	p := problem(simd, quick, sizesFrom(64, 2<<20))
	p.Crossover.Outcome = stats.SecondAlways
	return literal(p)
}

func cannotTell() *sweep.Sweep {
	same := resident
	same.ns = func(n float64) float64 { return simd.ns(n) * (1 + 0.01*math.Sin(n)) }
	p := problem(simd, same, sizesFrom(64, 65_536))
	p.Crossover.Outcome = stats.CrossoverOpen
	s := literal(p)
	s.End, s.TotalNS = journal.OutOfBudget, 300e9
	return s
}

// few has sizes with too few processes for an interval.
func few() *sweep.Sweep {
	p := problem(simd, resident, sizesFrom(64, 65_536))
	for i := range p.Sizes {
		r := p.Sizes[i].Ratio
		r.Lo, r.Hi, r.Verdict, p.Sizes[i].Winner = 0, 0, stats.CannotTell, -1
	}
	p.Crossover.Outcome = stats.CrossoverOpen
	return literal(p)
}

// noGPU is what the contenders of a GPU say where there is a software renderer alone.
const noGPU = "no GPU: egl-surfaceless: llvmpipe (LLVM 15.0.6, 256 bits) is a software renderer; also tried egl-device: none"

func nothing() *sweep.Sweep {
	p := problem(simd, resident, sizesFrom(64, 65_536))
	for i := range p.Sizes {
		at := &p.Sizes[i]
		at.Champions[1], at.Ratio, at.Winner, at.Gap = nil, nil, -1, "no GPU"
	}
	p.Crossover = stats.Crossover{Outcome: stats.NothingToCompare}
	p.BreakEven, p.Map, p.Models = nil, sweep.Map{}, nil
	s := literal(p)
	s.Sides[1].Device = ""
	s.Absent = append(s.Absent, sweep.LeftOut{Contender: "gl-resident/f64", Reason: noGPU}, sweep.LeftOut{Contender: "gl-fused/f64", Reason: noGPU})
	return s
}

// gap has a size in the middle at which the GPU's answers are wrong.
func gap() *sweep.Sweep {
	s := one()
	at := &s.Problems[0].Sizes[5]
	at.Others = append(at.Others, sweep.Time{Contender: "gl-resident/f64", Side: 1, Status: bench.Wrong, Note: "w[0] is NaN", Processes: 1})
	at.Champions[1], at.Ratio, at.Winner, at.Gap = nil, nil, -1, "gl-resident/f64 is wrong: after 10000 epochs: w[0] is NaN"
	s.Problems[0].Sizes[3].Champions[0].Scaled = true
	return s
}

func software() *sweep.Sweep {
	pipe := resident
	pipe.ns = func(n float64) float64 { return 90_000 + n }
	pipe.info = bench.Info{Device: "llvmpipe (LLVM 15.0.6, 256 bits)", Software: true}
	p := problem(simd, pipe, sizesFrom(64, 65_536))
	p.Crossover.Outcome = stats.FirstAlways
	s := literal(p)
	s.Sides[1] = sweep.Side{Name: "software renderer", Device: pipe.info.Device, Software: true}
	s.Warnings = []string{"llvmpipe is a software renderer: it runs on the processor, and says nothing about a GPU."}
	return s
}

func twoMachines() *sweep.Sweep {
	s := one()
	s.Sides[0].Machine, s.Sides[1].Machine = "Intel(R) Core(TM) i7-4790K CPU @ 4.00GHz, 8 threads", "AMD EPYC 9654 96-Core Processor, 192 threads"
	s.Warnings = []string{"TWO MACHINES: the times of CPU are of one machine, and the times of GPU of another. They never ran side by side."}
	return s
}

func byCost() *sweep.Sweep {
	s := one()
	p := &s.Problems[0]
	s.Cost = &sweep.Cost{PerHour: [2]float64{0.4, 2.9}}
	p.ByCost = &stats.Crossover{Outcome: stats.OneCrossover, From: 64, To: 2 << 20, Changes: []stats.Change{changeTo(1, 1_450_000, 1_246_974, 1_482_911)}}
	dear := resident
	dear.ns = func(n float64) float64 { return 7.25 * resident.ns(n) }
	m := winnerMap(simd, dear, sizesFrom(64, 2<<20))
	p.CostMap = &m
	return s
}

func between() *sweep.Sweep {
	numpy := law{"numpy/f64", func(n float64) float64 { return 1500 + n/2 }, bench.Info{Device: "cpu", Threads: 1}, nil}
	p := problem(numpy, simd, sizesFrom(64, 1<<20))
	p.Crossover.Outcome = stats.SecondAlways
	s := literal(p)
	s.Sides = [2]sweep.Side{{Name: "numpy", Device: "cpu"}, {Name: "simd", Device: "cpu"}}
	return s
}

func cutShort() *sweep.Sweep {
	s := one()
	s.End, s.Grade = journal.CutShort, machine.Poor
	s.Machine = []machine.Assessment{{What: "load", Value: "3.1 of 2 processors", Grade: machine.Poor, Remedy: "end other programs"}}
	s.Warnings = []string{"The machine was poor to measure on: load 3.1 of 2 processors."}
	return s
}

func twoPrecisions() *sweep.Sweep {
	s := one()
	other := one().Problems[0]
	other.Precision = "f32"
	other.Crossover.Changes = []stats.Change{changeTo(1, 240_000, 220_436, 262_144)}
	s.Problems = append([]sweep.Problem{other}, s.Problems...)
	return s
}
