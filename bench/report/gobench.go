package report

import (
	"bufio"
	"fmt"
	"io"

	"descent/bench/journal"
)

// goBench writes the samples in the format of Go benchmarks, for benchstat: a line for each sample,
// with the time of one descent.
func goBench(w io.Writer, reps []*Report, _ Options) error {
	out := bufio.NewWriter(w)
	for _, rep := range reps {
		benchHead(out, rep.Env)
		for i := range rep.Rows {
			row := &rep.Rows[i]
			b := benchmark{row.Contender, row.N, row.Features, row.Epochs, rep.Env.Threads}
			b.write(out, row.Times())
		}
	}
	return out.Flush() // returns the first error of any write
}

func benchHead(out io.Writer, e journal.Env) {
	fmt.Fprintf(out, "goos: %s\ngoarch: %s\npkg: descent\ncpu: %s\n", e.GoOS, e.GoArch, e.CPU)
}

// A benchmark is what the name of a Go benchmark is made of.
type benchmark struct {
	contender                    string
	n, features, epochs, threads int
}

// write writes a line for each time of a descent, in nanoseconds.
func (b benchmark) write(out io.Writer, times []float64) {
	for _, ns := range times {
		fmt.Fprintf(out, "BenchmarkDescent/%s/N=%d/P=%d/epochs=%d-%d 1 %s ns/op\n",
			b.contender, b.n, b.features, b.epochs, b.threads, number(ns))
	}
}
