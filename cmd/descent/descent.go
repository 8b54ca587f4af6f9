package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"descent/bench"
	"descent/bench/typeset"
	"descent/cmd/internal/screen"
	"descent/dataset"
)

// A descent is the gradient descent of one fit, in a worker.
type descent struct {
	*fitCommand
	contender bench.Contender
	model     *model // says in the end how the descent went
	problem   *dataset.Problem
	oracle    *dataset.Trajectory

	show      *screen.Progress
	began     time.Time
	exactTook time.Duration     // exact least squares
	note      func(text string) // prints a remark
	noted     bool
	firstTook time.Duration // the first chunk
	pace      time.Duration // of an epoch; 0 until it is known
}

// firstChunk is how many epochs pass before the first look at the gradient. Each later chunk is
// twice as long, so that looking costs little.
const firstChunk = 64

// run descends until the gradient is small enough, and returns w.
func (d *descent) run(ctx context.Context) (w []float64, err error) {
	m := d.model
	if d.oracle, err = dataset.NewTrajectory(d.problem, d.contender.Precision); err != nil {
		return nil, err
	}
	m.Contender, m.Rate = d.contender.Name(), cmp.Or(d.rate, d.oracle.SafeRate())
	if err := d.oracle.CheckRate(m.Rate); err != nil {
		return nil, usage(err, rateHint(err, true))
	}
	d.show.Tell(screen.Job{Doing: "starting " + m.Contender, Start: time.Now()})
	worker, done, err := d.start(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	w0 := make([]float64, d.problem.P+1)
	w, first := w0, d.problem.Residuals(w0).GradientNorm
	m.GradientShare, m.Ending, d.began = 1, "epochs", time.Now()
	for chunk := firstChunk; m.Epochs < int(d.epochs); chunk *= 2 {
		chunk = min(chunk, int(d.epochs)-m.Epochs)
		d.tell(chunk)
		reply, _, err := worker.Descend(w, m.Rate, chunk, 1)
		if err != nil {
			return nil, err
		}
		d.count(chunk, time.Duration(reply.RunNS))
		w = reply.W
		if _, err := d.oracle.Check(w0, w, m.Rate, m.Epochs); err != nil {
			return nil, statusError{fmt.Errorf("%s is wrong after %d epochs: %w", m.Contender, m.Epochs, err), exitWrong, ""}
		}
		share := 0.0
		if first > 0 {
			share = d.problem.Residuals(w).GradientNorm / first
		}
		if share <= d.tolerance {
			m.GradientShare, m.Ending = share, "tolerance"
			return w, nil
		}
		stalled := share >= m.GradientShare && m.Epochs > firstChunk
		m.GradientShare = share
		if stalled {
			m.Ending = "rounding"
			return w, nil
		}
	}
	return w, nil
}

// start starts the worker and loads the problem. It writes the algorithm into the model, if the
// contender has another one. done ends the worker and removes the files of the problem.
func (d *descent) start(ctx context.Context) (worker *bench.Process, done func(), err error) {
	scratch, err := bench.NewScratch()
	if err != nil {
		return nil, nil, err
	}
	done = func() {
		if worker != nil {
			worker.Close()
		}
		scratch.Close()
	}
	defer func() {
		if err != nil {
			done()
		}
	}()
	x, targets, err := bench.WriteProblem(scratch.Path, d.problem)
	if err != nil {
		return nil, nil, err
	}
	if worker, err = bench.StartProcess(ctx, d.contender, d.workers.limits()); err != nil {
		return nil, nil, err
	}
	hello, err := worker.Hello()
	if err != nil {
		return worker, done, err
	}
	d.model.Algorithm = hello.Algorithm
	_, err = worker.Load(x, targets)
	return worker, done, err
}

// count adds a chunk to the model. The first chunk does not count for the pace: it has what a GPU
// compiles. Another algorithm has no pace, because an epoch is not what it spends its time on.
func (d *descent) count(epochs int, took time.Duration) {
	m := d.model
	if m.Epochs == 0 {
		d.firstTook = took
	}
	m.Epochs += epochs
	m.Time += took
	if counted := m.Epochs - firstChunk; counted > 0 && m.Algorithm == "" {
		d.pace = (m.Time - d.firstTook) / time.Duration(counted)
	}
}

// tell says how far the descent is before the next chunk. If it is going to take long, tell notes
// once what takes less.
func (d *descent) tell(next int) {
	const (
		known = time.Second      // what less time tells of the pace is noise
		long  = 10 * time.Second // worth a note
		times = 10               // if exact least squares is so much faster
	)
	m, total := d.model, d.end(next)
	job := screen.Job{
		Doing:  fmt.Sprintf("%s of %s epochs", typeset.Count(m.Epochs), typeset.Count(total)),
		Detail: fmt.Sprintf("gradient down to %.1e", m.GradientShare), Start: d.began,
	}
	left := time.Duration(min(float64(total-m.Epochs)*float64(d.pace), 1<<62))
	if m.Time >= known && left > 0 {
		job.Ends = time.Now().Add(left)
		if !d.noted && left >= long && left >= times*d.exactTook {
			d.noted = true
			d.show.End()
			d.note(fmt.Sprintf("the descent takes about %s more, exact least squares took %s", typeset.Span(left.Round(time.Second)), typeset.Duration(d.exactTook)))
		}
	}
	d.show.Tell(job)
}

// end returns how many epochs there will be in the end, if the next chunk is as long as next. The
// closed form of the descent tells when the gradient is small enough. Rounding may end the descent
// earlier.
func (d *descent) end(next int) int {
	m := d.model
	total := m.Epochs
	for chunk := next; total < int(d.epochs); chunk *= 2 {
		total += min(chunk, int(d.epochs)-total)
		if d.oracle.GradientShare(m.Rate, total) <= max(d.tolerance, d.contender.Precision.Unit()) {
			break
		}
	}
	return total
}
