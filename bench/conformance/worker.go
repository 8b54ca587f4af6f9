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

// A Worker is an outside program under test. Its methods start a process for each check.
type Worker struct {
	Contender bench.Contender // named as in the answer to hello
	Hello     bench.Reply     // the first answer to hello

	ctx         context.Context
	limits      bench.Limits
	dir         string // for data files
	maxFeatures int    // the most that it takes; 0 is any number
	stays       bool   // it does not end at the request exit
	loading     bench.Loading
}

// Terms are the conditions of a test.
type Terms struct {
	Precision   *dataset.Precision // nil: the precision in the answer to hello
	MaxFeatures int                // the most that the program takes; 0 is any number
	Limits      bench.Limits
	Dir         string // a folder for data files; the caller removes it
}

// Meet starts the program that command runs, and says hello. It returns an error if the program is
// not a worker, or if it computes in another precision than t.Precision.
func Meet(ctx context.Context, command []string, t Terms) (*Worker, error) {
	w := &Worker{ctx: ctx, limits: t.Limits, dir: t.Dir, maxFeatures: t.MaxFeatures, loading: bench.LoadsAgain}
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

// A WorkerCheck finds out whether a worker keeps one promise, of the protocol or of bench.Backend's
// contract.
type WorkerCheck struct {
	Promise string
	Remedy  string // what to do in a program that breaks the promise
	Gate    bool   // if it is broken, the other checks are pointless
	broken  func(*Worker) error
}

// A Mild error says that a promise is broken that a run can do without.
type Mild struct{ Err error }

// Unwrap returns m.Err.
func (m Mild) Unwrap() error { return m.Err }

func (m Mild) Error() string { return m.Err.Error() }

// Run checks w. It returns nil if w keeps the promise, and otherwise says how w breaks it, one case
// a line. A Mild error means that w can be timed all the same. An error that wraps ErrWrong means
// that an answer was wrong.
func (c WorkerCheck) Run(w *Worker) error { return c.broken(w) }

// WorkerChecks returns all checks of a worker: those of the protocol, and those of Checks that
// apply to a worker.
func WorkerChecks() []WorkerCheck {
	checks := conversation()
	for _, c := range Checks() {
		if c.remedy != "" {
			checks = append(checks, c.ofWorker())
		}
	}
	return slices.Concat(checks, timing(), mistakes())
}

// ofWorker returns the check in a form that takes a Worker.
func (c Check) ofWorker() WorkerCheck {
	return WorkerCheck{Promise: c.Promise, Remedy: c.remedy, broken: func(w *Worker) error {
		err := c.run(suite{w.Contender.Precision, w.open, w.maxFeatures})
		if err == nil || !c.mild(err) {
			return err
		}
		if c.Promise == secondLoad {
			w.loading = bench.LoadsOnce
		}
		return Mild{err}
	}}
}

// open implements bench.Factory.
func (w *Worker) open() (bench.Backend, error) { return w.remote() }

// A remote is a worker's process. If stays is set, the process does not end at the request exit.
type remote struct {
	*bench.Remote
	stays  bool
	cancel func()
}

// Close ends the process. It does not wait for an exit that never comes.
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
	r, err := bench.OpenRemote(ctx, w.Contender, w.limits, w.dir, w.loading)
	if err != nil {
		cancel()
		return remote{}, err
	}
	return remote{r, w.stays, cancel}, nil
}

// with calls do with a new process that has answered hello, and ends the process.
func (w *Worker) with(do func(remote) error) error {
	r, err := w.remote()
	if err != nil {
		return err
	}
	defer r.Close()
	return do(r)
}

// loaded calls do with a new process that has loaded the generated problem of n samples and one
// feature.
func (w *Worker) loaded(n int, do func(*bench.Process, *dataset.Problem) error) error {
	return w.with(func(r remote) error {
		loaded, err := load(r, n, 1)
		if err != nil {
			return err
		}
		return do(r.Process(), loaded.Problem)
	})
}

// firstAnswerIsRight solves a small problem. If that fails, the other checks are pointless.
func (w *Worker) firstAnswerIsRight() error { return w.solves(100, 1, 0, 1, 20) }

// solves makes a new process solve the generated problem of n samples and p features, with each
// number of epochs.
func (w *Worker) solves(n, p int, epochs ...int) error {
	return w.with(func(r remote) error {
		loaded, err := load(r, n, p)
		if err != nil {
			return err
		}
		return suite{prec: w.Contender.Precision}.answers(loaded, epochs...)
	})
}

// someFeatures are the numbers of features to try if a program is said to take any number.
var someFeatures = []int{2, 3, 7, 8, 9, 16, 17, 65, 129, 512}

// featuresAreTold tries one feature more than the program is said to take. If the program is said
// to take any number, featuresAreTold tries larger and larger numbers. Later checks then use at
// most the largest number that worked.
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

// late reports whether a worker did not end when it was told to.
func late(err error) bool {
	var e *bench.LeavingError
	return errors.As(err, &e)
}

// ended reports whether err says that a worker ended, hung or broke the protocol.
func ended(err error) bool {
	var e *bench.WorkerError
	return errors.As(err, &e) && !e.Answered
}

// toldBy reports whether err is an error that the worker reported in an answer.
func toldBy(err error) bool {
	var e *bench.WorkerError
	return errors.As(err, &e) && e.Answered
}

// files writes the generated problem of n samples and one feature into the folder name in w.dir.
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
