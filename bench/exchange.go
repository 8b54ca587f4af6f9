package bench

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"descent/bench/internal/jsonl"
)

// An answer is one line from the worker, or the reason why no more will come.
type answer struct {
	reply Reply
	err   error
	torn  bool // the line has no end: stdout ended within it
	none  bool // stdout ended before it
}

// bad reports whether the worker answered with an error, or with nothing that can be read.
func (a *answer) bad() bool { return a.none || a.err != nil || a.reply.Error != "" }

// readAnswers sends the lines of stdout to answers, up to the first line that is no reply. It never
// waits for a reader: of two answers in the channel at least one was not asked for, so what follows
// does not matter.
func (p *Process) readAnswers() {
	defer p.stdout.Close()
	defer close(p.answers)
	defer io.Copy(io.Discard, p.stdout) // a worker that goes on printing must not block
	send := func(a answer) (goOn bool) {
		select {
		case p.answers <- a:
			return a.err == nil
		default:
			return false
		}
	}
	lines, torn := jsonl.NewScanner(p.stdout), false
	lines.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		advance, line, err := bufio.ScanLines(data, atEOF)
		torn = atEOF && advance > 0 && data[advance-1] != '\n'
		return advance, line, err
	})
	for lines.Scan() {
		var a answer
		if err := jsonl.Decode(lines.Bytes(), &a.reply); err != nil {
			a.err, a.torn = fmt.Errorf("printed what is no answer: %w", err), torn
		}
		if !send(a) {
			return
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		send(answer{err: fmt.Errorf("printed a line of more than %d bytes", jsonl.MaxLine)})
	}
}

// Hello opens the contender's backend, and returns what the worker says about it.
func (p *Process) Hello() (*Reply, error) {
	reply, _, err := p.Ask(&Request{Op: "hello"})
	if want := p.contender.Precision.String(); err == nil && reply.Precision != "" && reply.Precision != want {
		return nil, p.Fail("hello", fmt.Errorf("the worker computes in %s, not in %s", reply.Precision, want))
	}
	return reply, err
}

// Load makes the contender load the problem in the .npy files x and d.
func (p *Process) Load(x, d string) (*Reply, error) {
	reply, _, err := p.Ask(&Request{Op: "load", X: x, D: d})
	return reply, err
}

// Descend makes the contender run epochs from w, calls times over. It returns the worker's answer,
// and the time of the exchange on the driver's clock. calls is 1 unless the worker said in its
// answer to hello that it heeds calls.
func (p *Process) Descend(w []float64, rate float64, epochs, calls int) (*Reply, time.Duration, error) {
	if calls == 1 {
		calls = 0 // which every worker knows
	}
	return p.Ask(&Request{Op: "descend", Epochs: epochs, Calls: calls, Rate: rate, W: w})
}

// Ask sends any request, even one that no driver sends. It returns the answer, and the time of the
// exchange on the driver's clock. If the answer tells of an error, that is the error, with
// Answered set.
func (p *Process) Ask(req *Request) (*Reply, time.Duration, error) {
	select {
	case a, open := <-p.answers:
		a.none = !open
		if !a.bad() {
			a.err = errors.New("printed a line that nobody asked for")
		}
		return nil, 0, p.refusal(req.Op, a)
	default:
	}
	line, err := jsonl.Encode(req)
	if err != nil {
		return nil, 0, p.Fail(req.Op, err)
	}
	limit, late := p.limits.Timeout, fmt.Errorf("gave no answer to %s within %v", req.Op, p.limits.Timeout)
	p.stdin.SetWriteDeadline(time.Now().Add(limit))
	start := time.Now()
	_, err = p.stdin.Write(line)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		limit = 0
	case err != nil: // the worker reads no more, but may have said why
		limit, late = lastGrace, fmt.Errorf("closed its stdin before it answered %s", req.Op)
	}
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	select {
	case a, open := <-p.answers:
		wall := time.Since(start)
		a.none = !open
		if !a.bad() {
			a.err = cmp.Or(a.reply.check(req), a.reply.checkTimes(req, wall, time.Since(p.started)))
		}
		if a.bad() {
			return nil, wall, p.refusal(req.Op, a)
		}
		return &a.reply, wall, nil
	case <-timeout.C:
		return nil, p.limits.Timeout, p.Fail(req.Op, late)
	}
}

// askToExit sends the request to exit. Its error does not matter: a worker that is gone needs none.
func (p *Process) askToExit() {
	if line, err := jsonl.Encode(&Request{Op: "exit"}); err == nil {
		p.stdin.SetWriteDeadline(time.Now().Add(exitGrace))
		p.stdin.Write(line)
	}
}

// refusal returns the error of an answer that is bad.
func (p *Process) refusal(op string, a answer) error {
	switch {
	case a.none:
		return p.Fail(op, p.died())
	case a.torn: // how the worker ended tells more than where its line broke off
		return p.Fail(op, fmt.Errorf("%w; before that it %w", p.died(), a.err))
	case a.err != nil:
		return p.Fail(op, a.err)
	}
	e := &WorkerError{Contender: p.contender.Name(), Stderr: p.stderr.String(), Answered: true, hint: a.reply.Hint}
	e.Reason = a.reply.Error + p.underLimit(a.reply.Error)
	if a.reply.Unavailable {
		e.cause = ErrUnavailable
	}
	return e
}

// died says how a worker ended that closed its stdout.
func (p *Process) died() error {
	if !p.endsWithin(lastGrace) {
		return errors.New("the worker closed its stdout without an answer")
	}
	if p.exit != nil {
		return fmt.Errorf("the worker ended: %w", p.exit)
	}
	return errors.New("the worker ended without an answer")
}

// Fail ends the worker's part in the run: it kills the worker and returns the WorkerError for err
// in answer to op. A worker that hangs, or prints without end, would take its time from the others.
func (p *Process) Fail(op string, err error) error {
	byItself := p.endsWithin(0)
	p.kill()
	p.endsWithin(lastGrace) // by then all that it wrote to stderr is there
	reason := op + ": " + err.Error()
	note := p.underLimit(reason)
	if note == "" && byItself && p.signalled() {
		note = p.limitNote()
	}
	return &WorkerError{Contender: p.contender.Name(), Reason: reason + note, Stderr: p.stderr.String()}
}
