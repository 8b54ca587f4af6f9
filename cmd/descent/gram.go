package main

import (
	"fmt"

	"descent/bench"
	"descent/bench/report"
	"descent/cpu"
)

// sufficientStatistics is the algorithm of gram.
const sufficientStatistics = "sufficient statistics: one pass over the data for XᵀX and Xᵀd, then epochs on (P+1)² numbers; the time contains both"

// newGram opens gram, whose pass is shared by at most so many workers as --threads says.
func newGram[T cpu.Float](o workerOptions) (bench.Backend, error) {
	b, err := cpu.NewGram[T](o.threads, cpu.Forced())
	if err != nil {
		return nil, err
	}
	return gramBackend[T]{b, cpu.Processors(o.threads)}, nil
}

type gramBackend[T cpu.Float] struct {
	*cpu.Gram[T]
	most int // workers
}

// Describe implements bench.Describer: with its threads once a problem is loaded, and with a note after the first descent.
func (b gramBackend[T]) Describe() bench.Info {
	info := cpuInfo(b.Workers())
	info.Algorithm = sufficientStatistics
	info.Timed, info.Untimed = "the pass over the data, "+epochsAndW, converted+", their means taken off"
	if pass := b.Pass(); pass > 0 {
		info.Note = fmt.Sprintf("%s; the pass, by at most %s, takes %s", b.InstructionSet(), report.Plural(b.most, "worker"), report.Duration(pass))
	}
	return info
}
