package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"descent/bench/journal"
	"descent/bench/typeset"
)

// goBench writes the samples in the format of Go benchmarks, for benchstat: a line for each sample,
// with the time of one descent of as many epochs as the plan has. The date and the version are
// comments. As configuration they would put an old and a new run into separate tables, where
// benchstat does not compare them.
func goBench(w io.Writer, reps []*Report, _ Options) error {
	out := bufio.NewWriter(w)
	for _, rep := range reps {
		fmt.Fprintf(out, "# date: %s\n# version: %s\n", rep.Time.Format(time.RFC3339), rep.Version)
		benchHead(out, rep.Env, &rep.Plan)
		for i := range rep.Rows {
			row := &rep.Rows[i]
			times := row.Times()
			for k := range times {
				times[k] *= float64(rep.Plan.Epochs) / float64(row.Epochs)
			}
			b := benchmark{row.Contender, row.N, row.Features, rep.Plan.Epochs, rep.Env.Threads}
			b.write(out, times)
		}
	}
	return out.Flush() // returns the first error of any write
}

// benchHead writes the configuration of a run. benchstat compares only samples that have the same.
func benchHead(out io.Writer, e journal.Env, p *journal.Plan) {
	fmt.Fprintf(out, "goos: %s\ngoarch: %s\npkg: descent\ncpu: %s\n", e.GoOS, e.GoArch, e.CPU)
	fmt.Fprintf(out, "data: %s\nrate: %v\nseed: %d\n", cmp.Or(p.Source(), generated), p.Rate, p.Seed)
}

// A benchmark is what the name of a Go benchmark is made of.
type benchmark struct {
	contender                    string
	n, features, epochs, threads int
}

// write writes a line for each time of a descent, in nanoseconds. The name is made of keys, so that
// "benchstat -col /contender" compares contenders.
func (b benchmark) write(out io.Writer, times []float64) {
	backend, precision, _ := strings.Cut(b.contender, "/")
	backend = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return '_' // a blank would end the name
		}
		return r
	}, backend)
	for _, ns := range times {
		fmt.Fprintf(out, "BenchmarkDescent/contender=%s/precision=%s/N=%d/P=%d/epochs=%d-%d 1 %s ns/op\n",
			backend, precision, b.n, b.features, b.epochs, b.threads, typeset.Number(ns))
	}
}
