package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/cmd/internal/builtin"
	"descent/cmd/internal/screen"
	"descent/cmd/internal/value"
	"descent/dataset"
	"descent/dataset/file"
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
			model, err := f.fit(cmd, args[0])
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
	complete(cmd, "contender", bench.Names(builtin.Contenders(builtin.Options{}))...)
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
func (f *fitCommand) fit(cmd *cobra.Command, path string) (*model, error) {
	chosen, err := f.chosen()
	if err != nil {
		return nil, err
	}
	ctx, stop := interruptible()
	defer stop()
	show := screen.NewProgress(cmd.ErrOrStderr())
	defer show.End()
	show.Tell(screen.Job{Doing: "reading " + path, Start: time.Now()})
	var table *file.Table
	var p *dataset.Problem
	var scaling *dataset.Scaling
	if err := within(ctx, func() (err error) {
		table, p, scaling, err = f.file.read(path, f.standardize)
		return err
	}); err != nil {
		return nil, err
	}
	start := time.Now()
	show.Tell(screen.Job{Doing: "exact least squares", Start: start})
	var exact []float64
	if err := within(ctx, func() (err error) {
		exact, err = dataset.OLS(p)
		return err
	}); err != nil {
		return nil, inColumns(table, err)
	}
	m := &model{File: path, Target: table.Target, Solver: f.solver, Standardized: f.standardize}
	if f.solver == "ols" {
		m.describe(table, scaling, exact, exact)
		return m, nil
	}
	d := descent{fitCommand: f, contender: chosen, model: m, problem: p, show: show, exactTook: time.Since(start)}
	d.note = func(text string) {
		fmt.Fprintf(cmd.ErrOrStderr(), "descent: note: %s: %s\n", text, exactCommand(cmd, path))
	}
	w, err := d.run(ctx)
	if ctx.Err() != nil {
		err = errInterrupted
	}
	if err != nil {
		return nil, err
	}
	m.describe(table, scaling, w, exact)
	return m, nil
}

// exactCommand says which command gives the exact model.
func exactCommand(cmd *cobra.Command, path string) string {
	with := ""
	for _, name := range []string{"target", "ignore", "separator", "header", "standardize"} {
		if cmd.Flags().Changed(name) {
			with += " --" + name
		}
	}
	if with != "" {
		with = ", with the same" + with + ","
	}
	return commandLine("descent", "fit", "--solver", "ols", path) + with + " gives the exact model"
}

// chosen returns the one contender that --contender names.
func (f *fitCommand) chosen() (bench.Contender, error) {
	if err := f.workers.check(); err != nil {
		return bench.Contender{}, err
	}
	found, err := bench.Select(builtin.Contenders(f.workers.workers.Options), []string{f.contender})
	if err != nil {
		return bench.Contender{}, selectError("--contender", err)
	}
	if len(found) != 1 {
		return bench.Contender{}, usage(fmt.Errorf("--contender %s names %d contenders, one is needed: %v", f.contender, len(found), bench.Names(found)), "")
	}
	return found[0], nil
}
