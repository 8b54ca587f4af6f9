package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"descent/bench"
	"descent/dataset"
)

// A Worker is an outside program under test, by the command that starts it.
type Worker struct {
	Contender bench.Contender // named after what hello says
	Hello     bench.Reply     // as it was first answered

	ctx         context.Context
	limits      bench.Limits
	dir         string // of the data
	maxFeatures int    // 0 is any number
	stays       bool   // it does not exit when it is asked to
	loadsOnce   bool
}

// Terms are what a Worker is tested under.
type Terms struct {
	Precision   *dataset.Precision // nil is what hello says
	MaxFeatures int                // that the program takes; 0 is any number
	Limits      bench.Limits
	Dir         string // a folder for data, whose owner removes it
}

// Meet starts the program that command runs, and says hello to it. The error says why it is no worker, or one of another
// precision.
func Meet(ctx context.Context, command []string, t Terms) (*Worker, error) {
	w := &Worker{ctx: ctx, limits: t.Limits, dir: t.Dir, maxFeatures: t.MaxFeatures}
	w.Contender = bench.Contender{Backend: strings.TrimSuffix(filepath.Base(command[0]), ".exe"), Command: command}
	if t.Precision != nil {
		w.Contender.Precision = *t.Precision
	}
	p, err := bench.StartProcess(ctx, w.Contender, w.limits)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	hello, _, err := p.Ask(&bench.Request{Op: "hello"})
	if err != nil {
		return nil, err
	}
	w.stays = late(p.Leave(bench.ByExit))
	w.Hello = *hello
	if hello.Precision != "" {
		told, err := dataset.ParsePrecision(hello.Precision)
		if err != nil {
			return nil, fmt.Errorf("%s: hello: %w", w.Contender.Name(), err)
		}
		if t.Precision != nil && told != *t.Precision {
			return nil, fmt.Errorf("%s: hello: the worker computes in %s, not in %s", w.Contender.Name(), told, *t.Precision)
		}
		w.Contender.Precision = told
	}
	if name, _, _ := strings.Cut(hello.Name, "/"); name != "" {
		w.Contender.Backend = name
	}
	return w, nil
}

// A WorkerCheck finds out whether a worker keeps one promise, of the protocol or of the contract of bench.Backend.
type WorkerCheck struct {
	Promise string
	Remedy  string // what to do in a program that breaks it
	Gate    bool   // where it is broken the others tell nothing
	broken  func(*Worker) error
}

// A Mild error is of a promise that a run does without.
type Mild struct{ Err error }

// Unwrap returns what is mild.
func (m Mild) Unwrap() error { return m.Err }

func (m Mild) Error() string { return m.Err.Error() }

// Run returns how w breaks the promise, one case a line, and nil where it keeps it: a Mild error where it is
// fit to run all the same, and one that wraps ErrWrong where an answer was wrong.
func (c WorkerCheck) Run(w *Worker) error { return c.broken(w) }

// WorkerChecks returns all of them, those of the protocol around those of Checks that tell something of a worker.
func WorkerChecks() []WorkerCheck {
	checks := conversation()
	for _, c := range Checks() {
		if c.remedy != "" {
			checks = append(checks, c.ofWorker())
		}
	}
	return slices.Concat(checks, timing(), mistakes())
}

// ofWorker is the check, as of a worker.
func (c Check) ofWorker() WorkerCheck {
	return WorkerCheck{Promise: c.Promise, Remedy: c.remedy, broken: func(w *Worker) error {
		err := c.Run(w.Contender.Precision, w.open, MaxFeatures(w.maxFeatures))
		if err == nil || !c.mild(err) {
			return err
		}
		w.loadsOnce = w.loadsOnce || c.Promise == secondLoad
		return Mild{err}
	}}
}

// open is a bench.Factory.
func (w *Worker) open() (bench.Backend, error) { return w.remote() }

// A remote is a worker's process.
type remote struct {
	*bench.Remote
	stays  bool
	cancel func()
}

// Close ends the process, without waiting for an exit that is known not to come.
func (r remote) Close() error {
	defer r.cancel()
	if r.stays {
		r.cancel()
	}
	return r.Remote.Close()
}

// remote starts a process and says hello.
func (w *Worker) remote() (remote, error) {
	ctx, cancel := context.WithCancel(w.ctx)
	r, err := bench.OpenRemote(ctx, w.Contender, w.limits, w.dir, w.loadsOnce)
	if err != nil {
		cancel()
		return remote{}, err
	}
	return remote{r, w.stays, cancel}, nil
}

// with calls do with a new process that was said hello to.
func (w *Worker) with(do func(remote) error) error {
	r, err := w.remote()
	if err != nil {
		return err
	}
	defer r.Close()
	return do(r)
}

// loaded calls do with a new process that has loaded the generated problem of n samples and one feature.
func (w *Worker) loaded(n int, do func(*bench.Process, *dataset.Problem) error) error {
	return w.with(func(r remote) error {
		loaded, err := load(r, n, 1)
		if err != nil {
			return err
		}
		return do(r.Process(), loaded.Problem)
	})
}

// firstAnswerIsRight is about a small problem: whoever does not solve it has no use for what the others would find.
func (w *Worker) firstAnswerIsRight() error { return w.solves(100, 1, 0, 1, 20) }

// solves has a new process solve the generated problem of n samples and p features, by each of the numbers of epochs.
func (w *Worker) solves(n, p int, epochs ...int) error {
	return w.with(func(r remote) error {
		loaded, err := load(r, n, p)
		if err != nil {
			return err
		}
		return suite{prec: w.Contender.Precision}.answers(loaded, epochs...)
	})
}

// someFeatures are the numbers of features that are tried where a program is said to take any.
var someFeatures = []int{2, 3, 7, 8, 9, 16, 17, 65, 129, 512}

// featuresAreTold tries one feature more than the program is said to take. Where it is said to take any number, it tries more
// and more of them, and the checks after it go on with the most that were taken.
func (w *Worker) featuresAreTold() error {
	if w.maxFeatures > 0 {
		if err := w.solves(10, w.maxFeatures+1, 1); !toldBy(err) {
			return err
		}
		return nil
	}
	most := 1
	for _, p := range someFeatures {
		err := w.solves(10, p, 1)
		switch {
		case err == nil:
			most = p
			continue
		case errors.Is(err, ErrWrong):
			return err
		}
		w.maxFeatures = most
		err = fmt.Errorf("%w\ncheck it with --features %d, as the checks below do", err, most)
		if toldBy(err) {
			return Mild{err}
		}
		return err
	}
	return nil
}

// late reports whether a worker that was told to end did not.
func late(err error) bool {
	var e *bench.LeavingError
	return errors.As(err, &e)
}

// ended reports whether an error is of a worker that ended, hung or broke the protocol.
func ended(err error) bool {
	var e *bench.WorkerError
	return errors.As(err, &e) && !e.Told
}

// toldBy reports whether an error is in the worker's own words.
func toldBy(err error) bool {
	var e *bench.WorkerError
	return errors.As(err, &e) && e.Told
}

// files writes the generated problem of n samples and one feature into a folder within that of the data.
func (w *Worker) files(name string, n int) (x, d string, err error) {
	p, err := problem(n, 1)
	if err != nil {
		return "", "", err
	}
	dir := filepath.Join(w.dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", "", err
	}
	return bench.WriteProblem(dir, p)
}
