package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"descent/bench/internal/proc"
)

// A Process is the running worker of a contender, as the driver sees it.
type Process struct {
	contender     Contender
	cmd           *exec.Cmd
	started       time.Time
	stdin, stdout *os.File
	answers       chan answer
	stderr        *tail
	limits        Limits
	ended         chan struct{} // closed when the process is gone
	// exit is what exec.Cmd.Wait returned, but for exec.ErrWaitDelay. It is set before ended is
	// closed.
	exit error

	mu       sync.Mutex
	released bool // the process ID may be another's
	canceled bool // the worker was told to end, because its context has ended
}

// How long the driver waits for a worker.
const (
	exitGrace = 2 * time.Second        // after the request to exit
	termGrace = 500 * time.Millisecond // after SIGTERM
	// lastGrace is for what a worker left: a pipe that a grandchild holds, a last answer.
	lastGrace = time.Second
)

// A WorkerError says how a worker failed. It wraps ErrUnavailable if the worker said so.
type WorkerError struct {
	Contender string
	Reason    string
	Stderr    string // the last lines of its stderr, at most a few kilobytes
	// Answered says that the worker told the fault in an answer. Otherwise it ended, hung or broke
	// the protocol.
	Answered bool
	hint     string
	cause    error
}

func (e *WorkerError) Error() string { return e.Contender + ": " + e.Reason }

// Unwrap returns ErrUnavailable or nil.
func (e *WorkerError) Unwrap() error { return e.cause }

// Hint returns what the worker said can be done about it.
func (e *WorkerError) Hint() string { return e.hint }

// StartProcess starts the worker of c within l. When ctx ends, the worker and its children are sent
// SIGTERM, and are killed if they do not end soon. A worker that hangs or breaks the
// protocol is killed too. While a
// Scratch is open, the worker ends with the driver, however the driver ends.
func StartProcess(ctx context.Context, c Contender, l Limits) (*Process, error) {
	if c.Absent != nil {
		reply := errorReply(c.Absent)
		return nil, &WorkerError{Contender: c.Name(), Reason: reply.Error, hint: reply.Hint, cause: ErrUnavailable}
	}
	if len(c.Command) == 0 {
		return nil, &WorkerError{Contender: c.Name(), Reason: "no command is known that runs it"}
	}
	if l.Memory > 0 {
		if err := CanLimitMemory(); err != nil {
			return nil, err
		}
	}
	p := &Process{contender: c, limits: l, answers: make(chan answer, 2), ended: make(chan struct{})}
	p.stderr = &tail{watched: l.Memory > 0}
	p.cmd = exec.CommandContext(ctx, c.Command[0], c.Command[1:]...)
	p.cmd.Env = append(os.Environ(), c.Env...)
	p.cmd.Stderr = p.stderr
	p.cmd.WaitDelay = termGrace // then exec kills the process, and wait kills its children
	proc.OwnGroup(p.cmd)
	p.cmd.Cancel = p.whileHeld(p.cmd.Cancel)
	if err := p.start(); err != nil {
		return nil, err
	}
	announceStart(p.cmd.Process.Pid)
	go p.wait()
	go p.readAnswers()
	if err := p.confine(); err != nil {
		err = p.Fail("start", err)
		p.Close()
		return nil, err
	}
	return p, nil
}

// start starts the process on pipes of the driver's own. The pipes of exec take no deadline, and
// its Wait closes stdout even if it was not read to its end.
func (p *Process) start() error {
	childIn, stdin, err := os.Pipe()
	if err != nil {
		return err
	}
	defer childIn.Close()
	stdout, childOut, err := os.Pipe()
	if err != nil {
		return errors.Join(err, stdin.Close())
	}
	defer childOut.Close()
	p.cmd.Stdin, p.cmd.Stdout = childIn, childOut
	p.stdin, p.stdout = stdin, stdout
	p.started = time.Now()
	if err := p.cmd.Start(); err != nil {
		stdin.Close()
		stdout.Close()
		return &WorkerError{Contender: p.contender.Name(), Reason: "cannot be started: " + err.Error()}
	}
	return nil
}

// wait waits for the end of the process, and then ends what it leaves behind. If the system can
// tell that the process has ended before it is reaped, its children are killed while its ID is its
// own.
func (p *Process) wait() {
	unreaped := proc.AwaitEnd(p.cmd.Process.Pid)
	if unreaped {
		p.release()
	}
	p.exit = p.cmd.Wait()
	if errors.Is(p.exit, exec.ErrWaitDelay) { // a child holds a pipe; the worker itself ended well
		p.exit = nil
	}
	if !unreaped {
		p.release()
	}
	p.stdout.SetReadDeadline(time.Now().Add(lastGrace))
	close(p.ended)
}

// release kills the worker's children and gives up its process ID. From then on no process group
// may be signalled by that ID: it can be another's.
func (p *Process) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	proc.KillGroup(p.cmd)
	p.released = true
	announceEnd(p.cmd.Process.Pid)
}

// held calls do while the process ID is the worker's own, and otherwise does nothing.
func (p *Process) held(do func(pid int)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.released {
		do(p.cmd.Process.Pid)
	}
}

// whileHeld wraps cancel: it runs only while the process ID is the worker's own, and is noted in
// canceled.
func (p *Process) whileHeld(cancel func() error) func() error {
	return func() error {
		err := os.ErrProcessDone
		p.held(func(int) { p.canceled, err = true, cancel() })
		return err
	}
}

// endsWithin reports whether the worker has ended, or ends within a time.
func (p *Process) endsWithin(limit time.Duration) bool {
	select {
	case <-p.ended: // first, because a limit of 0 is ready too
		return true
	default:
	}
	select {
	case <-p.ended:
		return true
	case <-time.After(limit):
		return false
	}
}

// kill ends the worker and its children, unless the worker has ended.
func (p *Process) kill() { p.held(func(int) { proc.KillGroup(p.cmd) }) }

// Close asks the worker to exit, and kills it and its children if it does not. It returns the
// worker's peak memory in bytes, 0 if that is not known.
func (p *Process) Close() (peak int64) {
	peak = p.peakBytes()
	p.askToExit()
	p.stdin.Close()
	// The GPU's driver can hold a process in the kernel past a kill, but must not hold the run.
	for range 2 {
		if p.endsWithin(exitGrace) {
			break
		}
		p.kill()
	}
	return peak
}

// A Leaving is a way in which a worker is told to end.
type Leaving int

// The ways in which a worker is told to end.
const (
	ByExit       Leaving = iota // the request to exit
	ByEndOfInput                // the end of its stdin
	BySignal                    // SIGTERM, or a kill on a system that has no signals
)

// A LeavingError says that a worker did not end in time after it was told to.
type LeavingError struct{ After time.Duration }

func (e *LeavingError) Error() string { return fmt.Sprintf("it did not end within %v", e.After) }

// ErrAfterLast says that a worker printed lines after its last answer.
var ErrAfterLast = errors.New("printed a line after its last answer")

// Leave tells the worker to end, and returns how it ended, as exec.Cmd.Wait does. It returns a
// *LeavingError if the worker did not end in time and was killed, and ErrAfterLast if it printed
// more than it was asked for. Close is still to be called.
func (p *Process) Leave(how Leaving) error {
	grace := exitGrace
	switch how {
	case ByExit:
		p.askToExit()
	case ByEndOfInput:
		p.stdin.Close()
	case BySignal:
		grace = termGrace
		p.cmd.Cancel() // it does nothing to a process that has ended
	}
	if !p.endsWithin(grace) {
		p.kill()
		p.endsWithin(lastGrace)
		return &LeavingError{grace}
	}
	a, more := <-p.answers // it closes soon: stdout has a deadline once the process is gone
	switch {
	case !more:
		return p.exit
	case a.err != nil:
		return fmt.Errorf("%w: %w", ErrAfterLast, a.err)
	}
	return ErrAfterLast
}
