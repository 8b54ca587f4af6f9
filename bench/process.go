package bench

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// A Process is a contender's running worker, as the driver sees it.
type Process struct {
	contender     Contender
	cmd           *exec.Cmd
	started       time.Time
	stdin, stdout *os.File
	answers       chan answer
	stderr        *tail
	limits        Limits
	ended         chan struct{} // closed when the process is gone, with exit as Wait gave it, but for ErrWaitDelay
	exit          error

	mu       sync.Mutex
	released bool // its number may be another's
	told     bool // to end, since its context has ended
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
	torn  bool // the line has no end: stdout ended within it
}

// A WorkerError says how a worker failed its part, with the end of what it wrote to
// stderr. It wraps ErrUnavailable where the worker said so.
type WorkerError struct {
	Contender string
	Reason    string
	Stderr    string // the last lines, at most a few kilobytes
	Told      bool   // by the worker, in an answer; else it ended, hung or broke the protocol
	hint      string
	cause     error
}

func (e *WorkerError) Error() string { return e.Contender + ": " + e.Reason }

// Unwrap returns ErrUnavailable or nil.
func (e *WorkerError) Unwrap() error { return e.cause }

// Hint returns what the worker said can be done about it.
func (e *WorkerError) Hint() string { return e.hint }

// StartProcess starts c's worker within l. When ctx ends the process is sent SIGTERM, with its children, and
// killed where it has not ended soon after. A fault of the worker's ends it too. While a Scratch is open, the
// worker ends with the driver however that ends.
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
	p.cmd.WaitDelay = termGrace // then exec kills the process, and wait its children
	ownGroup(p.cmd)
	p.cmd.Cancel = p.whenTold(p.cmd.Cancel)
	if err := p.start(); err != nil {
		return nil, err
	}
	announce('+', p.cmd.Process.Pid)
	go p.wait()
	go p.readAnswers()
	if err := p.confine(); err != nil {
		err = p.fault("start", err)
		p.Close()
		return nil, err
	}
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
	p.started = time.Now()
	if err := p.cmd.Start(); err != nil {
		stdin.Close()
		stdout.Close()
		return &WorkerError{Contender: p.contender.Name(), Reason: "cannot be started: " + err.Error()}
	}
	return nil
}

// wait waits for the process and ends what it leaves behind: where the system can tell that it
// has ended before it is reaped, before that, while its number is still its own.
func (p *Process) wait() {
	before := awaitEnd(p.cmd.Process.Pid)
	if before {
		p.release()
	}
	p.exit = p.cmd.Wait()
	if errors.Is(p.exit, exec.ErrWaitDelay) { // what it left behind holds a pipe: it ended well
		p.exit = nil
	}
	if !before {
		p.release()
	}
	p.stdout.SetReadDeadline(time.Now().Add(lastGrace))
	close(p.ended)
}

// release ends the worker's children, and then lets go of its number. A process group may be
// signalled only up to here: later its number can be another's.
func (p *Process) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	killGroup(p.cmd)
	p.released = true
	announce('-', p.cmd.Process.Pid)
}

// held calls do while the worker's number is its own, and reports whether it is.
func (p *Process) held(do func(pid int)) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.released {
		do(p.cmd.Process.Pid)
	}
	return !p.released
}

// whenTold is cancel, kept to the time when the worker's number is its own, and noted.
func (p *Process) whenTold(cancel func() error) func() error {
	return func() error {
		err := os.ErrProcessDone
		p.held(func(int) { p.told, err = true, cancel() })
		return err
	}
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
	lines, torn := newLines(p.stdout), false
	lines.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		advance, line, err := bufio.ScanLines(data, atEOF)
		torn = atEOF && advance > 0 && data[advance-1] != '\n'
		return advance, line, err
	})
	for lines.Scan() {
		var a answer
		if err := decodeLine(lines.Bytes(), &a.reply); err != nil {
			a.err, a.torn = fmt.Errorf("printed what is no answer: %w", err), torn
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
	reply, _, err := p.Ask(&Request{Op: "hello"})
	if want := p.contender.Precision.String(); err == nil && reply.Precision != "" && reply.Precision != want {
		return nil, p.fault("hello", fmt.Errorf("the worker computes in %s, not in %s", reply.Precision, want))
	}
	return reply, err
}

// Load has the contender load the problem in the .npy files x and d.
func (p *Process) Load(x, d string) (*Reply, error) {
	reply, _, err := p.Ask(&Request{Op: "load", X: x, D: d})
	return reply, err
}

// Descend has the contender run epochs from w, calls times over, and returns its answer and the
// driver's own clock around the exchange. A worker that did not say that it heeds calls may be asked for one only.
func (p *Process) Descend(w []float64, rate float64, epochs, calls int) (*Reply, time.Duration, error) {
	if calls == 1 {
		calls = 0 // which every worker knows
	}
	return p.Ask(&Request{Op: "descend", Epochs: epochs, Calls: calls, Rate: rate, W: w})
}

// Ask asks for anything, even what no driver asks for, and returns the answer and the driver's own clock around
// the exchange. An answer that tells of an error is that error, with Told set.
func (p *Process) Ask(req *Request) (*Reply, time.Duration, error) {
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
	limit, late := p.limits.Timeout, fmt.Errorf("gave no answer to %s within %v", req.Op, p.limits.Timeout)
	p.stdin.SetWriteDeadline(time.Now().Add(limit))
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
			a.err = cmp.Or(a.reply.check(req), a.reply.checkTimes(req, wall, time.Since(p.started)))
		}
		if !open || a.err != nil || a.reply.Error != "" {
			return nil, wall, p.refusal(req.Op, a, open)
		}
		return &a.reply, wall, nil
	case <-timeout.C:
		return nil, p.limits.Timeout, p.fault(req.Op, late)
	}
}

// died says how a worker ended that closed its stdout.
func (p *Process) died() error {
	if !p.over(lastGrace) {
		return errors.New("the worker closed its stdout without an answer")
	}
	if p.exit != nil {
		return fmt.Errorf("the worker ended: %w", p.exit)
	}
	return errors.New("the worker ended without an answer")
}

// over reports whether the worker has ended, or does so within a time.
func (p *Process) over(within time.Duration) bool {
	select {
	case <-p.ended: // though a time of 0 is up too
		return true
	default:
	}
	select {
	case <-p.ended:
		return true
	case <-time.After(within):
		return false
	}
}

// refusal is the error of an answer that is one, in the worker's own words, of one that
// answers nothing, or of none.
func (p *Process) refusal(op string, a answer, open bool) error {
	switch {
	case !open:
		return p.fault(op, p.died())
	case a.torn: // how it ended tells more than where it broke off
		return p.fault(op, fmt.Errorf("%w; before that it %w", p.died(), a.err))
	case a.err != nil:
		return p.fault(op, a.err)
	}
	e := &WorkerError{Contender: p.contender.Name(), Stderr: p.stderr.String(), Told: true, hint: a.reply.Hint}
	e.Reason = a.reply.Error + p.underLimit(a.reply.Error, false)
	if a.reply.Unavailable {
		e.cause = ErrUnavailable
	}
	return e
}

// fault is the error of a worker that has no further part in the run. It is killed, where it has not ended
// by itself: one that hangs or prints without end would take its time from the others.
func (p *Process) fault(op string, err error) error {
	byItself := p.over(0)
	p.kill()
	p.over(lastGrace) // by then all that it wrote to stderr is there
	reason := op + ": " + err.Error()
	return &WorkerError{Contender: p.contender.Name(), Reason: reason + p.underLimit(reason, byItself), Stderr: p.stderr.String()}
}

// Close asks the worker to exit, kills it and its children where it does not, and
// returns its peak memory in bytes, 0 where that is not known.
func (p *Process) Close() (peak int64) {
	peak = p.peakBytes()
	p.askToExit()
	p.stdin.Close()
	for range 2 { // one that a driver holds in the kernel outlives even a kill, but not the run
		if p.over(exitGrace) {
			break
		}
		p.kill()
	}
	return peak
}

// askToExit asks for it; a worker that is gone has no use for it.
func (p *Process) askToExit() {
	if line, err := encodeLine(&Request{Op: "exit"}); err == nil {
		p.stdin.SetWriteDeadline(time.Now().Add(exitGrace))
		p.stdin.Write(line)
	}
}

// peakBytes reads the high-water mark of the worker's resident memory; what it is now, where the system keeps none. It is
// read from the running process: the figure that wait(2) gives counts the driver's own
// memory at the time of the fork.
func (p *Process) peakBytes() (peak int64) {
	p.held(func(pid int) { peak = max(highWater(pid), int64(memoryOf(pid).RSS)) })
	return peak
}

// memoryOf returns what is known of a process's memory, zeros where nothing is.
func memoryOf(pid int) process.MemoryInfoStat {
	proc, err := process.NewProcess(int32(pid))
	if err != nil {
		return process.MemoryInfoStat{}
	}
	m, err := proc.MemoryInfo()
	if err != nil {
		return process.MemoryInfoStat{}
	}
	return *m
}

// kill ends the worker and its children, if it has not ended.
func (p *Process) kill() { p.held(func(int) { killGroup(p.cmd) }) }
