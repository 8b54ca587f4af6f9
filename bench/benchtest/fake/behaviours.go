package fake

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"descent/bench"
)

// Behaviours maps the name of a behaviour to the function of the worker that has it. The function
// returns the exit status. A test may add its own behaviours before it calls Main.
var Behaviours = map[string]func() int{
	// Each of its samples is one call, so measuring it is quick.
	"honest": func() int {
		if bench.Serve(os.Stdin, uncalled{os.Stdout}, "loop/f64", "f64", OpenLoop) != nil {
			return 1
		}
		return 0
	},
	"heeds calls":             serving(OpenLoop, os.Stdin, os.Stdout),
	"knows no calls":          serving(OpenLoop, &callless{in: os.Stdin}, uncalled{os.Stdout}),
	"answers before the work": serving(OpenLoop, os.Stdin, slow{}),
	"says it worked for long": serving(OpenLoop, os.Stdin, boastful{}),
	"says its device worked for long": serving(
		around(func(b bench.Backend) bench.Backend { return offTime{b} }), os.Stdin, uncalled{os.Stdout}),
	"says it took no time": serving(
		around(func(b bench.Backend) bench.Backend { return placed{b, "cpu"} }), os.Stdin, uncalled{modest{os.Stdout}}),
	"compiles in its first descent": serving(
		around(func(b bench.Backend) bench.Backend { return &lazy{Backend: b} }), os.Stdin, uncalled{os.Stdout}),
	"falls back in mid-run": serving(OpenFickle, os.Stdin, uncalled{os.Stdout}),
	"passes over the data once": serving(
		around(func(b bench.Backend) bench.Backend { return &onePass{Backend: b} }), os.Stdin, os.Stdout),
	"tires": serving(
		around(func(b bench.Backend) bench.Backend { return &tiring{Backend: b} }), os.Stdin, uncalled{os.Stdout}),
	"is slow": serving(
		around(func(b bench.Backend) bench.Backend { return sluggish{b, "cpu"} }), os.Stdin, os.Stdout),
	"is quick, on the CPU": serving(
		around(func(b bench.Backend) bench.Backend { return placed{b, "cpu"} }), os.Stdin, os.Stdout),
	"is quick, on a card": serving(
		around(func(b bench.Backend) bench.Backend { return placed{b, "a card"} }), os.Stdin, os.Stdout),
	"is another with every process": serving(
		around(func(b bench.Backend) bench.Backend { return versioned{b, strconv.Itoa(os.Getpid())} }), os.Stdin, uncalled{os.Stdout}),
	"stays awake": serving(OpenLoop, &restless{in: os.Stdin}, os.Stdout),
	"absent": serving(func() (bench.Backend, error) { return nil, fmt.Errorf("no card: %w", bench.ErrUnavailable) },
		os.Stdin, os.Stdout),
	"hangs at exit": func() int {
		bench.Serve(os.Stdin, os.Stdout, "loop/f64", "f64", OpenLoop)
		Hang()
		return 0
	},

	"dies at start": saying(7, "segmentation fault in a library"),
	"dies in mid-run": inDescent(func() {
		fmt.Fprintln(os.Stderr, "cannot go on")
		self, _ := os.FindProcess(os.Getpid())
		self.Kill()
		Hang()
	}),
	"hangs": inDescent(Hang),
	"leaks": inDescent(leak),
	"sleeps": func() int {
		Hang()
		return 0
	},
	"ends within a line": func() int {
		inDescent(func() { fmt.Print(`{"run_ns":12`) })()
		return saying(9, "out of paper")()
	},
	"leaves when told to": loadedThen(func() {
		onTerm(func() { fmt.Fprintln(os.Stderr, "left in order"); os.Exit(0) })
	}, Hang),
	"does not leave":    loadedThen(func() { onTerm(func() { fmt.Fprintln(os.Stderr, "goes on") }) }, Hang),
	"closes its stdin":  loadedThen(func() {}, func() { os.Stdin.Close(); Hang() }),
	"closes its stdout": AtHello(0, func() { os.Stdout.Close(); Hang() }),

	"floods stderr": func() int {
		for range 1 << 16 {
			fmt.Fprintln(os.Stderr, "noise noise noise noise")
		}
		return saying(1, "the last line")()
	},
	"floods stderr by the megabyte": func() int {
		flood := bytes.Repeat([]byte("noise noise noise noise\n"), 1<<20/24)
		for range FloodMiB {
			os.Stderr.Write(flood)
		}
		return saying(1, "the last line")()
	},
	"floods stdout without end":   AtHello(0, func() { flood(bytes.Repeat([]byte(hello+"\n"), 1<<15)) }),
	"floods stdout with one line": AtHello(0, func() { flood(bytes.Repeat([]byte("x"), 1<<20)) }),

	"rubbish":                         script("<", "Warning: something is deprecated"),
	"rubbish between":                 script("<", hello, hello, "<"),
	"another protocol":                script("<", `{"protocol":99}`, "<"),
	"another precision":               script("<", `{"protocol":1,"precision":"f32","init_ns":1}`, "<"),
	"refuses unasked":                 script(`{"error":"no card","hint":"buy one","unavailable":true}`),
	"says it opened for long":         script("<", `{"protocol":1,"init_ns":1000000000000}`, "<"),
	"says it loaded for long":         script("<", hello, "<", `{"load_ns":1000000000000}`, "<"),
	"loads in parts beyond the whole": script("<", hello, "<", `{"load_ns":1000,"compile_ns":70000000}`, "<"),
	"chatters": func() int {
		return script(strings.Split(strings.Repeat(hello+"\n", 1000), "\n")...)()
	},
	"an endless line": AtHello(0, func() {
		chunk := strings.Repeat("x", 1<<20)
		for range 64 {
			fmt.Print(chunk)
		}
	}),

	"answers wrongly":                   lying(`{"run_ns":1000,"w":[1,1]}`),
	"answers NaN":                       lying(`{"run_ns":1000,"w":["NaN",1]}`),
	"answers too little":                lying(`{"run_ns":1000,"w":[1]}`),
	"answers no time":                   lying(`{"w":[1,1]}`),
	"answers a download beyond the run": lying(`{"run_ns":1000,"download_ns":70000000,"w":[1,1]}`),
	"answers a negative download":       lying(`{"run_ns":1000,"download_ns":-7,"w":[1,1]}`),
	"an empty answer":                   lying(`{}`),
}

// FloodMiB is how many MiB the behaviour "floods stderr by the megabyte" prints.
const FloodMiB = 300

// The answers of an honest worker to hello and to load.
const (
	hello = `{"protocol":1,"init_ns":1}`
	load  = `{"load_ns":1}`
)

// requests scans the lines of stdin.
var requests = bufio.NewScanner(os.Stdin)

// script is a worker that prints lines. At the line "<" it waits for a request instead.
func script(lines ...string) func() int {
	return func() int {
		for _, line := range lines {
			if line == "<" {
				requests.Scan()
			} else {
				fmt.Println(line)
			}
		}
		return 0
	}
}

// saying is a worker that prints a line on stderr and exits with the given status.
func saying(status int, line string) func() int {
	return func() int {
		fmt.Fprintln(os.Stderr, line)
		return status
	}
}

// AtHello is a worker that calls do when the driver says hello. It then exits with the given
// status.
func AtHello(status int, do func()) func() int {
	return func() int {
		requests.Scan()
		do()
		return status
	}
}

// loadedThen is a worker that calls prepare, answers hello and load honestly, and then calls do.
func loadedThen(prepare, do func()) func() int {
	return func() int {
		prepare()
		script("<", hello, "<", load)()
		do()
		return 0
	}
}

// inDescent is a worker that calls do when the driver asks it to descend.
func inDescent(do func()) func() int {
	return loadedThen(func() {}, func() { requests.Scan(); do() })
}

// lying is a worker that answers every descent with the same line.
func lying(answer string) func() int {
	return loadedThen(func() {}, func() {
		for requests.Scan() {
			fmt.Println(answer)
		}
	})
}

// flood prints chunk without end.
func flood(chunk []byte) {
	fmt.Fprintln(os.Stderr, "the last line")
	for {
		os.Stdout.Write(chunk)
	}
}

// leak allocates memory for ever. It writes to every page, so that the memory is really used.
func leak() {
	for kept := [][]byte{}; ; {
		b := make([]byte, 8<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		kept = append(kept, b)
	}
}

// onTerm calls do at the first SIGTERM. The signal no longer ends the process.
func onTerm(do func()) {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	go func() {
		<-told
		do()
	}()
}

// Hang waits for ever. An empty select is not enough: without cgo, Go ends a program if all its
// goroutines wait.
func Hang() {
	for {
		time.Sleep(time.Hour)
	}
}
