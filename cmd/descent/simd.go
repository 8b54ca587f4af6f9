package main

import (
	"fmt"
	"slices"
	"strings"

	"descent/bench"
	"descent/bench/report"
	"descent/cpu"
)

// checkSIMD refuses a DESCENT_SIMD that names no instruction set of this build and processor.
func checkSIMD() error {
	_, all, err := cpu.InstructionSets()
	if err != nil {
		return usage(fmt.Errorf("DESCENT_SIMD: %w", err), "set DESCENT_SIMD to one of "+strings.Join(all, ", ")+", or unset it for the fastest, "+all[0])
	}
	return nil
}

// A simdList is what descent devices says of the instruction sets that there are kernels for.
type simdList struct {
	InUse  string   `json:"in_use"`
	Forced bool     `json:"forced"` // by DESCENT_SIMD
	All    []string `json:"all"`    // the fastest first
}

func listSIMD() simdList {
	inUse, all, _ := cpu.InstructionSets() // checkSIMD told the error
	return simdList{inUse, cpu.Forced() != "", all}
}

func (l simdList) String() string {
	names := slices.Clone(l.All)
	for i, name := range names {
		switch {
		case name == l.InUse && l.Forced:
			names[i] += " (in use, forced by DESCENT_SIMD)"
		case name == l.InUse:
			names[i] += " (in use)"
		}
	}
	return "instruction sets: " + strings.Join(names, ", ")
}

// newSIMD opens simd on at most so many workers as --threads says.
func newSIMD[T cpu.Float](o workerOptions) (bench.Backend, error) {
	b, err := cpu.NewSIMD[T](o.threads, cpu.Forced())
	if err != nil {
		return nil, err
	}
	return simdBackend[T]{b, o.threads}, nil
}

type simdBackend[T cpu.Float] struct {
	*cpu.SIMD[T]
	threads int // that --threads allows; 0 is all
}

// Describe implements bench.Describer: with its threads and its note, once a problem is loaded.
func (b simdBackend[T]) Describe() bench.Info {
	info := cpuInfo(0)
	info.Untimed += ", trials of how many cores"
	if workers, trials := b.Workers(); workers > 0 {
		info.Threads, info.Note = workers, b.InstructionSet()+"; "+sharing(workers, trials, b.threads, cpu.Processors(0))
	}
	return info
}

// sharing says how many workers share an epoch, and what decided that: the trials, or that there can be but one, as
// threads, those of --threads, or the processors that may be used allow no more.
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
		said += fmt.Sprintf("; --threads %d is more than the %s that may be used", threads, report.Plural(processors, "processor"))
	}
	if changed(workers, trials) {
		said += "; for a while other numbers of workers were quicker"
	}
	return said
}

// byTrial says which number of workers the trials chose, and what the others took.
func byTrial(workers int, trials []cpu.Trial) string {
	var chosen, others string
	for _, t := range trials {
		if t.Workers == workers {
			chosen = report.Duration(t.Epoch)
		} else {
			others += ", " + report.Plural(t.Workers, "worker") + " " + report.Duration(t.Epoch)
		}
	}
	return fmt.Sprintf("%d of at most %d workers by trial: %s an epoch%s", workers, trials[len(trials)-1].Workers, chosen, others)
}

// changed reports whether other numbers of workers than the trials chose have run more than a few of the epochs since.
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
