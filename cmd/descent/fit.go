package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/dataset"
	"descent/dataset/file"
)

// A fitCommand is one call of descent fit.
type fitCommand struct {
	file        fileFlags
	standardize bool
	solver      string
	contender   string
	rate        float64
	epochs      countFlag
	tolerance   float64
	workers     contenderFlags
	format      string
}

func newFitCommand() *cobra.Command {
	f := fitCommand{epochs: 100_000}
	cmd := &cobra.Command{
		Use:   "fit FILE",
		Short: "Fit a linear model to your own data",
		Long: `Fit reads a .csv, .tsv or .npy file (.gz too), fits a linear model with an intercept by
gradient descent on any contender, by default the fastest that works on every machine and
passes over the data in every epoch, and prints the coefficients in the units of the file,
beside those of exact least squares.

Features and target are standardised first, which is what makes gradient descent converge on data
of mixed units; the coefficients are taken back. The step size is 1/λmax, from the
largest eigenvalue of the problem, unless --rate is given. The descent ends when the
gradient has shrunk to --tolerance of what it was at the start, when f32 can tell no
further descent from rounding, or after --epochs.`,
		Example: `  descent fit prices.csv
  descent fit --target mpg --contender loop/f64 cars.csv.gz
  descent fit --solver ols --format json measurements.npy`,
		Args: exactArgs("the data file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd); err != nil {
				return err
			}
			model, err := f.fit(args[0])
			if err != nil {
				return err
			}
			return model.write(cmd.OutOrStdout(), f.format)
		},
	}
	f.file.register(cmd)
	f.workers.registerWorkers(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.standardize, "standardize", true, "bring the features and the target to mean 0 and standard deviation 1 first")
	flags.StringVar(&f.solver, "solver", "gd", "gd (gradient descent) or ols (exact least squares by QR)")
	flags.StringVar(&f.contender, "contender", "simd/f64", "who runs the descent")
	flags.Float64Var(&f.rate, "rate", 0, "step size (default 1/λmax)")
	flags.Var(&f.epochs, "epochs", "most updates of the weights")
	flags.Float64Var(&f.tolerance, "tolerance", 1e-10, "end when the gradient has shrunk to this share of its start")
	registerFormat(cmd, &f.format, textOrJSON...)
	complete(cmd, "solver", "gd", "ols")
	complete(cmd, "contender", bench.Names(contenders(workerOptions{}))...)
	return cmd
}

func (f *fitCommand) check(cmd *cobra.Command) error {
	if err := checkTextOrJSON(f.format); err != nil {
		return err
	}
	switch {
	case f.solver != "gd" && f.solver != "ols":
		return usage(fmt.Errorf("--solver %q is neither gd nor ols", f.solver), "")
	case f.epochs < 1:
		return usage(fmt.Errorf("--epochs %d: at least 1 is needed", f.epochs), "")
	case !(f.tolerance >= 0 && f.tolerance < 1):
		return usage(fmt.Errorf("--tolerance %v: it must be at least 0 and below 1", f.tolerance), "")
	case cmd.Flags().Changed("rate") && !(f.rate > 0):
		return usage(fmt.Errorf("--rate %v: it must be positive", f.rate), "")
	}
	for _, name := range []string{"contender", "rate", "epochs", "tolerance"} {
		if f.solver == "ols" && cmd.Flags().Changed(name) {
			return usage(fmt.Errorf("--%s is for --solver gd: exact least squares has none", name), "")
		}
	}
	return nil
}

// fit reads the file and solves it, exactly and, unless told otherwise, by descent.
func (f *fitCommand) fit(path string) (*model, error) {
	o, err := f.file.options()
	if err != nil {
		return nil, err
	}
	chosen, err := f.chosen()
	if err != nil {
		return nil, err
	}
	table, err := file.Open(path, o)
	if err != nil {
		return nil, err
	}
	p, scaling := table.Problem, (*dataset.Scaling)(nil)
	if f.standardize {
		if p, scaling, err = standardize(table); err != nil {
			return nil, err
		}
	}
	exact, err := dataset.OLS(p)
	if err != nil {
		return nil, inColumns(table, err)
	}
	m := &model{File: path, Target: table.Target, Solver: f.solver, Standardized: f.standardize}
	if f.solver == "ols" {
		m.describe(table, scaling, exact, exact)
		return m, nil
	}
	ctx, stop := interruptible()
	defer stop()
	w, err := f.descend(ctx, m, p, chosen)
	if ctx.Err() != nil {
		err = errInterrupted
	}
	if err != nil {
		return nil, err
	}
	m.describe(table, scaling, w, exact)
	return m, nil
}

// chosen returns the one contender that --contender names.
func (f *fitCommand) chosen() (bench.Contender, error) {
	f.workers.contenders = []string{f.contender}
	found, err := f.workers.selected()
	if err != nil {
		return bench.Contender{}, err
	}
	if len(found) != 1 {
		return bench.Contender{}, usage(fmt.Errorf("--contender %s names %d contenders, one is needed: %v", f.contender, len(found), bench.Names(found)), "")
	}
	return found[0], nil
}

// firstChunk is how many epochs pass before the gradient is first looked at. Each
// later chunk is twice as long, so that looking costs little.
const firstChunk = 64

// descend runs the descent in a worker until it ends, and notes in m how it went.
func (f *fitCommand) descend(ctx context.Context, m *model, p *dataset.Problem, c bench.Contender) ([]float64, error) {
	oracle, err := dataset.NewTrajectory(p, c.Precision)
	if err != nil {
		return nil, err
	}
	m.Contender, m.Rate = c.Name(), f.rate
	if f.rate == 0 {
		m.Rate = oracle.MaxRate() / 2
	}
	if err := oracle.CheckRate(m.Rate); err != nil {
		return nil, usage(err, "")
	}
	worker, done, err := f.startOn(ctx, m, p, c)
	if err != nil {
		return nil, err
	}
	defer done()
	w0 := make([]float64, p.P+1)
	w, first := w0, p.Residuals(w0).GradientNorm
	m.GradientShare, m.Ending = 1, "epochs"
	for chunk := firstChunk; m.Epochs < int(f.epochs); chunk *= 2 {
		chunk = min(chunk, int(f.epochs)-m.Epochs)
		reply, _, err := worker.Descend(w, m.Rate, chunk, 1)
		if err != nil {
			return nil, err
		}
		m.Epochs += chunk
		m.Time += time.Duration(reply.RunNS)
		w = reply.W
		if _, err := oracle.Check(w0, w, m.Rate, m.Epochs); err != nil {
			return nil, statusError{fmt.Errorf("%s is wrong after %d epochs: %w", c.Name(), m.Epochs, err), exitWrong, ""}
		}
		share := 0.0
		if first > 0 {
			share = p.Residuals(w).GradientNorm / first
		}
		if share <= f.tolerance {
			m.GradientShare, m.Ending = share, "tolerance"
			return w, nil
		}
		stalled := share >= m.GradientShare && m.Epochs > firstChunk
		m.GradientShare = share
		if stalled {
			m.Ending = "rounding"
			return w, nil
		}
	}
	return w, nil
}

// startOn starts c's worker with p loaded, and notes in m whether its algorithm is another. done ends it and removes
// p's files.
func (f *fitCommand) startOn(ctx context.Context, m *model, p *dataset.Problem, c bench.Contender) (worker *bench.Process, done func(), err error) {
	scratch, err := bench.NewScratch()
	if err != nil {
		return nil, nil, err
	}
	done = func() {
		if worker != nil {
			worker.Close()
		}
		scratch.Close()
	}
	defer func() {
		if err != nil {
			done()
		}
	}()
	x, d, err := bench.WriteProblem(scratch.Path, p)
	if err != nil {
		return nil, nil, err
	}
	if worker, err = bench.StartProcess(ctx, c, f.workers.limits()); err != nil {
		return nil, nil, err
	}
	hello, err := worker.Hello()
	if err != nil {
		return worker, done, err
	}
	m.Algorithm = hello.Algorithm
	_, err = worker.Load(x, d)
	return worker, done, err
}
