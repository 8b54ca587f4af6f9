package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/stats"
	"descent/bench/sweep"
	"descent/bench/sweep/measure"
	"descent/bench/typeset"
	"descent/cmd/internal/screen"
	"descent/dataset"
)

// The sizes of the grid of a sweep. The true crossover lies between leastTruth and mostTruth, so
// that both sides win at some sizes.
var gridSizes = []int{64, 256, 1024, 4096, 16_384, 65_536}

const (
	leastTruth, mostTruth = 300, 15_000
	// An epoch takes perRow nanoseconds a row on the planted processor, and a share of that a row
	// on the planted device.
	perRow, deviceShare = 2.0, 0.125
)

// A planting is a sweep of two planted contenders.
type planting struct {
	truth float64 // the size at which both are equally fast
	swept *sweep.Sweep
}

// crossing returns the change of winner that the sweep found, nil if it did not find exactly one
// with both ends.
func (p *planting) crossing() *stats.Change {
	if len(p.swept.Problems) == 0 {
		return nil
	}
	found := p.swept.Problems[0].Crossover
	if found.Outcome != stats.OneCrossover || found.Changes[0].Lo == 0 || found.Changes[0].Hi == 0 {
		return nil
	}
	return &found.Changes[0]
}

// found reports whether the interval of the crossover holds the truth.
func (p *planting) found() bool {
	c := p.crossing()
	return c != nil && c.To == 1 && c.Lo <= p.truth && p.truth <= c.Hi
}

// errMissed is the error of a study in which too few sweeps found what was planted.
var errMissed = errors.New("fewer than 19 of 20 sweeps found the planted crossover within their interval")

// crossover runs 'study crossover' with the arguments args. It sweeps two contenders whose
// crossover is known, again and again, and writes to out how often it was found.
func crossover(ctx context.Context, out, progress io.Writer, args []string) error {
	flags := flag.NewFlagSet("study crossover", flag.ContinueOnError)
	flags.SetOutput(progress)
	sweeps := flags.Int("sweeps", 20, "sweeps, each of another crossover")
	budget := flags.Duration("budget", 20*time.Second, "time for a sweep")
	seed := flags.Uint64("seed", 1, "seed for the crossovers")
	if err := flags.Parse(args); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(*seed, 0))
	show := screen.NewProgress(progress)
	defer show.End()
	start := time.Now()
	var all []*planting
	for i := range *sweeps {
		left := time.Duration(*sweeps-i) * (time.Since(start) / time.Duration(max(1, i)))
		show.Tell(screen.Job{Doing: fmt.Sprintf("sweep %d of %d", i+1, *sweeps), Ends: time.Now().Add(left)})
		truth := leastTruth * math.Pow(float64(mostTruth)/leastTruth, rng.Float64())
		swept, err := sweepPlanted(ctx, truth, rng.Uint64(), *budget)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return err
		}
		all = append(all, &planting{truth, swept})
	}
	show.End()
	if err := writePlantings(out, all); err != nil {
		return err
	}
	found := 0
	for _, p := range all {
		if p.found() {
			found++
		}
	}
	if ctx.Err() == nil && 20*found < 19*len(all) {
		return errMissed
	}
	return ctx.Err()
}

// sweepPlanted sweeps a processor and a device that are equally fast at the size truth.
func sweepPlanted(ctx context.Context, truth float64, seed uint64, budget time.Duration) (*sweep.Sweep, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	contender := func(name string, device string, fixed, row float64) bench.Contender {
		return bench.Contender{
			Backend: name, Precision: dataset.Float64,
			Command: []string{self, "worker", "planted", device, fmt.Sprint(fixed), fmt.Sprint(row)},
		}
	}
	sweeping, err := measure.New(measure.Setup{
		Sweep: journal.Sweep{Sizes: gridSizes, Features: []int{1}, Epochs: 1000, Budget: budget},
		Plan: journal.Plan{
			Rate: 0.01, Noise: 0.1, Seed: seed, Blocks: journal.DefaultBlocks, Resolution: journal.DefaultResolution, Timeout: time.Minute,
		},
		Contenders: []bench.Contender{
			contender("waits", "cpu", 0, perRow),
			contender("waits-less", "planted device", truth*perRow*(1-deviceShare), perRow*deviceShare),
		},
		Problem: func(n, features int) (*dataset.Problem, error) {
			return dataset.Generate(dataset.Spec{N: n, P: features, Noise: 0.1, Weights: dataset.DefaultWeights(features), Seed: 1})
		},
	})
	if err != nil {
		return nil, err
	}
	runs, err := measured(ctx, sweeping)
	if err != nil {
		return nil, err
	}
	return sweep.New(runs)
}

// writePlantings writes the sweeps as a table in Markdown, by their crossovers, and what they come
// to.
func writePlantings(out io.Writer, all []*planting) error {
	slices.SortFunc(all, func(a, b *planting) int { return int(math.Copysign(1, a.truth-b.truth)) })
	_, err := fmt.Fprintln(out, "| planted crossover | found | interval | width | within | sizes measured | a sweep takes |\n"+
		"| ---: | ---: | ---: | ---: | :---: | ---: | ---: |")
	count := func(n float64) string { return typeset.Count(int(math.Round(n))) }
	found, widths := 0, []float64(nil)
	for _, p := range all {
		if err != nil {
			return err
		}
		at, interval, width, within := string(p.outcome()), "", "", "no"
		if c := p.crossing(); c != nil {
			at, interval, width = count(c.At), count(c.Lo)+" – "+count(c.Hi), fmt.Sprintf("%.2fx", c.Hi/c.Lo)
			widths = append(widths, c.Hi/c.Lo)
		}
		if p.found() {
			within = "yes"
			found++
		}
		_, err = fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %d | %.1f s |\n",
			count(p.truth), at, interval, width, within, p.sizes(), float64(p.swept.TotalNS)/1e9)
	}
	if err != nil || len(all) == 0 {
		return err
	}
	width := ""
	if widths != nil {
		width = fmt.Sprintf(" The median interval is %.2fx wide.", stats.Median(widths))
	}
	_, err = fmt.Fprintf(out, "\n%d of %s found the planted crossover within their interval.%s\n", found, typeset.Plural(len(all), "sweep"), width)
	return err
}

// outcome says in a word what the sweep found.
func (p *planting) outcome() stats.Outcome {
	if len(p.swept.Problems) == 0 {
		return stats.NothingToCompare
	}
	return p.swept.Problems[0].Crossover.Outcome
}

// sizes returns how many sizes were measured.
func (p *planting) sizes() int {
	if len(p.swept.Problems) == 0 {
		return 0
	}
	return len(p.swept.Problems[0].Sizes)
}
