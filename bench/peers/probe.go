package peers

import (
	"context"
	"errors"
	"sync"

	"descent/bench"
)

// A Finding is what a peer said of itself when it was asked, or why it does not run here.
type Finding struct {
	Peers  []string     `json:"peers"` // the backends that it holds for: ways to use one library on one device
	Status bench.Status `json:"status"`
	bench.Info
	InitNS int64  `json:"init_ns,omitempty"`
	Error  string `json:"error,omitempty"`
	Hint   string `json:"hint,omitempty"`
	Stderr string `json:"stderr,omitempty"` // the end of what it wrote there
}

// Probe starts the library of each of the contenders, each once and all at the same time, within limits an exchange.
func Probe(ctx context.Context, contenders []bench.Contender, limits bench.Limits) []Finding {
	var findings []Finding
	var asked []bench.Contender
	at := map[string]int{}
	for _, p := range all {
		for _, c := range contenders {
			if c.Backend != p.backend {
				continue
			}
			i, known := at[p.backend]
			if of, shared := at[p.like]; !known && shared {
				i = of
				findings[i].Peers = append(findings[i].Peers, p.backend)
			} else if !known {
				i = len(findings)
				findings = append(findings, Finding{Peers: []string{p.backend}})
				asked = append(asked, c)
			}
			at[p.backend] = i
		}
	}
	var answered sync.WaitGroup
	for i := range findings {
		answered.Go(func() { findings[i].ask(ctx, asked[i], limits) })
	}
	answered.Wait()
	return findings
}

// ask has c's worker say hello.
func (f *Finding) ask(ctx context.Context, c bench.Contender, limits bench.Limits) {
	hello, err := hello(ctx, c, limits)
	if err == nil {
		f.Status, f.Info, f.InitNS = bench.OK, hello.Info, hello.InitNS
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
