//go:build linux && cgo

package device

import (
	"errors"
	"testing"

	"descent/gpu/internal/gltest"
)

// testContext opens a context for a test, on a software renderer too, and closes
// it at the test's end.
func testContext(t testing.TB) *Context {
	t.Helper()
	return openForTest(t, Options{AllowSoftware: true})
}

func openForTest(t testing.TB, o Options) *Context {
	t.Helper()
	c, err := Open(o)
	if e, ok := errors.AsType[*Error](err); ok && e.Unavailable() {
		gltest.Unmet(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// do runs f on the context's thread and fails the test on its error.
func do(t testing.TB, c *Context, f func() error) {
	t.Helper()
	if err := c.Do(f); err != nil {
		t.Fatal(err)
	}
}
