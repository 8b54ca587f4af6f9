package peers_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/cpuid/v2"

	"descent/bench"
	"descent/bench/benchtest"
	"descent/bench/conformance"
	"descent/bench/peers"
)

// Python, NumPy and GoMLX must keep every promise of a worker. The other libraries take long to
// start: of their promises, only the gates and the answers at every edge size are checked. If
// DESCENT_REQUIRE_PEERS is set, Python, NumPy and GoMLX must be installed.
func TestPeersKeepTheirPromises(t *testing.T) {
	home := peers.Home{Python: anyPython(t), Dir: unpacked(t).Dir}
	if gomlx, err := filepath.Abs("../../build/peers/gomlx"); err == nil && exists(gomlx) {
		home.GoMLX = gomlx
	}
	for _, c := range home.Contenders(2) {
		t.Run(c.Name(), func(t *testing.T) {
			which := basic
			if slices.Contains([]string{"python", "numpy", "gomlx"}, c.Backend) {
				which = every
			}
			if c.Absent != nil {
				skip(t, which, c.Absent)
			}
			for _, env := range c.Env {
				name, value, _ := strings.Cut(env, "=")
				t.Setenv(name, value)
			}
			checkWorker(t, c.Command, 0, which)
		})
	}
}

// promises says which promises of a worker are checked.
type promises int

const (
	basic promises = iota // the gates and the answers; the program may be missing
	every                 // all; the program must be there if DESCENT_REQUIRE_PEERS is set
)

// checkWorker checks the promises of the worker that command starts. features is the most features
// that the worker takes; 0 is any number.
func checkWorker(t *testing.T, command []string, features int, which promises) {
	t.Helper()
	w, err := conformance.Meet(t.Context(), command, conformance.Terms{
		MaxFeatures: features, Limits: bench.Limits{Timeout: time.Minute}, Dir: t.TempDir(),
	})
	if errors.Is(err, bench.ErrUnavailable) {
		skip(t, which, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s on %s", w.Hello.Version, w.Hello.Device)
	if w.Hello.InitNS == 1 {
		t.Error("init_ns is 1: it was not measured")
	}
	for _, check := range conformance.WorkerChecks() {
		if which == basic && !check.Gate && check.Promise != "answers match the oracle" {
			continue
		}
		if err := check.Run(w); err != nil {
			t.Errorf("%s: %v", check.Promise, err)
		}
	}
}

// anyPython returns the interpreter for the tests. DESCENT_REQUIRE_PEERS requires one.
func anyPython(t *testing.T) string {
	t.Helper()
	python := benchtest.Python()
	if python == "" {
		skip(t, every, errors.New("there is no Python here"))
	}
	return python
}

// skip skips a test because something is missing, or fails it if that must be there.
func skip(t *testing.T, which promises, why error) {
	t.Helper()
	if which == every && os.Getenv("DESCENT_REQUIRE_PEERS") != "" {
		t.Fatalf("DESCENT_REQUIRE_PEERS is set: %v", why)
	}
	t.Skip(why)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// compiled compiles a C source and returns the path of the program.
func compiled(t *testing.T, source string) string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		skip(t, every, err)
	}
	headers := exec.Command(cc, "-E", "-x", "c", "-")
	headers.Stdin = strings.NewReader("#include <math.h>\n")
	if err := headers.Run(); err != nil {
		skip(t, every, fmt.Errorf("%s has no headers: %w", cc, err))
	}
	program := filepath.Join(t.TempDir(), "mine")
	out, err := exec.Command(cc, "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O3", "-march=native", "-o", program, source).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// example writes the README's program in a language to a file and returns its path.
func example(t *testing.T, language string) string {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(readme)
	if found == nil {
		t.Fatalf("the README has no example in %s", language)
	}
	path := filepath.Join(t.TempDir(), "mine."+map[string]string{"python": "py", "c": "c"}[language])
	if err := os.WriteFile(path, found[1], 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheReadmesProgramInPythonKeepsItsPromises(t *testing.T) {
	python := anyPython(t)
	if out, err := exec.Command(python, "-c", "import numpy").CombinedOutput(); err != nil {
		skip(t, every, errors.New(string(out)))
	}
	checkWorker(t, []string{python, example(t, "python")}, 0, every)
}

func TestTheReadmesProgramInCKeepsItsPromises(t *testing.T) {
	checkWorker(t, []string{compiled(t, example(t, "c"))}, 0, every)
}

func TestTheProgramWithVectorInstructionsKeepsItsPromises(t *testing.T) {
	if !cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512DQ) {
		t.Skip("it needs AVX-512")
	}
	checkWorker(t, []string{compiled(t, "c/avx512.c")}, 1, every)
}
