package device

import (
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
)

// fakeContext is an open context without OpenGL.
func fakeContext(t *testing.T) *Context {
	t.Helper()
	var m fakeMachine
	c, err := start(m.renderer("egl-device", "fake", false, false), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestDoReturnsTheErrorOfItsFunction(t *testing.T) {
	c := fakeContext(t)
	if err := c.Do(func() error { return nil }); err != nil {
		t.Error(err)
	}
	if err := c.Do(func() error { return io.EOF }); err != io.EOF {
		t.Errorf("got %v, not %v", err, io.EOF)
	}
}

func TestDoFromManyGoroutinesTakesTurns(t *testing.T) {
	c := fakeContext(t)
	const goroutines, calls = 8, 100
	var count int // without a lock: the calls run on one thread
	var group sync.WaitGroup
	for range goroutines {
		group.Go(func() {
			for range calls {
				c.Do(func() error { count++; return nil })
			}
		})
	}
	group.Wait()
	if count != goroutines*calls {
		t.Errorf("%d of %d calls ran", count, goroutines*calls)
	}
}

func TestAPanicInDoIsAnErrorAndTheContextGoesOn(t *testing.T) {
	c := fakeContext(t)
	panics := func() error { return c.Do(func() error { panic("boom") }) }
	if err := panics(); err == nil || err.Error() != "panic on the OpenGL thread: boom" {
		t.Errorf("got %v", err)
	}
	t.Setenv("DESCENT_DEBUG", "1")
	if err := panics(); err == nil || !strings.Contains(err.Error(), "context_test.go") {
		t.Errorf("with DESCENT_DEBUG the stack is not in %v", err)
	}
	if err := c.Do(func() error { return nil }); err != nil {
		t.Error(err)
	}
}

func TestDoAfterCloseIsAnErrorAndCloseMayBeRepeated(t *testing.T) {
	c := fakeContext(t)
	for range 2 {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	ran := false
	if err := c.Do(func() error { ran = true; return nil }); !errors.Is(err, errClosed) || ran {
		t.Errorf("got %v, and that the function ran is %v", err, ran)
	}
}
