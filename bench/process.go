package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// A Process is a contender's running worker, as the driver sees it.
type Process struct {
	contender     Contender
	cmd           *exec.Cmd
	stdin, stdout *os.File
	answers       chan answer
	stderr        *tail
	timeout       time.Duration
	ended         chan struct{} // closed when the process is gone, with exit as Wait gave it
	exit          error
}

// How long a worker that is asked to exit may take, how long one that is told to by
// SIGTERM, and how long what it left behind, a pipe that a grandchild holds open or an
// answer it gave last, is waited for.
const (
	exitGrace = 2 * time.Second
	termGrace = 500 * time.Millisecond
	lastGrace = time.Second
)

// An answer is one line from the worker, or why there will be no more.
type answer struct {
	reply Reply
	err   error
}

// A WorkerError says how a worker failed its part, with the end of what it wrote to
// stderr. It wraps ErrUnavailable where the worker said so.
type WorkerError struct {
	Contender string
	Reason    string
	Stderr    string // the last lines, at most a few kilobytes
	hint      string
	cause     error
}

func (e *WorkerError) Error() string { return e.Contender + ": " + e.Reason }

// Unwrap returns ErrUnavailable or nil.
func (e *WorkerError) Unwrap() error { return e.cause }

// Hint returns what the worker said can be done about it.
func (e *WorkerError) Hint() string { return e.hint }

// StartProcess starts c's worker. timeout bounds each exchange with it; when ctx ends the
// process is sent SIGTERM, with its children, and killed where it has not ended soon after.
func StartProcess(ctx context.Context, c Contender, timeout time.Duration) (*Process, error) {
	if len(c.Command) == 0 {
		return nil, &WorkerError{Contender: c.Name(), Reason: "no command is known that runs it"}
	}
	p := &Process{contender: c, stderr: new(tail), timeout: timeout, answers: make(chan answer, 2), ended: make(chan struct{})}
	p.cmd = exec.CommandContext(ctx, c.Command[0], c.Command[1:]...)
	p.cmd.Env = append(os.Environ(), c.Env...)
	p.cmd.Stderr = p.stderr
	p.cmd.WaitDelay = termGrace // then exec kills the process, and wait its children
	ownGroup(p.cmd)
	if err := p.start(); err != nil {
		return nil, err
	}
	go p.wait()
	go p.readAnswers()
	return p, nil
}

// start starts the process on pipes of the driver's own: exec's take no deadline, and
// its Wait closes stdout whether it was read or not.
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
	if err := p.cmd.Start(); err != nil {
		stdin.Close()
		stdout.Close()
		return &WorkerError{Contender: p.contender.Name(), Reason: "cannot be started: " + err.Error()}
	}
	return nil
}

// wait waits for the process and ends what it leaves behind. A process group may be
// signalled only up to here: later its number can be another's.
func (p *Process) wait() {
	p.exit = p.cmd.Wait()
	killGroup(p.cmd)
	p.stdout.SetReadDeadline(time.Now().Add(lastGrace))
	close(p.ended)
}

// readAnswers sends the lines of stdout to answers until the first that is no reply. It
// never waits for a reader: of two answers at least one was not asked for, so that what
// follows has no bearing.
func (p *Process) readAnswers() {
	defer p.stdout.Close()
	defer close(p.answers)
	defer io.Copy(io.Discard, p.stdout) // a worker that prints on must not block
	send := func(a answer) (goOn bool) {
		select {
		case p.answers <- a:
			return a.err == nil
		default:
			return false
		}
	}
	lines := newLines(p.stdout)
	for lines.Scan() {
		var a answer
		if err := decodeLine(lines.Bytes(), &a.reply); err != nil {
			a.err = fmt.Errorf("printed what is no answer: %w", err)
		}
		if !send(a) {
			return
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		send(answer{err: fmt.Errorf("printed a line of more than %d bytes", maxLine)})
	}
}

// Hello opens the contender's backend and returns what it says of itself.
func (p *Process) Hello() (*Reply, error) {
	reply, _, err := p.ask(&Request{Op: "hello"})
	if want := p.contender.Precision.String(); err == nil && reply.Precision != "" && reply.Precision != want {
		return nil, p.fault("hello", fmt.Errorf("the worker computes in %s, not in %s", reply.Precision, want))
	}
	return reply, err
}

// Load has the contender load the problem in the .npy files x and d.
func (p *Process) Load(x, d string) (*Reply, error) {
	reply, _, err := p.ask(&Request{Op: "load", X: x, D: d})
	return reply, err
}

// Descend has the contender run epochs from w, and returns its answer and the
// driver's own clock around the exchange.
func (p *Process) Descend(w []float64, rate float64, epochs int) (*Reply, time.Duration, error) {
	return p.ask(&Request{Op: "descend", Epochs: epochs, Rate: rate, W: w})
}

func (p *Process) ask(req *Request) (*Reply, time.Duration, error) {
	select {
	case a, open := <-p.answers:
		if open && a.err == nil && a.reply.Error == "" {
			a.err = errors.New("printed a line that nobody asked for")
		}
		return nil, 0, p.refusal(req.Op, a, open)
	default:
	}
	line, err := encodeLine(req)
	if err != nil {
		return nil, 0, p.fault(req.Op, err)
	}
	p.stdin.SetWriteDeadline(time.Now().Add(p.timeout))
	limit, late := p.timeout, fmt.Errorf("gave no answer to %s within %v", req.Op, p.timeout)
	start := time.Now()
	_, err = p.stdin.Write(line)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		limit = 0
	case err != nil: // it reads no more, but may have said why
		limit, late = lastGrace, fmt.Errorf("closed its stdin before it answered %s", req.Op)
	}
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	select {
	case a, open := <-p.answers:
		wall := time.Since(start)
		if open && a.err == nil && a.reply.Error == "" {
			a.err = a.reply.check(req)
		}
		if !open || a.err != nil || a.reply.Error != "" {
			return nil, wall, p.refusal(req.Op, a, open)
		}
		return &a.reply, wall, nil
	case <-timeout.C:
		p.kill()
		return nil, p.timeout, p.fault(req.Op, late)
	}
}

// died says how a worker ended that closed its stdout, and ends one that did not end.
func (p *Process) died() error {
	select {
	case <-p.ended:
	case <-time.After(lastGrace):
		p.kill()
		return errors.New("the worker closed its stdout without an answer")
	}
	if p.exit != nil && !errors.Is(p.exit, exec.ErrWaitDelay) {
		return fmt.Errorf("the worker ended: %w", p.exit)
	}
	return errors.New("the worker ended without an answer")
}

// refusal is the error of an answer that is one, in the worker's own words, of one that
// answers nothing, or of none.
func (p *Process) refusal(op string, a answer, open bool) error {
	switch {
	case !open:
		return p.fault(op, p.died())
	case a.err != nil:
		return p.fault(op, a.err)
	}
	e := &WorkerError{Contender: p.contender.Name(), Reason: a.reply.Error, Stderr: p.stderr.String(), hint: a.reply.Hint}
	if a.reply.Unavailable {
		e.cause = ErrUnavailable
	}
	return e
}

func (p *Process) fault(op string, err error) error {
	return &WorkerError{Contender: p.contender.Name(), Reason: op + ": " + err.Error(), Stderr: p.stderr.String()}
}

// Close asks the worker to exit, kills it and its children where it does not, and
// returns its peak memory in bytes, 0 where that is not known.
func (p *Process) Close() (peak int64) {
	peak = p.peakBytes()
	if line, err := encodeLine(&Request{Op: "exit"}); err == nil {
		p.stdin.SetWriteDeadline(time.Now().Add(exitGrace))
		p.stdin.Write(line) // a worker that is gone has no use for it
	}
	p.stdin.Close()
	for range 2 { // one that a driver holds in the kernel outlives even a kill, but not the run
		select {
		case <-p.ended:
			return peak
		case <-time.After(exitGrace):
			p.kill()
		}
	}
	return peak
}

// peakBytes reads the high-water mark of the worker's resident memory. It is read
// from the running process: the figure that wait(2) gives counts the driver's own
// memory at the time of the fork.
func (p *Process) peakBytes() int64 {
	select {
	case <-p.ended:
		return 0 // its number can be another's
	default:
	}
	proc, err := process.NewProcess(int32(p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	m, err := proc.MemoryInfo()
	if err != nil {
		return 0
	}
	return int64(max(m.HWM, m.RSS))
}

// kill ends the worker and its children, if it has not ended.
func (p *Process) kill() {
	select {
	case <-p.ended:
	default:
		killGroup(p.cmd)
	}
}

// A tail keeps the last bytes written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

const tailBytes = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b[max(0, len(b)-tailBytes):]...)
	t.buf = t.buf[max(0, len(t.buf)-tailBytes):]
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.ToValidUTF8(strings.TrimSpace(string(t.buf)), "�")
}
