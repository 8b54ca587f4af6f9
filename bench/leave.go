package bench

import (
	"errors"
	"fmt"
	"time"
)

// A Leaving is a way in which a worker is told to end.
type Leaving int

// The ways: the request to exit, the end of its stdin, and SIGTERM, which is a kill where the system has none.
const (
	ByExit Leaving = iota
	ByEndOfInput
	BySignal
)

// A LeavingError says that a worker which was told to end did not do so in time.
type LeavingError struct{ After time.Duration }

func (e *LeavingError) Error() string { return fmt.Sprintf("it did not end within %v", e.After) }

// ErrAfterLast is of a worker that printed lines behind the answers it was asked for.
var ErrAfterLast = errors.New("printed a line after its last answer")

// Leave tells the worker to end, and returns how it ended, as exec.Cmd's Wait does; a *LeavingError where it did not
// within the time that the driver gives it, and was killed; or ErrAfterLast. Close is to be called after it as without it.
func (p *Process) Leave(how Leaving) error {
	grace := exitGrace
	switch how {
	case ByExit:
		p.askToExit()
	case ByEndOfInput:
		p.stdin.Close()
	case BySignal:
		grace = termGrace
		p.cmd.Cancel() // nothing, to one that has ended
	}
	if !p.over(grace) {
		p.kill()
		p.over(lastGrace)
		return &LeavingError{grace}
	}
	a, more := <-p.answers // which closes: what was left behind is not read for long
	switch {
	case !more:
		return p.exit
	case a.err != nil:
		return fmt.Errorf("%w: %w", ErrAfterLast, a.err)
	}
	return ErrAfterLast
}
