package main

import (
	"context"
	"fmt"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/cmd/internal/builtin"
	"descent/cmd/internal/stdout"
	"descent/cpu"
	"descent/gpu"
)

func newWorkerCommand() *cobra.Command {
	var o workerFlags
	cmd := &cobra.Command{
		Use:    "worker NAME",
		Short:  "Be the worker of one contender, with the worker protocol on stdin and stdout",
		Hidden: true,
		Args:   exactArgs("the contender's name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			b, found := builtin.Find(args[0])
			if !found {
				return unknownContender(args[0])
			}
			if builtin.UsesGL(b.Name) {
				told, stop := toldToEnd()
				defer stop()
				o.GPU.Cancel = told
			}
			if o.Threads > 0 {
				// --threads is a bound: it does not raise a lower one that is in force already.
				runtime.GOMAXPROCS(min(o.Threads, runtime.GOMAXPROCS(0)))
			}
			out, err := stdout.Claim(cmd.OutOrStdout())
			if err != nil {
				return err
			}
			err = bench.Serve(cmd.InOrStdin(), out, args[0], b.Precision.String(), func() (bench.Backend, error) { return b.Open(o.Options) })
			if err != nil {
				return errTold
			}
			return nil
		},
	}
	o.register(cmd)
	return cmd
}

func unknownContender(name string) error {
	return usage(fmt.Errorf("there is no contender %q", name), didYouMean(name, bench.Names(builtin.Contenders(builtin.Options{}))))
}

// toldToEnd returns a channel that closes at SIGTERM. A worker on a device ends between two
// submissions, not within one. A second SIGTERM ends the process at once.
func toldToEnd() (told <-chan struct{}, stop context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx.Done(), stop
}

// workerFlags are the flags that our workers are told.
type workerFlags struct{ builtin.Options }

var providers = []string{"auto", "glfw", "egl"}

func (o *workerFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	registerGPU(cmd, &o.GPU)
	flags.IntVar(&o.Threads, "threads", 0, "most processors that a contender may use (default all)")
}

// registerGPU adds the flags that choose an OpenGL context.
func registerGPU(cmd *cobra.Command, o *gpu.Options) {
	flags := cmd.Flags()
	flags.StringVar(&o.Provider, "gl-provider", "auto", "`path` to OpenGL: auto, glfw, egl")
	flags.BoolVar(&o.AllowSoftware, "allow-software", false, "run OpenGL on a software renderer too, which is no GPU")
	complete(cmd, "gl-provider", providers...)
}

func (o *workerFlags) check() error {
	if o.Threads < 0 {
		return usage(fmt.Errorf("--threads %d: it cannot be negative", o.Threads), "")
	}
	if err := checkSIMD(); err != nil {
		return err
	}
	return checkProvider(o.GPU)
}

func checkProvider(o gpu.Options) error {
	return checkChoice("gl-provider", o.Provider, providers...)
}

// checkSIMD refuses a DESCENT_SIMD that this build or this processor does not have.
func checkSIMD() error {
	_, all, err := cpu.InstructionSets()
	if err != nil {
		return usage(fmt.Errorf("DESCENT_SIMD: %w", err), "set DESCENT_SIMD to one of "+strings.Join(all, ", ")+", or unset it for the fastest, "+all[0])
	}
	return nil
}
