package builtin

import (
	"fmt"

	"descent/bench"
	"descent/bench/typeset"
	"descent/cpu"
)

// newSIMD opens simd, on as many workers as --threads allows.
func newSIMD[T cpu.Float](o Options) (bench.Backend, error) {
	b, err := cpu.NewSIMD[T](o.Threads, cpu.Forced())
	if err != nil {
		return nil, err
	}
	return simdBackend[T]{b, o.Threads}, nil
}

type simdBackend[T cpu.Float] struct {
	*cpu.SIMD[T]
	threads int // the flag --threads; 0 is all processors
}

// Describe implements bench.Describer. Threads and note are known once a problem is loaded.
func (b simdBackend[T]) Describe() bench.Info {
	info := cpuInfo(0)
	info.Untimed += ", trials of how many cores"
	if workers, trials := b.Workers(); workers > 0 {
		info.Threads, info.Note = workers, b.InstructionSet()+"; "+sharing(workers, trials, b.threads, cpu.Processors(0))
	}
	return info
}

// sharing says how many workers share an epoch, and why. Either trials decided it, or only one
// worker was possible: by threads (the flag --threads), by the processors, or by the size of the
// data.
func sharing(workers int, trials []cpu.Trial, threads, processors int) string {
	said := "1 worker"
	switch {
	case len(trials) > 0:
		said = byTrial(workers, trials)
	case threads == 1:
		said += ", as --threads has it"
	case processors == 1:
		said += ", on the 1 processor that may be used"
	default:
		said += ": the data are too few for more"
	}
	if threads > processors {
		said += fmt.Sprintf("; --threads %d is more than the %s that may be used", threads, typeset.Plural(processors, "processor"))
	}
	if changed(workers, trials) {
		said += "; for a while other numbers of workers were quicker"
	}
	return said
}

// byTrial says which number of workers the trials chose, and how long the other numbers took.
func byTrial(workers int, trials []cpu.Trial) string {
	var chosen, others string
	for _, t := range trials {
		if t.Workers == workers {
			chosen = typeset.Duration(t.Epoch)
		} else {
			others += ", " + typeset.Plural(t.Workers, "worker") + " " + typeset.Duration(t.Epoch)
		}
	}
	return fmt.Sprintf("%d of at most %d workers by trial: %s an epoch%s", workers, trials[len(trials)-1].Workers, chosen, others)
}

// changed reports whether another number of workers has run more than a few of the epochs since the
// trials.
func changed(workers int, trials []cpu.Trial) bool {
	const few = 0.05
	others, all := 0, 0
	for _, t := range trials {
		all += t.Epochs
		if t.Workers != workers {
			others += t.Epochs
		}
	}
	return float64(others) > few*float64(all)
}

// gram is the name of the only backend with another algorithm.
const gram = "gram"

// sufficientStatistics is the algorithm of gram, as reports name it.
const sufficientStatistics = "reads the data once: one pass for XᵀX and Xᵀd (sufficient statistics), then epochs on (P+1)² numbers; the time contains both"

// newGram opens gram. As many workers as --threads allows share its pass over the data.
func newGram[T cpu.Float](o Options) (bench.Backend, error) {
	b, err := cpu.NewGram[T](o.Threads, cpu.Forced())
	if err != nil {
		return nil, err
	}
	return gramBackend[T]{b, cpu.Processors(o.Threads)}, nil
}

type gramBackend[T cpu.Float] struct {
	*cpu.Gram[T]
	most int // the most workers that may share the pass
}

// Describe implements bench.Describer. Its threads are known once a problem is loaded, and its note
// after the first descent.
func (b gramBackend[T]) Describe() bench.Info {
	info := cpuInfo(b.Workers())
	info.Algorithm = sufficientStatistics
	info.Timed, info.Untimed = "the pass over the data, "+epochsAndW, converted+", their means taken off"
	if pass := b.Pass(); pass > 0 {
		info.Note = fmt.Sprintf("%s; the pass, by at most %s, takes %s", b.InstructionSet(), typeset.Plural(b.most, "worker"), typeset.Duration(pass))
	}
	return info
}
