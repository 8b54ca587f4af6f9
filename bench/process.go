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
	"syscall"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// A Process is a contender's running worker, as the driver sees it.
type Process struct {
	name    string
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	answers <-chan answer
	stderr  *tail
	timeout time.Duration
	waited  func() error
	peak    int64
}

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

// Unwrap returns ErrUnavailable, a context's error, or nil.
func (e *WorkerError) Unwrap() error { return e.cause }

// Hint returns what the worker said can be done about it.
func (e *WorkerError) Hint() string { return e.hint }

// StartProcess starts c's worker. timeout bounds each exchange with it; the process is
// killed, with its children, when ctx ends.
func StartProcess(ctx context.Context, c Contender, timeout time.Duration) (*Process, error) {
	if len(c.Command) == 0 {
		return nil, &WorkerError{Contender: c.Name(), Reason: "no command is known that runs it"}
	}
	p := &Process{name: c.Name(), stderr: new(tail), timeout: timeout}
	p.cmd = exec.CommandContext(ctx, c.Command[0], c.Command[1:]...)
	p.cmd.Env = append(os.Environ(), c.Env...)
	p.cmd.Stderr = p.stderr
	p.cmd.WaitDelay = time.Second // a grandchild may hold stderr open
	ownGroup(p.cmd)
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, &WorkerError{Contender: c.Name(), Reason: "cannot be started: " + err.Error()}
	}
	answers := make(chan answer, 1)
	read := make(chan struct{})
	go func() {
		defer close(read)
		readAnswers(stdout, answers)
	}()
	p.stdin, p.answers = stdin, answers
	p.waited = sync.OnceValue(func() error {
		<-read // Wait closes stdout: everything must have been read
		return p.cmd.Wait()
	})
	return p, nil
}

// readAnswers sends the lines of r to answers until the first that is no reply.
func readAnswers(r io.Reader, answers chan<- answer) {
	defer close(answers)
	defer io.Copy(io.Discard, r)
	lines := newLines(r)
	for lines.Scan() {
		var a answer
		if err := decodeLine(lines.Bytes(), &a.reply); err != nil {
			answers <- answer{err: fmt.Errorf("printed what is no answer: %w", err)}
			return
		}
		answers <- a
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		answers <- answer{err: fmt.Errorf("printed a line of more than %d bytes", maxLine)}
	}
}

// Hello opens the contender's backend and returns what it says of itself.
func (p *Process) Hello() (*Reply, error) {
	reply, _, err := p.ask(&Request{Op: "hello"})
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
		if open && a.err == nil {
			a.err = errors.New("printed a line that nobody asked for")
		}
		return nil, 0, p.fault(req.Op, a.err)
	default:
	}
	line, err := encodeLine(req)
	if err != nil {
		return nil, 0, p.fault(req.Op, err)
	}
	timeout := time.NewTimer(p.timeout)
	defer timeout.Stop()
	start := time.Now()
	if _, err := p.stdin.Write(line); err != nil {
		return nil, 0, p.fault(req.Op, p.died())
	}
	select {
	case a, open := <-p.answers:
		wall := time.Since(start)
		if !open {
			return nil, wall, p.fault(req.Op, p.died())
		}
		if a.err == nil && a.reply.Error == "" {
			a.err = a.reply.check(req)
		}
		if a.err != nil || a.reply.Error != "" {
			return nil, wall, p.refusal(req.Op, a)
		}
		return &a.reply, wall, nil
	case <-timeout.C:
		p.kill()
		return nil, p.timeout, p.fault(req.Op, fmt.Errorf("gave no answer to %s within %v", req.Op, p.timeout))
	}
}

// died waits for a worker that closed its stdout and says how it ended.
func (p *Process) died() error {
	timer := time.AfterFunc(time.Second, p.kill)
	defer timer.Stop()
	if err := p.waited(); err != nil {
		return fmt.Errorf("the worker ended: %w", err)
	}
	return errors.New("the worker ended without an answer")
}

// refusal is the error of an answer that is one, in the worker's own words, or of one
// that answers nothing.
func (p *Process) refusal(op string, a answer) error {
	if a.err != nil {
		return p.fault(op, a.err)
	}
	e := &WorkerError{Contender: p.name, Reason: a.reply.Error, Stderr: p.stderr.String(), hint: a.reply.Hint}
	if a.reply.Unavailable {
		e.cause = ErrUnavailable
	}
	return e
}

func (p *Process) fault(op string, err error) error {
	if err == nil {
		err = p.died()
	}
	return &WorkerError{Contender: p.name, Reason: op + ": " + err.Error(), Stderr: p.stderr.String()}
}

// Close asks the worker to exit, kills it and its children where it does not, and
// returns its peak memory in bytes, 0 where that is not known.
func (p *Process) Close() (peak int64) {
	p.notePeak()
	if line, err := encodeLine(&Request{Op: "exit"}); err == nil {
		p.stdin.Write(line) // a worker that is gone has no use for it
	}
	p.stdin.Close()
	timer := time.AfterFunc(2*time.Second, p.kill)
	go func() {
		for range p.answers { // whatever it still prints must not block it
		}
	}()
	p.waited()
	timer.Stop()
	p.kill() // children that outlived it
	return p.peak
}

// notePeak reads the high-water mark of the worker's resident memory. It is read
// from the running process: the figure that wait(2) gives counts the driver's own
// memory at the time of the fork.
func (p *Process) notePeak() {
	proc, err := process.NewProcess(int32(p.cmd.Process.Pid))
	if err != nil {
		return
	}
	if m, err := proc.MemoryInfo(); err == nil {
		p.peak = max(p.peak, int64(m.HWM), int64(m.RSS))
	}
}

func (p *Process) kill() { killGroup(p.cmd, syscall.SIGKILL) }

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
