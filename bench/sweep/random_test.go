package sweep_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"
	"pgregory.net/rapid"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/bench/stats"
	"descent/bench/sweep"
)

// known draws a positive number, or 0 for one that is not known.
func known(t *rapid.T, what string) float64 {
	if rapid.IntRange(0, 4).Draw(t, what+" known") == 0 {
		return 0
	}
	return rapid.Float64Range(1e-6, 1e15).Draw(t, what)
}

// interval draws a positive number and its interval, which may be unknown.
func interval(t *rapid.T, what string) (v, lo, hi float64) {
	v = rapid.Float64Range(1e-9, 1e12).Draw(t, what)
	if rapid.Bool().Draw(t, what+" has an interval") {
		lo, hi = v*rapid.Float64Range(0.01, 1).Draw(t, what+" lo"), v*rapid.Float64Range(1, 100).Draw(t, what+" hi")
	}
	return v, lo, hi
}

func drawTime(t *rapid.T, side int) sweep.Time {
	out := sweep.Time{
		Contender: rapid.SampledFrom([]string{"simd/f64", "gl-resident/f64", "a-program-with-a-very-long-name/f64", "x"}).Draw(t, "contender"), Side: side,
		Processes: rapid.IntRange(0, 40).Draw(t, "processes"), Scaled: rapid.Bool().Draw(t, "scaled"),
		Status: rapid.SampledFrom([]bench.Status{bench.OK, bench.Wrong, bench.Failed}).Draw(t, "status"), Note: "w[0] is off by a lot",
		Algorithm: rapid.SampledFrom([]string{"", "", "sufficient statistics: one pass"}).Draw(t, "algorithm"),
	}
	out.EpochNS, out.Lo, out.Hi = interval(t, "epoch")
	if rapid.IntRange(0, 5).Draw(t, "timed") == 0 {
		out.EpochNS, out.Lo, out.Hi = 0, 0, 0
	}
	return out
}

func drawChampion(t *rapid.T, side int) *sweep.Champion {
	if rapid.IntRange(0, 4).Draw(t, "champion") == 0 {
		return nil
	}
	c := &sweep.Champion{Time: drawTime(t, side), Info: bench.Info{
		Device: rapid.SampledFrom([]string{"cpu", "A Card", "llvmpipe (LLVM 15)"}).Draw(t, "device"), Software: rapid.Bool().Draw(t, "software"),
		Threads: rapid.IntRange(0, 200).Draw(t, "threads"),
	}}
	for range rapid.IntRange(0, 3).Draw(t, "bounds") {
		c.Bounds = append(c.Bounds, report.Bound{Resource: rapid.SampledFrom([]string{"memory", "L1 cache", "dispatches"}).Draw(t, "resource"), NS: known(t, "bound"), Share: known(t, "share") / 1e15})
		if rapid.Bool().Draw(t, "bound by it") {
			c.BoundBy = c.Bounds[0].Resource
		}
	}
	return c
}

func drawSize(t *rapid.T, n int) sweep.Size {
	at := sweep.Size{N: n, Champions: [2]*sweep.Champion{drawChampion(t, 0), drawChampion(t, 1)}, Winner: -1}
	if at.Champions[0] != nil && at.Champions[1] != nil && rapid.IntRange(0, 4).Draw(t, "compared") > 0 {
		r := &stats.Ratio{Verdict: rapid.SampledFrom([]stats.Verdict{stats.Faster, stats.Slower, stats.CannotTell, stats.NoDifference}).Draw(t, "verdict")}
		r.Ratio, r.Lo, r.Hi = interval(t, "ratio")
		at.Ratio = r
		if r.Lo > 0 {
			at.Winner = rapid.IntRange(-1, 1).Draw(t, "winner")
		}
	} else {
		at.Gap = rapid.SampledFrom([]string{"", "no GPU", "gl-resident/f64 is wrong: w[0] is NeverANumber"}).Draw(t, "gap")
	}
	for range rapid.IntRange(0, 2).Draw(t, "others") {
		at.Others = append(at.Others, drawTime(t, rapid.IntRange(-1, 1).Draw(t, "side")))
	}
	return at
}

func drawCrossover(t *rapid.T) stats.Crossover {
	c := stats.Crossover{Outcome: rapid.SampledFrom([]stats.Outcome{
		stats.OneCrossover, stats.Crossovers, stats.FirstAlways, stats.SecondAlways, stats.CrossoverOpen,
	}).Draw(t, "outcome")}
	if rapid.IntRange(0, 3).Draw(t, "any") == 0 {
		c.Outcome = stats.NothingToCompare
		return c
	}
	c.From, c.To = 64, 1<<20
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		c.Changes = append(c.Changes, stats.Change{To: rapid.IntRange(0, 1).Draw(t, "to"), At: known(t, "at"), Lo: known(t, "lo"), Hi: known(t, "hi")})
	}
	return c
}

func drawMap(t *rapid.T, ns []int) sweep.Map {
	var m sweep.Map
	for k := range rapid.IntRange(0, 8).Draw(t, "epochs") {
		m.Epochs = append(m.Epochs, []int{1, 10, 100, 1000, 3000, 10_000, 100_000, 1_000_000}[k])
	}
	for _, n := range ns {
		at := sweep.MapAt{N: n}
		for range m.Epochs {
			c := sweep.Cell{Best: [2]string{"a", rapid.SampledFrom([]string{"", "b"}).Draw(t, "best")}, Winner: rapid.IntRange(-1, 1).Draw(t, "wins"), Measured: rapid.Bool().Draw(t, "measured")}
			c.Ratio, c.Lo, c.Hi = interval(t, "cell")
			at.Cells = append(at.Cells, c)
		}
		m.Rows = append(m.Rows, at)
	}
	if rapid.Bool().Draw(t, "checked") {
		m.Checks = append(m.Checks, sweep.Check{N: 64, Epochs: 100, Error: known(t, "error") / 1e12})
	}
	return m
}

func drawProblem(t *rapid.T) sweep.Problem {
	p := sweep.Problem{Features: rapid.IntRange(1, 2).Draw(t, "features"), Precision: rapid.SampledFrom([]string{"f32", "f64"}).Draw(t, "precision"), Epochs: rapid.IntRange(1, 10_000_000).Draw(t, "epochs")}
	ns := rapid.SliceOfN(rapid.IntRange(1, 1<<30), 0, 20).Draw(t, "sizes")
	slices.Sort(ns)
	ns = slices.Compact(ns)
	for _, n := range ns {
		p.Sizes = append(p.Sizes, drawSize(t, n))
		for _, start := range []sweep.Start{sweep.Cold, sweep.NewData, sweep.Resident} {
			b := sweep.BreakEven{N: n, Start: start, First: rapid.Bool().Draw(t, "first")}
			b.Answer = rapid.SampledFrom([]stats.EpochAnswer{stats.FromEpochs, stats.UntilEpochs, stats.AtAnyEpochs, stats.NeverEpochs, stats.EpochsUntold}).Draw(t, "answer")
			b.Epochs, b.Lo, b.Hi = interval(t, "break-even")
			b.Below = rapid.IntRange(-1, 1).Draw(t, "below")
			if rapid.Bool().Draw(t, "has a break-even") {
				p.BreakEven = append(p.BreakEven, b)
			}
		}
	}
	p.Crossover, p.Map = drawCrossover(t), drawMap(t, ns)
	if rapid.Bool().Draw(t, "by cost") {
		c, m := drawCrossover(t), drawMap(t, ns)
		p.ByCost, p.CostMap = &c, &m
	}
	for range rapid.IntRange(0, 2).Draw(t, "models") {
		p.Models = append(p.Models, sweep.Model{Contender: "simd/f64", ConstNS: known(t, "c"), RowsPerNS: known(t, "r"), Residual: known(t, "residual") / 1e15, FromN: 64, ToN: 4096})
	}
	return p
}

func drawSweep(t *rapid.T) *sweep.Sweep {
	s := literal()
	s.Sides = rapid.SampledFrom([][2]sweep.Side{
		{{Name: "CPU", Device: "cpu"}, {Name: "GPU", Device: "A Card"}},
		{{Name: "CPU", Device: "cpu"}, {Name: "software renderer", Device: "llvmpipe (LLVM 15)", Software: true}},
		{{Name: "loop,simd,gonum,openblas,numpy"}, {Name: "simd"}},
		{{Name: "CPU", Machine: "A"}, {Name: "GPU", Machine: "B, with a name that is too long for a line of some narrow screens"}},
	}).Draw(t, "sides")
	for range rapid.IntRange(0, 3).Draw(t, "problems") {
		s.Problems = append(s.Problems, drawProblem(t))
	}
	s.End = rapid.SampledFrom([]string{journal.Complete, journal.OutOfBudget, journal.CutShort, journal.InProgress}).Draw(t, "end")
	s.TotalNS, s.DriverNS = rapid.Int64Range(0, 1e12).Draw(t, "total"), rapid.Int64Range(0, 1e12).Draw(t, "driver")
	if rapid.Bool().Draw(t, "costs") {
		s.Cost = &sweep.Cost{PerHour: [2]float64{0.4, known(t, "price")}}
	}
	return s
}

// Whatever a sweep holds, its report has no number that is none, and fits.
func TestNoFigureIsImpossibleInAnySweep(t *testing.T) {
	impossible := regexp.MustCompile(`NaN|\bInf|%!|[(–] ?-\d|\b0\.0+ [nµm]?s`)
	rapid.Check(t, func(t *rapid.T) {
		s := drawSweep(t)
		width := rapid.IntRange(40, 200).Draw(t, "width")
		for _, format := range report.Formats() {
			for _, details := range [][]string{nil, {report.AllSections}} {
				var out bytes.Buffer
				o := report.Options{Width: width, Height: 24, Details: details, Wide: details != nil, File: "r.jsonl"}
				if err := sweep.Write(&out, format, []*sweep.Sweep{s}, sweep.Options{Options: o}); err != nil {
					t.Fatal(err)
				}
				if found := impossible.FindString(out.String()); found != "" {
					t.Fatalf("%q in\n%s", found, out.String())
				}
				for line := range strings.SplitSeq(out.String(), "\n") {
					if wide := text.StringWidthWithoutEscSequences(line); format == "text" && wide > width {
						t.Fatalf("%d of %d columns: %q", wide, width, line)
					}
				}
			}
		}
	})
}
