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

// Python, NumPy and GoMLX are held to every promise of a worker; the others, whose libraries take long to start, to the
// first and to the answers at every edge size. Where DESCENT_REQUIRE_PEERS is set, these three must be there.
func TestPeersKeepTheirPromises(t *testing.T) {
	home := peers.Home{Python: anyPython(t), Dir: unpacked(t).Dir}
	if gomlx, err := filepath.Abs("../../build/peers/gomlx"); err == nil && exists(gomlx) {
		home.GoMLX = gomlx
	}
	for _, c := range home.Contenders(2) {
		t.Run(c.Name(), func(t *testing.T) {
			required := slices.Contains([]string{"python", "numpy", "gomlx"}, c.Backend)
			if c.Absent != nil {
				absent(t, required, c.Absent)
			}
			for _, env := range c.Env {
				name, value, _ := strings.Cut(env, "=")
				t.Setenv(name, value)
			}
			checkWorker(t, c.Command, 0, required)
		})
	}
}

// checkWorker holds the worker that command starts to what it promises: to all of it, or to the first and to its answers.
func checkWorker(t *testing.T, command []string, features int, whole bool) {
	t.Helper()
	w, err := conformance.Meet(t.Context(), command, conformance.Terms{
		MaxFeatures: features, Limits: bench.Limits{Timeout: time.Minute}, Dir: t.TempDir(),
	})
	if errors.Is(err, bench.ErrUnavailable) {
		absent(t, whole, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s on %s", w.Hello.Version, w.Hello.Device)
	for _, check := range conformance.WorkerChecks() {
		if !whole && !check.Gate && check.Promise != "answers match the oracle" {
			continue
		}
		if err := check.Run(w); err != nil {
			t.Errorf("%s: %v", check.Promise, err)
		}
	}
}

// anyPython returns the interpreter that the tests take. Where DESCENT_REQUIRE_PEERS is set there must be one.
func anyPython(t *testing.T) string {
	t.Helper()
	python := benchtest.Python()
	if python == "" {
		absent(t, true, errors.New("there is no Python here"))
	}
	return python
}

// absent skips a test of what is not here, but not of what must be.
func absent(t *testing.T, required bool, why error) {
	t.Helper()
	if required && os.Getenv("DESCENT_REQUIRE_PEERS") != "" {
		t.Fatalf("DESCENT_REQUIRE_PEERS is set: %v", why)
	}
	t.Skip(why)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// compiled returns the program that the C compiler makes of a source.
func compiled(t *testing.T, source string) string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		absent(t, true, err)
	}
	headers := exec.Command(cc, "-E", "-x", "c", "-")
	headers.Stdin = strings.NewReader("#include <math.h>\n")
	if err := headers.Run(); err != nil {
		absent(t, true, fmt.Errorf("%s has no headers: %w", cc, err))
	}
	program := filepath.Join(t.TempDir(), "mine")
	out, err := exec.Command(cc, "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O3", "-march=native", "-o", program, source).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// example writes the program of a language in the README into a file.
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
		absent(t, true, errors.New(string(out)))
	}
	checkWorker(t, []string{python, example(t, "python")}, 0, true)
}

func TestTheReadmesProgramInCKeepsItsPromises(t *testing.T) {
	checkWorker(t, []string{compiled(t, example(t, "c"))}, 0, true)
}

func TestTheProgramWithVectorInstructionsKeepsItsPromises(t *testing.T) {
	if !cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512DQ) {
		t.Skip("it needs AVX-512")
	}
	checkWorker(t, []string{compiled(t, "c/avx512.c")}, 1, true)
}
