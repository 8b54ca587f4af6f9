// Package builtin has the contenders that are part of descent: the list of them, what each says
// about itself, and the commands of their workers.
package builtin

import (
	"os"
	"slices"
	"strconv"

	"descent/bench"
	"descent/cpu"
	"descent/dataset"
	"descent/gpu"
)

// Options are what our workers are told on their command lines.
type Options struct {
	GPU     gpu.Options
	Threads int // the most processors that a contender may use; 0 is all
}

// Bound returns the most threads that a contender may use on the CPU. It is the number of
// processors that this process may use, or Threads if that is less.
func (o *Options) Bound() int { return cpu.Processors(o.Threads) }

// Args returns the flags that give a worker the options o.
func (o *Options) Args() []string {
	return []string{
		"--gl-provider", o.GPU.Provider,
		"--allow-software=" + strconv.FormatBool(o.GPU.AllowSoftware),
		"--threads", strconv.Itoa(o.Threads),
	}
}

// A Backend is a contender that is part of this program.
type Backend struct {
	Name      string
	Precision dataset.Precision
	open      func(Options) (bench.Backend, error)
}

// Open opens the backend itself, in this process.
func (b Backend) Open(o Options) (bench.Backend, error) { return b.open(o) }

// all are all contenders that are part of this program, in the order of every report.
var all = []Backend{
	{"loop", dataset.Float64, onCPU(func() bench.Backend { return cpu.NewLoop[float64]() })},
	{"loop", dataset.Float32, onCPU(func() bench.Backend { return cpu.NewLoop[float32]() })},
	{"gonum", dataset.Float64, onGonum(func() bench.Backend { return new(cpu.Gonum64) })},
	{"gonum", dataset.Float32, onGonum(func() bench.Backend { return new(cpu.Gonum32) })},
	{"simd", dataset.Float64, newSIMD[float64]},
	{"simd", dataset.Float32, newSIMD[float32]},
	{gram, dataset.Float64, newGram[float64]},
	{gram, dataset.Float32, newGram[float32]},
	{"gl-graph", dataset.Float64, onGL(gpu.NewGraph, dataset.Float64, compiled)},
	{"gl-graph", dataset.Float32, onGL(gpu.NewGraph, dataset.Float32, compiled)},
	{"gl-fused", dataset.Float64, onGL(gpu.NewFused, dataset.Float64, searched)},
	{"gl-fused", dataset.Float32, onGL(gpu.NewFused, dataset.Float32, searched)},
	{"gl-resident", dataset.Float64, onGL(gpu.NewResident, dataset.Float64, searched)},
	{"gl-resident", dataset.Float32, onGL(gpu.NewResident, dataset.Float32, searched)},
	{"gl", dataset.Float64, onGL(gpu.NewAuto, dataset.Float64, searched)},
	{"gl", dataset.Float32, onGL(gpu.NewAuto, dataset.Float32, searched)},
}

func (b Backend) contender() bench.Contender {
	return bench.Contender{Backend: b.Name, Precision: b.Precision}
}

// Contenders returns all built-in contenders, each with the command of its worker: this executable
// with o.
func Contenders(o Options) []bench.Contender {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	out := make([]bench.Contender, len(all))
	for i, b := range all {
		c := b.contender()
		c.Command = append([]string{self, "worker", c.Name()}, o.Args()...)
		out[i] = c
	}
	return out
}

// Find finds a contender by its name, as simd/f64.
func Find(name string) (b Backend, found bool) {
	for _, b := range all {
		if b.contender().Name() == name {
			return b, true
		}
	}
	return Backend{}, false
}

// Is reports whether name is the name of a backend that is part of this program.
func Is(name string) bool {
	return slices.ContainsFunc(all, func(b Backend) bool { return b.Name == name })
}

// OtherAlgorithm reports whether the backend of that name is part of this program and runs another
// algorithm than the epochs of gradient descent.
func OtherAlgorithm(name string) bool { return name == gram }
