package device

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
	"unsafe"
)

var errClosed = errors.New("the OpenGL context is closed")

const (
	openTimeout  = time.Minute
	closeTimeout = 10 * time.Second
)

// A platform is an OpenGL context that is current on the calling thread. Only that thread may call
// its methods.
type platform interface {
	ProcAddr(name string) unsafe.Pointer
	Close()
}

// A Context is an open OpenGL context and its thread. OpenGL ties a context to a thread, and Go
// ties no goroutine to one. So a single goroutine, locked to its thread, makes every call.
type Context struct {
	device Info
	reset  func() uint32 // the reset status, where it is offered

	programs map[string]uint32 // by source, compiled so far; for the thread alone

	jobs chan job
	quit chan struct{} // closed to end the goroutine
	done chan struct{} // closed when it has ended
	once sync.Once
}

type job struct {
	f   func() error
	err chan error
}

// start opens a candidate on a goroutine of its own. A driver that takes longer than the timeout is
// left behind with its thread, because nothing can stop it.
func start(c candidate, timeout time.Duration) (*Context, error) {
	if timeout == 0 {
		timeout = openTimeout
	}
	context := &Context{jobs: make(chan job), quit: make(chan struct{}), done: make(chan struct{})}
	opened := make(chan error, 1)
	go context.work(c, opened)
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case err := <-opened:
		if err != nil {
			return nil, err
		}
		return context, nil
	case <-timer.C:
		close(context.quit)
		return nil, &Error{Kind: Timeout, Provider: c.provider, Detail: fmt.Sprintf("no context after %v", timeout)}
	}
}

// work owns the thread. It opens the context, runs the jobs and closes the context.
func (c *Context) work(from candidate, opened chan<- error) {
	runtime.LockOSThread()
	// The thread is given back only after Close has left it without a context.
	defer runtime.UnlockOSThread()
	defer close(c.done)

	var p platform
	err := protect(func() (err error) {
		c.device = Info{Provider: from.provider, Name: from.name, Node: from.node, Software: from.software}
		p, err = from.open(c)
		return err
	})
	if p != nil {
		defer protect(func() error { p.Close(); return nil })
	}
	opened <- err
	if err != nil {
		return
	}
	for {
		select {
		case j := <-c.jobs:
			j.err <- protect(j.f)
		case <-c.quit:
			return
		}
	}
}

// protect runs f and returns its panic as an error, with the stack if DESCENT_DEBUG is set.
func protect(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			cause, ok := p.(error)
			if !ok {
				cause = fmt.Errorf("%v", p)
			}
			err = fmt.Errorf("panic on the OpenGL thread: %w", cause)
			if os.Getenv("DESCENT_DEBUG") != "" {
				err = fmt.Errorf("%w\n%s", err, debug.Stack())
			}
		}
	}()
	return f()
}

// Do runs f on the context's thread and returns the error of f. A panic of f is an error too. Calls
// from several goroutines take turns. f must not call Do itself.
func (c *Context) Do(f func() error) error {
	j := job{f, make(chan error, 1)}
	select {
	case <-c.quit:
		return errClosed
	default:
	}
	select {
	case c.jobs <- j:
		return <-j.err
	case <-c.quit:
		return errClosed
	}
}

// Device returns what the context runs on.
func (c *Context) Device() Info { return c.device }

// Close destroys the context, after the call of Do that is under way. It may be called again. A
// driver that does not let go is left behind, with a Timeout.
func (c *Context) Close() error {
	c.once.Do(func() { close(c.quit) })
	timer := time.NewTimer(closeTimeout)
	defer timer.Stop()
	select {
	case <-c.done:
		return nil
	case <-timer.C:
		return &Error{Kind: Timeout, Provider: c.device.Provider, Detail: fmt.Sprintf("the context did not close within %v", closeTimeout)}
	}
}
