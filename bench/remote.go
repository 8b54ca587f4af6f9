package bench

import (
	"context"
	"slices"

	"descent/dataset"
)

// A Remote is a worker's process as a Backend. So whatever holds backends to their contract can
// hold a program in any language to it.
type Remote struct {
	proc    *Process
	dir     string
	start   func() (*Process, error)
	loading Loading
	loaded  bool
}

var _ Backend = (*Remote)(nil)

// Loading says how often a worker's process can load.
type Loading int

// The ways of loading.
const (
	LoadsAgain Loading = iota // one process serves every Load
	LoadsOnce                 // each Load but the first starts a new process
)

// OpenRemote starts the worker of c within l and says hello. It writes the data files into the
// folder dir, which its owner removes.
func OpenRemote(ctx context.Context, c Contender, l Limits, dir string, loading Loading) (*Remote, error) {
	r := &Remote{dir: dir, loading: loading}
	r.start = func() (*Process, error) {
		p, err := StartProcess(ctx, c, l)
		if err != nil {
			return nil, err
		}
		if _, err := p.Hello(); err != nil {
			p.Close()
			return nil, err
		}
		return p, nil
	}
	var err error
	if r.proc, err = r.start(); err != nil {
		return nil, err
	}
	return r, nil
}

// Process returns the worker's process.
func (r *Remote) Process() *Process { return r.proc }

// Load implements Backend. It overwrites the data files, and makes the worker load them.
func (r *Remote) Load(p *dataset.Problem) error {
	if r.loading == LoadsOnce && r.loaded {
		next, err := r.start()
		if err != nil {
			return err
		}
		r.proc.Close()
		r.proc = next
	}
	r.loaded = true
	x, d, err := WriteProblem(r.dir, p)
	if err != nil {
		return err
	}
	_, err = r.proc.Load(x, d)
	return err
}

// Descend implements Backend.
func (r *Remote) Descend(w []float64, rate float64, epochs int) error {
	reply, _, err := r.proc.Descend(slices.Clone(w), rate, epochs, 1)
	if err == nil {
		copy(w, reply.W)
	}
	return err
}

// Close implements Backend.
func (r *Remote) Close() error {
	r.proc.Close()
	return nil
}
