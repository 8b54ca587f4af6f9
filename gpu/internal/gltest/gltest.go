// Package gltest helps the tests that need OpenGL, and those that need Mesa's software renderer
// with a known number of threads.
package gltest

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// Unmet ends a test that this machine cannot run. The test counts as skipped, or as failed if
// DESCENT_REQUIRE_GL says that this machine must run all tests.
func Unmet(t testing.TB, why error) {
	t.Helper()
	if os.Getenv("DESCENT_REQUIRE_GL") != "" {
		t.Fatalf("DESCENT_REQUIRE_GL is set: %v", why)
	}
	t.Skip(why)
}

// WithThreads runs a test in a process of its own, in which the software renderer has so many
// threads. Each thread runs one work group at a time.
func WithThreads(t *testing.T, threads int, test func(t *testing.T)) {
	const variable = "LP_NUM_THREADS"
	if n := strconv.Itoa(threads); os.Getenv(variable) != n {
		c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		c.Env = append(os.Environ(), variable+"="+n)
		if out, err := c.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
			t.Errorf("with %d threads: %v\n%s", threads, err, out)
		}
		return
	}
	test(t)
}
