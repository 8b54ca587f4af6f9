package main

import (
	"context"
	"fmt"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/cmd/internal/stdout"
)

func newWorkerCommand() *cobra.Command {
	var o workerOptions
	cmd := &cobra.Command{
		Use:    "worker NAME",
		Short:  "Be the worker of one contender, with the worker protocol on stdin and stdout",
		Hidden: true,
		Args:   exactArgs("the contender's name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			b, err := findBuiltin(args[0])
			if err != nil {
				return err
			}
			if usesGL(b.backend) {
				told, stop := toldToEnd()
				defer stop()
				o.gpu.Cancel = told
			}
			if o.threads > 0 {
				// --threads is a bound: it does not raise a lower one that is in force already.
				runtime.GOMAXPROCS(min(o.threads, runtime.GOMAXPROCS(0)))
			}
			out, err := stdout.Claim(cmd.OutOrStdout())
			if err != nil {
				return err
			}
			err = bench.Serve(cmd.InOrStdin(), out, args[0], b.precision.String(), func() (bench.Backend, error) { return b.open(o) })
			if err != nil {
				return errTold
			}
			return nil
		},
	}
	o.register(cmd)
	return cmd
}

// toldToEnd returns a channel that closes at SIGTERM. A worker on a device ends between two
// submissions, not within one. A second SIGTERM ends the process at once.
func toldToEnd() (told <-chan struct{}, stop context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx.Done(), stop
}

func findBuiltin(name string) (builtin, error) {
	for _, b := range builtins {
		if b.contender().Name() == name {
			return b, nil
		}
	}
	return builtin{}, usage(fmt.Errorf("there is no contender %q", name), didYouMean(name, bench.Names(contenders(workerOptions{}))))
}
