package bench

import (
	"errors"
	"fmt"
	"math"

	"descent/bench/internal/jsonl"
)

// ProtocolVersion is the version of the worker protocol that this package speaks. A worker states
// its version in its answer to hello, and any other version is refused.
const ProtocolVersion = 1

// A Request is one line from the driver to a worker:
//
//	{"op":"hello"}
//	{"op":"load","x":"…/x.npy","d":"…/d.npy"}
//	{"op":"descend","epochs":10000,"rate":0.001,"w":[0,0]}
//	{"op":"descend","epochs":10000,"calls":12,"rate":0.001,"w":[0,0]}
//	{"op":"exit"}
type Request struct {
	Op     string `json:"op"`
	X      string `json:"x,omitempty"`
	D      string `json:"d,omitempty"`
	Epochs int    `json:"epochs,omitempty"`
	// Calls asks for the same descent from the same w, so many times in a row. So a sample of a
	// short descent is long enough for the clock. 0 is 1. Only a worker that said in its answer to
	// hello that it heeds calls is asked for more.
	Calls int     `json:"calls,omitempty"`
	Rate  float64 `json:"rate,omitempty"`
	W     Vector  `json:"w,omitempty"`
}

// MarshalJSON implements json.Marshaler. A descend has its epochs and its rate even if they are 0.
func (r Request) MarshalJSON() ([]byte, error) {
	if r.Op == "descend" {
		return jsonl.Encode(struct {
			Op     string  `json:"op"`
			Epochs int     `json:"epochs"`
			Calls  int     `json:"calls,omitempty"`
			Rate   float64 `json:"rate"`
			W      Vector  `json:"w"`
		}{r.Op, r.Epochs, r.Calls, r.Rate, r.W})
	}
	type plain Request // without this method
	return jsonl.Encode(plain(r))
}

// A Reply is one line from a worker to the driver. Which fields it has depends on the request. A
// reply with Error ends the worker's part in the run.
type Reply struct {
	Protocol  int    `json:"protocol,omitempty"`
	Name      string `json:"name,omitempty"`
	Precision string `json:"precision,omitempty"`
	// Info is in the answer to hello. The answer to load has Threads and Work, and any later answer
	// has Note, if they have changed.
	Info
	InitNS int64 `json:"init_ns,omitempty"`
	Calls  bool  `json:"calls,omitempty"` // in the answer to hello: it heeds Request.Calls
	LoadNS int64 `json:"load_ns,omitempty"`
	LoadPhases
	RunNS    int64 `json:"run_ns,omitempty"` // of all calls together; so are the next two
	DeviceNS int64 `json:"device_ns,omitempty"`
	// DownloadNS is for copying w back from a device, after the last epoch.
	DownloadNS int64  `json:"download_ns,omitempty"`
	W          Vector `json:"w,omitempty"`

	Error       string `json:"error,omitempty"`
	Hint        string `json:"hint,omitempty"`
	Unavailable bool   `json:"unavailable,omitempty"`
}

// check refuses a request that no backend can serve.
func (r *Request) check() error {
	switch r.Op {
	case "hello", "exit":
	case "load":
		if r.X == "" || r.D == "" {
			return errors.New(`load needs the paths "x" and "d"`)
		}
	case "descend":
		if r.Epochs < 0 {
			return fmt.Errorf("epochs is %d: it cannot be negative", r.Epochs)
		}
		if r.Calls < 0 {
			return fmt.Errorf("calls is %d: it cannot be negative", r.Calls)
		}
		if len(r.W) == 0 {
			return errors.New(`descend needs "w"`)
		}
		for i, v := range r.W {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("w[%d] is %v: it must be finite", i, v)
			}
		}
	default:
		return fmt.Errorf("op %q is not one of hello, load, descend, exit", r.Op)
	}
	return nil
}

// check refuses a reply that does not answer the request, or has a time that is none.
func (r *Reply) check(req *Request) error {
	switch req.Op {
	case "hello":
		if r.Protocol != ProtocolVersion {
			return fmt.Errorf("the worker speaks protocol %d, not %d", r.Protocol, ProtocolVersion)
		}
	case "load":
		if r.LoadNS <= 0 {
			return fmt.Errorf("the worker answered load_ns %d to a load: a time must be positive", r.LoadNS)
		}
		if err := r.LoadPhases.Check(r.LoadNS); err != nil {
			return fmt.Errorf("the worker answered a load with parts that are none: %w", err)
		}
	case "descend":
		if len(r.W) != len(req.W) {
			return fmt.Errorf("the worker answered with %d weights to a descent on %d", len(r.W), len(req.W))
		}
		if r.RunNS <= 0 {
			return fmt.Errorf("the worker answered run_ns %d to a descent: a time must be positive", r.RunNS)
		}
		if err := CheckDownload(r.DownloadNS, r.RunNS); err != nil {
			return fmt.Errorf("the worker answered a descent with a part that is none: %w", err)
		}
	}
	if r.InitNS < 0 || r.DeviceNS < 0 {
		return errors.New("the worker answered with a negative time")
	}
	return r.Work.Check()
}
