package peers

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"descent/bench"
)

// A Finding is what a library answered when it was asked, or why it does not run here.
type Finding struct {
	Peers  []string     `json:"peers"` // the backends that use this library on this device
	Status bench.Status `json:"status"`
	bench.Info
	InitNS int64  `json:"init_ns,omitempty"`
	Error  string `json:"error,omitempty"`
	Hint   string `json:"hint,omitempty"`
	Stderr string `json:"stderr,omitempty"` // the end of the worker's stderr
}

// Find asks whether the libraries of the contenders work here. It starts each library once for each
// device, all at the same time, whatever the number of contenders that use it. limits bound each
// exchange with a worker.
func Find(ctx context.Context, contenders []bench.Contender, limits bench.Limits) []Finding {
	var findings []Finding
	var asked []bench.Contender // the contender to ask, for each finding
	at := map[string]int{}      // the finding of each library, named by its first peer
	for _, p := range all {
		user := slices.IndexFunc(contenders, func(c bench.Contender) bool { return c.Backend == p.backend })
		if user < 0 {
			continue
		}
		library := cmp.Or(p.like, p.backend)
		i, known := at[library]
		if !known {
			i = len(findings)
			at[library] = i
			findings = append(findings, Finding{})
			asked = append(asked, contenders[user])
		}
		findings[i].Peers = append(findings[i].Peers, p.backend)
	}
	var answered sync.WaitGroup
	for i := range findings {
		answered.Go(func() { findings[i].ask(ctx, asked[i], limits) })
	}
	answered.Wait()
	return findings
}

// ask starts c's worker and keeps its answer to hello.
func (f *Finding) ask(ctx context.Context, c bench.Contender, limits bench.Limits) {
	reply, err := hello(ctx, c, limits)
	if err == nil {
		f.Status, f.Info, f.InitNS = bench.OK, reply.Info, reply.InitNS
		return
	}
	f.Status, f.Error = bench.Failed, err.Error()
	if errors.Is(err, bench.ErrUnavailable) {
		f.Status = bench.Unavailable
	}
	var worker *bench.WorkerError
	if errors.As(err, &worker) {
		f.Error, f.Hint, f.Stderr = worker.Reason, worker.Hint(), worker.Stderr
	}
}

func hello(ctx context.Context, c bench.Contender, limits bench.Limits) (*bench.Reply, error) {
	p, err := bench.StartProcess(ctx, c, limits)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	return p.Hello()
}
