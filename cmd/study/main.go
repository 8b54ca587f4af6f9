// Study measures how often descent errs, against contenders whose times are known. It prints the
// Markdown tables of bench/README.md.
//
//	go run ./cmd/study                        does a run find a slow-down that was planted
//	go run ./cmd/study crossover -sweeps 20   does a sweep find a crossover that was planted
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"descent/bench"
	"descent/bench/driver"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/bench/stats"
	"descent/cmd/internal/screen"
	"descent/cpu"
	"descent/dataset"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == "worker" {
		os.Exit(work(os.Args[2:]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	of, args := study, os.Args[1:]
	if len(args) > 0 && args[0] == "crossover" {
		of, args = crossover, args[1:]
	}
	if err := of(ctx, os.Stdout, os.Stderr, args); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "study:", err)
		os.Exit(1)
	}
}

// work is the worker of a contender: one that waits (planted), or the loop, slowed down by a share
// of its epochs.
func work(args []string) int {
	open := func() (bench.Backend, error) { return newSlowed(args[0]) }
	if args[0] == "planted" {
		open = func() (bench.Backend, error) { return newPlanted(args[1:]) }
	}
	if err := bench.Serve(os.Stdin, os.Stdout, "loop/f64", "f64", open); err != nil {
		return 1
	}
	return 0
}

// newSlowed opens a loop that is slowed down by a share of its epochs.
func newSlowed(share string) (bench.Backend, error) {
	extra, err := strconv.ParseFloat(share, 64)
	if err != nil {
		return nil, err
	}
	return &slowed{Backend: cpu.NewLoop[float64](), share: extra}, nil
}

// slowed is a backend that makes more epochs than it is asked for, by a share of them. The
// additional epochs update weights that nobody sees.
type slowed struct {
	bench.Backend
	share, owed float64 // epochs
	scratch     []float64
}

// Descend implements bench.Backend.
func (s *slowed) Descend(w []float64, rate float64, epochs int) error {
	s.scratch = append(s.scratch[:0], w...)
	if err := s.Backend.Descend(w, rate, epochs); err != nil {
		return err
	}
	s.owed += s.share * float64(epochs)
	more := int(s.owed)
	s.owed -= float64(more)
	return s.Backend.Descend(s.scratch, rate, more)
}

// Describe implements bench.Describer.
func (s *slowed) Describe() bench.Info { return bench.Info{Device: "cpu", Threads: 1} }

// A tally counts the outcomes of the runs with one planted slow-down.
type tally struct {
	planted                                     float64
	runs, slower, faster, none, unclear, failed int
	apart                                       int // runs whose interval does not contain 1
	// Runs whose interval contains the planted ratio.
	covered int
	blocks  []int
	floors  []float64
	took    time.Duration
}

// study runs the command with the arguments args and writes the table to out.
func study(ctx context.Context, out, progress io.Writer, args []string) error {
	flags := flag.NewFlagSet("study", flag.ContinueOnError)
	flags.SetOutput(progress)
	same := flags.Int("runs", 100, "runs of two equal contenders")
	other := flags.Int("slowed", 50, "runs for each planted slow-down")
	budget := flags.Duration("budget", 4*time.Second, "time for a run")
	planted := flags.String("planted", "0.02,0.05,0.10", "slow-downs to plant, as shares of the time")
	seed := flags.Uint64("seed", 1, "seed for the order of the runs")
	if err := flags.Parse(args); err != nil {
		return err
	}
	tallies := []*tally{{runs: *same}}
	for field := range strings.SplitSeq(*planted, ",") {
		share, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return fmt.Errorf("-planted %q is not a list of shares, as 0.02,0.05", *planted)
		}
		tallies = append(tallies, &tally{planted: share, runs: *other})
	}
	// The order is random, so that a busy hour of the machine meets all tallies alike.
	var order []*tally
	for _, t := range tallies {
		for range t.runs {
			order = append(order, t)
		}
		t.runs = 0
	}
	rng := rand.New(rand.NewPCG(*seed, 0))
	rng.Shuffle(len(order), func(i, k int) { order[i], order[k] = order[k], order[i] })
	show := screen.NewProgress(progress)
	defer show.End()
	start := time.Now()
	for i, t := range order {
		left := time.Duration(len(order)-i) * time.Since(start) / time.Duration(max(1, i))
		show.Tell(screen.Job{Doing: fmt.Sprintf("run %d of %d", i+1, len(order)), Ends: time.Now().Add(left)})
		rep, err := runOnce(ctx, t.planted, rng.Uint64(), *budget)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return err
		}
		t.count(rep)
	}
	show.End()
	return writeTable(out, tallies)
}

// count adds the outcome of a run. A run without an interval, for want of budget, failed.
func (t *tally) count(rep *report.Report) {
	t.runs++
	t.took += time.Duration(rep.TotalNS)
	ratio := rep.Rows[1].Baseline
	if ratio == nil || ratio.Lo == 0 {
		t.failed++
		return
	}
	switch ratio.Verdict {
	case stats.Slower:
		t.slower++
	case stats.Faster:
		t.faster++
	case stats.NoDifference:
		t.none++
	default:
		t.unclear++
	}
	if ratio.Lo > 1 || ratio.Hi < 1 {
		t.apart++
	}
	if truth := 1 / (1 + t.planted); ratio.Lo <= truth && truth <= ratio.Hi {
		t.covered++
	}
	t.blocks = append(t.blocks, rep.Rows[1].Samples)
	if rep.Null != nil {
		t.floors = append(t.floors, rep.Null.Floor)
	}
}

// runOnce runs the two contenders once.
func runOnce(ctx context.Context, planted float64, seed uint64, budget time.Duration) (rep *report.Report, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	contender := func(name string, share float64) bench.Contender {
		return bench.Contender{Backend: name, Precision: dataset.Float64, Command: []string{self, "worker", fmt.Sprint(share)}}
	}
	plan := journal.Plan{
		N: 2000, Features: 1, Epochs: 1000, Rate: 0.01, Noise: 0.1, Weights: dataset.DefaultWeights(1), Seed: seed,
		Blocks: journal.DefaultBlocks, Resolution: journal.DefaultResolution, Budget: budget, Timeout: time.Minute,
	}
	p, err := dataset.Generate(dataset.Spec{N: plan.N, P: plan.Features, Noise: plan.Noise, Weights: plan.Weights, Seed: 1})
	if err != nil {
		return nil, err
	}
	run, err := driver.New(driver.Setup{
		Plan: plan, Problem: p, Contenders: []bench.Contender{contender("loop", 0), contender("other", planted)},
	})
	if err != nil {
		return nil, err
	}
	runs, err := measured(ctx, run)
	if err != nil {
		return nil, err
	}
	return report.New(runs[0]), nil
}

// measured returns the runs that m measures into a results file, which it removes.
func measured(ctx context.Context, m interface {
	Measure(context.Context, *journal.Journal) error
}) ([]*journal.Results, error) {
	dir, err := os.MkdirTemp("", "descent-study-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "runs.jsonl")
	j, err := journal.Create(path)
	if err != nil {
		return nil, err
	}
	if err = errors.Join(m.Measure(ctx, j), j.Close()); err != nil {
		return nil, err
	}
	return journal.Read(path)
}
