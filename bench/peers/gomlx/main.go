// Command gomlx runs GoMLX on simplego, its backend in pure Go, as a contender: it speaks the
// worker protocol of ../../PROTOCOL.md on stdin and stdout.
//
//	make peers
//	bin/descent run --contenders loop --peers gomlx
//
// It is a module of its own, so that descent's module does not need GoMLX.
//
// DESCENT_THREADS in the environment is the most threads that it may use. If it is 0 or not set, it
// may use all.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"

	"descent/bench"
	"descent/dataset"
)

func main() {
	out := os.Stdout
	os.Stdout = os.Stderr // simplego prints its settings there, and only Go code can print here
	os.Exit(run(os.Args[1:], os.Stdin, out, os.Stderr))
}

// run returns the exit status: 0, 1 after an error that the driver was told, or 2 for a wrong
// command line.
func run(args []string, in io.Reader, out, stderr io.Writer) int {
	if len(args) != 1 || contenders[args[0]].open == nil {
		fmt.Fprintln(stderr, "usage: gomlx gomlx/f64|gomlx/f32")
		return 2
	}
	c := contenders[args[0]]
	if err := bench.Serve(in, out, args[0], c.precision.String(), c.openWithin(os.Getenv("DESCENT_THREADS"))); err != nil {
		return 1
	}
	return 0
}

// A contender is this program at one precision.
type contender struct {
	precision dataset.Precision
	open      func(threads int) bench.Backend
}

var contenders = map[string]contender{
	"gomlx/f64": {dataset.Float64, open[float64]},
	"gomlx/f32": {dataset.Float32, open[float32]},
}

// openWithin returns a factory that opens the backend with at most bound threads and limits the
// process to that many. bound is the value of DESCENT_THREADS.
func (c contender) openWithin(bound string) bench.Factory {
	return func() (bench.Backend, error) {
		threads := runtime.GOMAXPROCS(0)
		if bound != "" {
			n, err := strconv.Atoi(bound)
			if err != nil || n < 0 {
				return nil, fmt.Errorf("DESCENT_THREADS is %q: it must be a number of threads, or 0 for all", bound)
			}
			if n > 0 {
				threads = min(n, threads)
			}
		}
		runtime.GOMAXPROCS(threads)
		return c.open(threads), nil
	}
}
