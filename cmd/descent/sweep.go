package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/bench/driver"
	"descent/bench/journal"
	"descent/bench/peers"
	"descent/bench/sweep/measure"
	"descent/cmd/internal/builtin"
	"descent/cmd/internal/ceilings"
	"descent/cmd/internal/results"
	"descent/cmd/internal/screen"
	"descent/cmd/internal/value"
)

const sweepHelp = `This command times the contenders at many sizes N, in random order. It says from
which N the GPU wins, from how many epochs, and why:

  ratio       the best contender of each side against the other, at each N
  crossover   the N at which the winner changes, between two that were measured
  break-even  the epochs from which the GPU wins: started cold, or with new data
  map         who wins for N rows and K epochs, the start included
  bound by    what most of an epoch is: dispatches, memory, arithmetic, waits

Without --n, N doubles from 64 to at most 1e7, while all contenders fit half of
the free memory and load in an eighth of the budget. The exit status is 0, also
if no winner can be told; 1 failure; 2 usage; 3 a wrong answer; 130 Ctrl-C.`

const sweepExamples = `  descent sweep --n 100..1e7 --budget 10m
  descent sweep --between simd,numpy
  descent sweep --between 'loop,simd' 'jax,tensorflow' --features 1,64`

// sweepBudget is the default budget of a sweep.
const sweepBudget = 5 * time.Minute

// A sweepCommand is one call of descent sweep.
type sweepCommand struct {
	sizes      sizeFlags
	contenders contenderFlags
	peers      peerFlags
	between    sideFlag
	measuringFlags
	resultsFlags
	report sweepReportFlags
	probe  prober

	began time.Time // when measuring began
}

func newSweepCommand() *cobra.Command {
	s := sweepCommand{probe: builtin.Probe}
	s.contenders.standard = []string{"f64"}
	cmd := &cobra.Command{
		Use:     "sweep [flags] [SIDE]",
		Short:   "Find the size from which the GPU wins, or one of any two sides",
		Long:    sweepHelp,
		Example: sweepExamples,
		Args:    atMostOneSide,
		RunE:    func(cmd *cobra.Command, args []string) error { return s.run(cmd, args) },
	}
	s.sizes.register(cmd)
	s.contenders.register(cmd)
	cmd.Flags().Lookup("precision").Usage = "`kinds`, each on its own: f32, f64 (default f64)"
	s.peers.register(cmd, "none")
	s.between.register(cmd)
	s.measuringFlags.register(cmd, sweepBudget, "time to measure")
	s.resultsFlags.register(cmd, "sweep")
	s.report.register(cmd)
	return cmd
}

// atMostOneSide allows the second side of --between as an argument.
func atMostOneSide(_ *cobra.Command, args []string) error {
	switch {
	case len(args) > 1:
		return usage(fmt.Errorf("argument %q is one too many", args[1]), "several patterns of one side are 'jax,tensorflow'")
	case len(args) == 1 && args[0] == "":
		return usage(errors.New("the second side is empty"), "")
	}
	return nil
}

func (s *sweepCommand) run(cmd *cobra.Command, args []string) (err error) {
	if err := cmp.Or(checkOwnData(cmd), s.between.take(cmd, args)); err != nil {
		return err
	}
	var before []*journal.Results
	var samples *journal.Journal
	if s.resume != "" {
		if samples, err = s.reopen(cmd); err != nil {
			return err
		}
		defer samples.Close() // for an error before the sweep; the sweep closes it earlier
		if before, err = s.recall(cmd); err != nil {
			return err
		}
	}
	if err := s.check(cmd); err != nil {
		return err
	}
	chosen, remove, err := s.chosen()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	s.began = time.Now()
	show := screen.NewProgress(s.progressTo(cmd))
	defer show.End()
	sweeping, err := s.setUp(cmd, chosen, before, show)
	if err != nil {
		return err
	}
	if err = s.record(sweeping, samples, results.OfSweep, show); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return s.conclude(cmd, err)
}

// check refuses mistakes before anything is chosen or started.
func (s *sweepCommand) check(cmd *cobra.Command) error {
	if err := cmp.Or(s.measuringFlags.check(), s.report.check(), s.checkOut(), s.sizes.check(), s.checkSides()); err != nil {
		return err
	}
	names := usualSides
	if s.between.patterns != nil {
		names = [2]string(s.between.patterns)
	}
	_, err := s.report.perHour(names)
	return err
}

// chosen returns the contenders that the flags choose. remove removes the files of the peers'
// programs.
func (s *sweepCommand) chosen() (all []bench.Contender, remove func() error, err error) {
	if s.between.patterns != nil {
		s.contenders.contenders = s.between.all()
	}
	return chooseAll(&s.contenders, &s.peers, nil)
}

// checkSides refuses sides that match nothing, and other flags that choose contenders beside them.
func (s *sweepCommand) checkSides() error {
	if s.between.patterns == nil {
		return nil
	}
	for _, other := range []struct {
		flag  string
		given bool
	}{{"contenders", s.contenders.contenders != nil}, {"peers", !slices.Equal(s.peers.list, []string{"none"})}} {
		if other.given {
			return usage(fmt.Errorf("--%s and --between exclude each other: the two sides are the contenders", other.flag), "name the contenders in --between, peers too")
		}
	}
	precisions, err := s.contenders.kinds()
	if err != nil {
		return err
	}
	programs, err := s.contenders.outside(precisions)
	if err != nil {
		return err
	}
	known := slices.Concat(builtin.Contenders(builtin.Options{}), programs, peers.Home{}.Contenders(1))
	if err := s.between.check(known, precisions); err != nil {
		return err
	}
	for _, c := range programs {
		if !s.between.names(c) {
			return usage(fmt.Errorf("--program %s is on no side of --between", c.Name()), "name it in one of the two")
		}
	}
	return nil
}

// setUp sets up a sweep of the chosen contenders. before are the runs of the sweep to continue,
// none for a new one.
func (s *sweepCommand) setUp(cmd *cobra.Command, chosen []bench.Contender, before []*journal.Results, show *screen.Progress) (*measure.Sweeping, error) {
	sides, err := s.between.sides(chosen)
	if err != nil {
		return nil, err
	}
	var sizes []int
	if before != nil {
		sizes = before[0].Header.Sweep.Sizes
	} else if err := checkAbsent(sides, chosen); err != nil {
		return nil, err
	} else if sizes, err = s.sizes.sizes(len(chosen), s.budget); err != nil {
		return nil, err
	}
	setup := measure.Setup{
		Sweep: journal.Sweep{
			Sizes: sizes, Features: s.sizes.features, Epochs: int(s.sizes.epochs),
			Between: sides, Software: s.contenders.workers.GPU.AllowSoftware, Budget: s.budget,
		},
		Plan: journal.Plan{
			Rate: s.sizes.rate, Noise: s.sizes.noise, Weights: s.sizes.weights, Seed: s.sizes.seed,
			Blocks: s.blocks, Resolution: s.resolution, NoNull: !s.null,
			Timeout: s.contenders.timeout, Memory: int64(s.contenders.memory), Threads: s.contenders.workers.Bound(),
		},
		Contenders: chosen, Version: version, Flags: given(cmd), Before: before,
		Problem: s.sizes.problem, Ceilings: ceilings.CPU, ReadRate: ceilings.ReadRate,
		Tell: func(p measure.Progress) { show.Tell(screen.Sweep(p)) },
	}
	if slices.ContainsFunc(chosen, func(c bench.Contender) bool { return builtin.UsesGL(c.Backend) }) {
		setup.Probe = func(ctx context.Context) *bench.Probe {
			return probed(ctx, s.probe, s.contenders.workers.GPU.Options, show, cmd.ErrOrStderr())
		}
	}
	sweeping, err := measure.New(setup)
	if errors.Is(err, driver.ErrNotResumed) {
		return nil, usage(fmt.Errorf("--resume %s: %w", s.resume, err), commandLine("descent", "report", s.resume)+" renders what it holds")
	}
	return sweeping, err
}

// recall reads the last sweep of the file that reopen has opened, and gives the flags that sweep's
// values. It refuses a flag that is given now with another value.
func (s *sweepCommand) recall(cmd *cobra.Command) ([]*journal.Results, error) {
	runs, err := journal.Read(s.resume)
	if err != nil {
		return nil, fmt.Errorf("--resume: %w", err)
	}
	last := runs[len(runs)-1]
	if last.Header.Sweep == nil {
		return nil, usage(fmt.Errorf("--resume %s: its last run is of no sweep", s.resume), commandLine("descent", "run", "--resume", s.resume)+" continues it")
	}
	before := lastSweep(runs)
	if err := s.recallFlags(cmd, before[0].Header.Flags); err != nil {
		return nil, err
	}
	changed := cmd.Flags().Changed
	plan := last.LastPlan()
	if !changed("resolution") {
		s.resolution = plan.Resolution
	}
	if !changed("budget") {
		s.budget = last.Header.Sweep.Budget
	}
	if !changed("timeout") {
		s.contenders.timeout = plan.Timeout
	}
	if !changed("memory") {
		s.contenders.memory = value.Size(plan.Memory)
	}
	return before, nil
}
