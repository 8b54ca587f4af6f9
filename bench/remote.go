package bench

import (
	"context"
	"slices"

	"descent/dataset"
)

// A Remote is a worker's process as a Backend: whatever holds backends to their contract holds a program in any
// language to it.
type Remote struct {
	proc  *Process
	dir   string
	start func() (*Process, error)
	fresh bool
	used  bool // by a Load
}

var _ Backend = (*Remote)(nil)

// OpenRemote starts c's worker within l and says hello. The data files are written into the folder dir, whose
// owner removes them. With fresh each Load but the first has a process of its own, for a worker that loads once.
func OpenRemote(ctx context.Context, c Contender, l Limits, dir string, fresh bool) (*Remote, error) {
	r := &Remote{dir: dir, fresh: fresh}
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

// Load implements Backend: it writes the files, over older ones, and has the worker load them.
func (r *Remote) Load(p *dataset.Problem) error {
	if r.fresh && r.used {
		next, err := r.start()
		if err != nil {
			return err
		}
		r.proc.Close()
		r.proc = next
	}
	r.used = true
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
