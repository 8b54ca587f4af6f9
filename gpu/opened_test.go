//go:build linux && cgo

package gpu

import (
	"errors"
	"testing"

	"descent/dataset"
	"descent/gpu/device"
	"descent/gpu/internal/gltest"
)

// testContext opens a context for a test, on a software renderer too, and closes it at the test's
// end.
func testContext(t testing.TB) *device.Context {
	t.Helper()
	c, err := device.Open(device.Options{AllowSoftware: true})
	if e, ok := errors.AsType[*device.Error](err); ok && e.Unavailable() {
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

// targetOn returns a target with no storage block larger than maxBytes.
func targetOn(c *device.Context, precision dataset.Precision, maxBytes int64) *target {
	t := newTarget(c, precision)
	t.maxBytes = maxBytes
	return t
}

// do runs f on the context's thread and fails the test on its error.
func do(t testing.TB, c *device.Context, f func() error) {
	t.Helper()
	if err := c.Do(f); err != nil {
		t.Fatal(err)
	}
}
