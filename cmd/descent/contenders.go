package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/cpu"
	"descent/dataset"
	"descent/gpu"
)

// workerOptions are what our workers are told on their command lines.
type workerOptions struct {
	gpu     gpu.Options
	threads int
}

var providers = []string{"auto", "glfw", "egl"}

func (o *workerOptions) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	registerGPU(cmd, &o.gpu)
	flags.IntVar(&o.threads, "threads", 0, "most processors that a contender may use (default all)")
}

// registerGPU adds the flags that choose an OpenGL context.
func registerGPU(cmd *cobra.Command, o *gpu.Options) {
	flags := cmd.Flags()
	flags.StringVar(&o.Provider, "gl-provider", "auto", "`path` to OpenGL: auto, glfw, egl")
	flags.BoolVar(&o.AllowSoftware, "allow-software", false, "run OpenGL on a software renderer too, which is no GPU")
	complete(cmd, "gl-provider", providers...)
}

func (o *workerOptions) check() error {
	if o.threads < 0 {
		return usage(fmt.Errorf("--threads %d: it cannot be negative", o.threads), "")
	}
	if err := checkSIMD(); err != nil {
		return err
	}
	return checkProvider(o.gpu)
}

func checkProvider(o gpu.Options) error {
	return checkChoice("gl-provider", o.Provider, providers...)
}

// bound returns the most threads that a contender may use on the CPU. It is the number of
// processors that this process may use, or --threads if that is less.
func (o *workerOptions) bound() int { return cpu.Processors(o.threads) }

// args returns the flags that give a worker the options o.
func (o *workerOptions) args() []string {
	return []string{
		"--gl-provider", o.gpu.Provider,
		"--allow-software=" + strconv.FormatBool(o.gpu.AllowSoftware),
		"--threads", strconv.Itoa(o.threads),
	}
}

// A builtin is a contender that is part of this program.
type builtin struct {
	backend   string
	precision dataset.Precision
	open      func(workerOptions) (bench.Backend, error)
}

// builtins are all contenders that are part of this program, in the order of every report.
var builtins = []builtin{
	{"loop", dataset.Float64, onCPU(func() bench.Backend { return cpu.NewLoop[float64]() })},
	{"loop", dataset.Float32, onCPU(func() bench.Backend { return cpu.NewLoop[float32]() })},
	{"gonum", dataset.Float64, onGonum(func() bench.Backend { return new(cpu.Gonum64) })},
	{"gonum", dataset.Float32, onGonum(func() bench.Backend { return new(cpu.Gonum32) })},
	{"simd", dataset.Float64, newSIMD[float64]},
	{"simd", dataset.Float32, newSIMD[float32]},
	{"gram", dataset.Float64, newGram[float64]},
	{"gram", dataset.Float32, newGram[float32]},
	{"gl-graph", dataset.Float64, onGL(gpu.NewGraph, dataset.Float64, compiled)},
	{"gl-graph", dataset.Float32, onGL(gpu.NewGraph, dataset.Float32, compiled)},
	{"gl-fused", dataset.Float64, onGL(gpu.NewFused, dataset.Float64, searched)},
	{"gl-fused", dataset.Float32, onGL(gpu.NewFused, dataset.Float32, searched)},
	{"gl-resident", dataset.Float64, onGL(gpu.NewResident, dataset.Float64, searched)},
	{"gl-resident", dataset.Float32, onGL(gpu.NewResident, dataset.Float32, searched)},
	{"gl", dataset.Float64, onGL(gpu.NewAuto, dataset.Float64, searched)},
	{"gl", dataset.Float32, onGL(gpu.NewAuto, dataset.Float32, searched)},
}

func (b builtin) contender() bench.Contender {
	return bench.Contender{Backend: b.backend, Precision: b.precision}
}

// contenders returns the builtins, each with the command of its worker: this executable with o.
func contenders(o workerOptions) []bench.Contender {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	out := make([]bench.Contender, len(builtins))
	for i, b := range builtins {
		c := b.contender()
		c.Command = append([]string{self, "worker", c.Name()}, o.args()...)
		out[i] = c
	}
	return out
}

// onCPU opens a backend in plain Go that runs on one thread.
func onCPU(open func() bench.Backend) func(workerOptions) (bench.Backend, error) {
	return func(workerOptions) (bench.Backend, error) { return cpuBackend{open(), runtime.Version()}, nil }
}

// onGonum is onCPU for a backend that computes with gonum.
func onGonum(open func() bench.Backend) func(workerOptions) (bench.Backend, error) {
	return func(workerOptions) (bench.Backend, error) {
		return cpuBackend{open(), strings.TrimSpace("gonum " + bench.ModuleVersion("gonum.org/v1/gonum"))}, nil
	}
}

type cpuBackend struct {
	bench.Backend
	version string
}

// Describe implements bench.Describer.
func (b cpuBackend) Describe() bench.Info {
	info := cpuInfo(1)
	info.Version = b.version
	return info
}

// What our contenders say in the fairness sheet about the timed call, and about the work before it.
// Each takes and returns w as float64 within the call.
const (
	epochsAndW = "the epochs, w in and out"
	converted  = "conversion of the data"
	compiled   = "context, compiling, conversion and upload of the data"
	searched   = "context, compiling, search for the fastest variant, conversion and upload of the data"
)

// cpuInfo describes a backend on the processor. 0 threads says that their number is not known yet.
func cpuInfo(threads int) bench.Info {
	return bench.Info{
		Device: "cpu", Version: runtime.Version(), Threads: threads,
		Sync: "returns when done", Timed: epochsAndW, Untimed: converted,
	}
}

// onGL opens a form of the OpenGL backend. untimed says what it does before the timed call.
func onGL(open func(gpu.Options, dataset.Precision) (*gpu.Backend, error), prec dataset.Precision, untimed string) func(workerOptions) (bench.Backend, error) {
	return func(o workerOptions) (bench.Backend, error) {
		b, err := open(o.gpu, prec)
		if err != nil {
			return nil, unavailable(err)
		}
		return glBackend{b, untimed}, nil
	}
}

type glBackend struct {
	*gpu.Backend
	untimed string
}

// Load implements bench.Backend.
func (b glBackend) Load(p *dataset.Problem) error { return unavailable(b.Backend.Load(p)) }

// Phases implements bench.Phaser.
func (b glBackend) Phases() bench.Phases { return bench.Phases(b.Backend.Phases()) }

// Describe implements bench.Describer.
func (b glBackend) Describe() bench.Info {
	d := b.Device()
	return bench.Info{
		Device: d.Renderer, Software: d.Software, Version: "OpenGL " + d.Version + " by " + d.Provider,
		Sync: "a fence ends each submission and is waited for", Timed: epochsAndW, Untimed: b.untimed, Note: b.Note(),
	}
}
