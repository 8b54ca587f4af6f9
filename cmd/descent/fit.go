package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/cmd/internal/value"
	"descent/dataset"
)

const fitHelp = `This command fits a linear model with an intercept to a file: .csv, .tsv or .txt (each
also with .gz), or .npy. It runs gradient descent on one contender, by default simd/f64,
which works on every machine. It prints the coefficients in the units of the file, beside
those of exact least squares.

First it brings each feature and the target to mean 0 and standard deviation 1, because
gradient descent converges slowly on columns of different units. In the end it converts
the coefficients back. The step size is 1/λmax, where λmax is the largest eigenvalue of
(2/N)·XᵀX.

The descent ends when the gradient has shrunk to --tolerance of its start, when rounding
keeps it from shrinking further, or after --epochs.

The exit status is 0; 1 if the file cannot be read or has no unique solution, or if the
contender failed; 2 for a mistake on the command line; 3 if the contender's answer was
wrong; and 130 after Ctrl-C.`

// A fitCommand is one call of descent fit.
type fitCommand struct {
	file        fileFlags
	standardize bool
	solver      string
	contender   string
	rate        float64
	epochs      value.Count
	tolerance   float64
	workers     contenderFlags
	format      string
}

func newFitCommand() *cobra.Command {
	f := fitCommand{epochs: 100_000}
	cmd := &cobra.Command{
		Use:   "fit FILE",
		Short: "Fit a linear model to your own data",
		Long:  fitHelp,
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
	flags.BoolVar(&f.standardize, "standardize", true, "bring columns to mean 0, deviation 1 first")
	flags.StringVar(&f.solver, "solver", "gd", "gd (descent), ols (exact)")
	flags.StringVar(&f.contender, "contender", "simd/f64", "who runs the descent")
	flags.Float64Var(&f.rate, "rate", 0, "step size (default 1/λmax)")
	flags.Var(&f.epochs, "epochs", "most updates of the weights")
	flags.Float64Var(&f.tolerance, "tolerance", 1e-10, "`share` of the gradient at which to end")
	registerFormat(cmd, &f.format, textOrJSON...)
	complete(cmd, "solver", "gd", "ols")
	complete(cmd, "contender", bench.Names(contenders(workerOptions{}))...)
	return cmd
}

func (f *fitCommand) check(cmd *cobra.Command) error {
	if err := checkTextOrJSON(f.format); err != nil {
		return err
	}
	if err := checkChoice("solver", f.solver, "gd", "ols"); err != nil {
		return err
	}
	if !(f.tolerance >= 0 && f.tolerance < 1) {
		return usage(fmt.Errorf("--tolerance %v: it must be at least 0 and below 1", f.tolerance), "")
	}
	if err := atLeastOne("epochs", int(f.epochs)); err != nil {
		return err
	}
	if cmd.Flags().Changed("rate") {
		if err := positive("rate", f.rate); err != nil {
			return err
		}
	}
	for _, name := range []string{"contender", "rate", "epochs", "tolerance"} {
		if f.solver == "ols" && cmd.Flags().Changed(name) {
			return usage(fmt.Errorf("--%s is for --solver gd: exact least squares has none", name), "")
		}
	}
	return nil
}

// fit reads the file and solves it exactly, and by descent too if that is the solver.
func (f *fitCommand) fit(path string) (*model, error) {
	chosen, err := f.chosen()
	if err != nil {
		return nil, err
	}
	table, p, scaling, err := f.file.read(path, f.standardize)
	if err != nil {
		return nil, err
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
	if err := f.workers.check(); err != nil {
		return bench.Contender{}, err
	}
	found, err := bench.Select(contenders(f.workers.workers), []string{f.contender})
	if err != nil {
		return bench.Contender{}, selectError("--contender", err)
	}
	if len(found) != 1 {
		return bench.Contender{}, usage(fmt.Errorf("--contender %s names %d contenders, one is needed: %v", f.contender, len(found), bench.Names(found)), "")
	}
	return found[0], nil
}

// firstChunk is how many epochs pass before the first look at the gradient. Each later chunk is
// twice as long, so that looking costs little.
const firstChunk = 64

// descend runs the descent in a worker until it ends, and returns w. It writes into m how it went.
func (f *fitCommand) descend(ctx context.Context, m *model, p *dataset.Problem, c bench.Contender) ([]float64, error) {
	oracle, err := dataset.NewTrajectory(p, c.Precision)
	if err != nil {
		return nil, err
	}
	m.Contender, m.Rate = c.Name(), cmp.Or(f.rate, oracle.SafeRate())
	if err := oracle.CheckRate(m.Rate); err != nil {
		return nil, usage(err, rateHint(err, true))
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

// startOn starts c's worker and loads p. It writes the algorithm into m, if c has another one. done
// ends the worker and removes the files of p.
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
