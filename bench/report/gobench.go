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
			benchLines(out, row.Contender, row.N, row.Features, row.Epochs, rep.Env.Threads, row.Times())
		}
	}
	return out.Flush() // returns the first error of any write
}

func benchHead(out io.Writer, e journal.Env) {
	fmt.Fprintf(out, "goos: %s\ngoarch: %s\npkg: descent\ncpu: %s\n", e.GoOS, e.GoArch, e.CPU)
}

func benchLines(out io.Writer, contender string, n, p, epochs, threads int, times []float64) {
	for _, ns := range times {
		fmt.Fprintf(out, "BenchmarkDescent/%s/N=%d/P=%d/epochs=%d-%d 1 %s ns/op\n", contender, n, p, epochs, threads, number(ns))
	}
}
