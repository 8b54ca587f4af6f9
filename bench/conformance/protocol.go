package conformance

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"descent/bench"
	"descent/dataset"
)

// conversation returns the checks of the messages, and of how the worker ends.
func conversation() []WorkerCheck {
	return []WorkerCheck{
		{Promise: "a request has one answer, and stdout nothing else", Gate: true, broken: (*Worker).answersOnce,
			Remedy: "print everything else to stderr, end each answer with a newline, and flush stdout after it"},
		{Promise: "hello tells what reports show", broken: (*Worker).tellsOfItself,
			Remedy: "add the fields to the answer to hello: bench/PROTOCOL.md says what each is"},
		{Promise: "exit ends it, with status 0", broken: (*Worker).exits,
			Remedy: `end the process at {"op":"exit"}, without an answer`},
		{Promise: "the end of its stdin ends it", broken: (*Worker).endsWithItsInput,
			Remedy: "end the process where reading a line finds the end"},
		{Promise: "SIGTERM ends it", broken: (*Worker).endsBySignal,
			Remedy: "leave SIGTERM as it is, or end at it: what has not ended within half a second is killed"},
		{Promise: "a first answer is right", Gate: true, broken: (*Worker).firstAnswerIsRight,
			Remedy: "answer descents of any number of epochs, of 0 too; compute w ← w − rate·(2/N)·Xᵀ(Xw − d), epochs times, from the w of the request, X being x behind a column of ones"},
		{Promise: "a problem of more features than it takes is refused", broken: (*Worker).featuresAreTold,
			Remedy: "say how many it takes with --features; answer a load of more with an error and \"unavailable\":true"},
	}
}

// mistakes returns the checks of requests that cannot be served, and of numbers that are not
// finite.
func mistakes() []WorkerCheck {
	return []WorkerCheck{
		{Promise: "a missing file is answered with an error", broken: (*Worker).tellsOfAMissingFile,
			Remedy: `catch it and answer {"error":"what went wrong"}`},
		{Promise: "an unknown op is answered with an error", broken: (*Worker).tellsOfAnUnknownOp,
			Remedy: `answer {"error":"…"} to any op but hello, load, descend and exit`},
		{Promise: "misuse is told in an answer", broken: (*Worker).tellsOfMisuse,
			Remedy: "check that there was a load, and that w has P+1 entries, before the work"},
		{Promise: "names of files may have blanks and any letters", broken: (*Worker).readsNames,
			Remedy: "take a name up to its closing quote, byte by byte; better still, read requests with a JSON library"},
		{Promise: "the data files are left as they are", broken: (*Worker).leavesTheFiles,
			Remedy: "open x.npy and d.npy for reading only, and map them without writing back"},
		{Promise: "w that overflows is spelled as JSON can", broken: (*Worker).spellsInfinity,
			Remedy: `write NaN and the infinities as the strings "NaN", "Infinity" and "-Infinity"`},
	}
}

// unasked is how long answersOnce waits for a line that nobody asked for.
const unasked = 50 * time.Millisecond

func (w *Worker) answersOnce() error {
	return w.loaded(10, func(p *bench.Process, _ *dataset.Problem) error {
		for range 2 { // a line after an answer shows at the next request
			time.Sleep(unasked)
			if _, _, err := p.Descend([]float64{0, 0}, 0.01, 3, 1); err != nil {
				return err
			}
		}
		time.Sleep(unasked)
		if err := p.Leave(bench.ByExit); errors.Is(err, bench.ErrAfterLast) {
			return Mild{err}
		}
		return nil
	})
}

func (w *Worker) tellsOfItself() error {
	threads := w.Hello.Threads
	x, d, err := w.files("", 10)
	if err != nil {
		return err
	}
	err = w.with(func(r remote) error {
		reply, err := r.Process().Load(x, d)
		if err == nil {
			threads = max(threads, reply.Threads)
		}
		return err
	})
	if err != nil {
		return err
	}
	var missing []string
	for _, field := range []struct {
		name  string
		given bool
	}{
		{"name", w.Hello.Name != ""},
		{"precision", w.Hello.Precision != ""},
		{"device", w.Hello.Device != ""},
		{"version", w.Hello.Version != ""},
		{"threads", threads > 0 || w.Hello.Device != "cpu"},
		{"init_ns", w.Hello.InitNS > 0},
		{"sync", w.Hello.Sync != ""},
		{"timed", w.Hello.Timed != ""},
		{"untimed", w.Hello.Untimed != ""},
	} {
		if !field.given {
			missing = append(missing, field.name)
		}
	}
	if len(missing) > 0 {
		return Mild{fmt.Errorf("hello leaves out %s", strings.Join(missing, ", "))}
	}
	return nil
}

// leaves makes a loaded worker end. It returns a Mild error if the worker did not end well, as bad
// reports.
func (w *Worker) leaves(how bench.Leaving, bad func(error) bool) error {
	return w.loaded(10, func(p *bench.Process, _ *dataset.Problem) error {
		if err := p.Leave(how); err != nil && bad(err) {
			return Mild{err}
		}
		return nil
	})
}

// exits accepts a line after the last answer, because answersOnce checks for one.
func (w *Worker) exits() error {
	return w.leaves(bench.ByExit, func(err error) bool { return !errors.Is(err, bench.ErrAfterLast) })
}

func (w *Worker) endsWithItsInput() error { return w.leaves(bench.ByEndOfInput, late) }

func (w *Worker) endsBySignal() error { return w.leaves(bench.BySignal, late) }

// mistakeLimit is the longest wait for the answer to a request that cannot be served.
const mistakeLimit = 10 * time.Second

// hasty returns w with a timeout of at most mistakeLimit.
func (w *Worker) hasty() *Worker {
	hasty := *w
	hasty.limits.Timeout = min(w.limits.Timeout, mistakeLimit)
	return &hasty
}

// refused returns nil if err is an error that the worker reported in an answer. Otherwise it
// returns a Mild error, because a run never sends a request that must be refused. what names the
// request.
func refused(what string, err error) error {
	switch {
	case toldBy(err):
		return nil
	case err == nil:
		err = fmt.Errorf("%s was answered without an error", what)
	}
	return Mild{err}
}

func (w *Worker) tellsOfAMissingFile() error {
	return w.hasty().with(func(r remote) error {
		_, err := r.Process().Load(filepath.Join(w.dir, "none", "x.npy"), filepath.Join(w.dir, "none", "d.npy"))
		return refused("a load of files that do not exist", err)
	})
}

func (w *Worker) tellsOfAnUnknownOp() error {
	return w.hasty().with(func(r remote) error {
		_, _, err := r.Process().Ask(&bench.Request{Op: "nonsense"})
		return refused(`{"op":"nonsense"}`, err)
	})
}

func (w *Worker) tellsOfMisuse() error {
	h := w.hasty()
	early := h.with(func(r remote) error {
		_, _, err := r.Process().Descend([]float64{0, 0}, 0.01, 1, 1)
		return refused("a descend before load", err)
	})
	errs := []error{early}
	for _, weights := range [][]float64{{0}, {0, 0, 0}} {
		errs = append(errs, h.loaded(10, func(p *bench.Process, _ *dataset.Problem) error {
			_, _, err := p.Descend(weights, 0.01, 1, 1)
			return refused(fmt.Sprintf("N=10, P=1: a w of length %d", len(weights)), err)
		}))
	}
	return errors.Join(errs...)
}

func (w *Worker) readsNames() error {
	x, d, err := w.files("a & é", 10)
	if err != nil {
		return err
	}
	return w.with(func(r remote) error {
		if _, err := r.Process().Load(x, d); err != nil {
			return Mild{fmt.Errorf("load of %s: %w", x, err)}
		}
		return nil
	})
}

func (w *Worker) leavesTheFiles() error {
	x, d, err := w.files("", 1000)
	if err != nil {
		return err
	}
	before, err := contents(x, d)
	if err != nil {
		return err
	}
	return w.with(func(r remote) error {
		if _, err := r.Process().Load(x, d); err != nil {
			return err
		}
		if _, _, err := r.Process().Descend([]float64{0, 0}, 0.01, 3, 1); err != nil {
			return err
		}
		after, err := contents(x, d)
		if err == nil && !slices.Equal(before, after) {
			err = errors.New("N=1000, P=1: load or descend changed the files, which other contenders load too")
		}
		return err
	})
}

func contents(paths ...string) ([]string, error) {
	var all []string
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		all = append(all, string(b))
	}
	return all, nil
}

// spellsInfinity descends at a rate at which w grows beyond the range of float64.
func (w *Worker) spellsInfinity() error {
	return w.loaded(100, func(p *bench.Process, prob *dataset.Problem) error {
		traj, err := dataset.NewTrajectory(prob, w.Contender.Precision)
		if err != nil {
			return err
		}
		rate := 4 * traj.MaxRate() // each epoch ends 7 times as far from the optimum as it began
		reply, _, err := p.Descend([]float64{0, 0}, rate, 2000, 1)
		switch {
		case toldBy(err):
			return nil
		case err != nil:
			return fmt.Errorf("N=100, P=1, 2000 epochs at rate %.4g, which overflow: %w", rate, err)
		case !slices.ContainsFunc(reply.W, notFinite):
			return fmt.Errorf("%w: N=100, P=1, 2000 epochs at rate %.4g overflow, and w is %v", ErrWrong, rate, reply.W)
		}
		return nil
	})
}

func notFinite(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }
