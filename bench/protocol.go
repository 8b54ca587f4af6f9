package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// ProtocolVersion is the version of the worker protocol that this package speaks.
// A worker states its own in its answer to hello, and another one is refused.
const ProtocolVersion = 1

// maxLine bounds one line of the protocol: w of more than a million entries.
const maxLine = 32 << 20

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
	// Calls asks for the same descent, from the same w, that many times in a row: a sample of a short
	// one is then long enough for the clock. 0 is 1. Only a worker that said so in hello is asked for more.
	Calls int     `json:"calls,omitempty"`
	Rate  float64 `json:"rate,omitempty"`
	W     Vector  `json:"w,omitempty"`
}

// MarshalJSON implements json.Marshaler: a descend has its epochs and its rate even where they are 0.
func (r Request) MarshalJSON() ([]byte, error) {
	if r.Op == "descend" {
		return encodeLine(struct {
			Op     string  `json:"op"`
			Epochs int     `json:"epochs"`
			Calls  int     `json:"calls,omitempty"`
			Rate   float64 `json:"rate"`
			W      Vector  `json:"w"`
		}{r.Op, r.Epochs, r.Calls, r.Rate, r.W})
	}
	type plain Request // without this method
	return encodeLine(plain(r))
}

// A Reply is one line from a worker to the driver. Which fields are there depends on
// the request; a reply with Error ends the worker's part in the run.
type Reply struct {
	Protocol  int    `json:"protocol,omitempty"`
	Name      string `json:"name,omitempty"`
	Precision string `json:"precision,omitempty"`
	// Info is in the answer to hello; its Threads in that to load, and its Note in others too, where
	// they have become others.
	Info
	InitNS int64 `json:"init_ns,omitempty"`
	Calls  bool  `json:"calls,omitempty"` // in the answer to hello: it heeds Request.Calls
	LoadNS int64 `json:"load_ns,omitempty"`
	LoadPhases
	RunNS      int64  `json:"run_ns,omitempty"` // of all calls together, as are the two below
	DeviceNS   int64  `json:"device_ns,omitempty"`
	DownloadNS int64  `json:"download_ns,omitempty"` // copying w back from a device, after the last epoch
	W          Vector `json:"w,omitempty"`

	Error       string `json:"error,omitempty"`
	Hint        string `json:"hint,omitempty"`
	Unavailable bool   `json:"unavailable,omitempty"`
}

// A Vector is a []float64 whose JSON form has room for what a diverged descent
// leaves: NaN and the infinities are the strings "NaN", "Infinity" and "-Infinity".
type Vector []float64

var notFinite = map[string]float64{"NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1)}

// MarshalJSON implements json.Marshaler.
func (v Vector) MarshalJSON() ([]byte, error) {
	entries := make([]any, len(v))
	for i, f := range v {
		switch {
		case math.IsNaN(f):
			entries[i] = "NaN"
		case math.IsInf(f, 1):
			entries[i] = "Infinity"
		case math.IsInf(f, -1):
			entries[i] = "-Infinity"
		default:
			entries[i] = f
		}
	}
	return json.Marshal(entries)
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *Vector) UnmarshalJSON(data []byte) error {
	var entries []any
	if err := json.Unmarshal(data, &entries); err != nil {
		return fmt.Errorf("%s is not an array of numbers", abridge(data))
	}
	if entries == nil {
		*v = nil
		return nil
	}
	out := make(Vector, len(entries))
	for i, entry := range entries {
		switch entry := entry.(type) {
		case float64:
			out[i] = entry
		case string:
			f, ok := notFinite[entry]
			if !ok {
				return fmt.Errorf("entry %d, %q, is not a number", i, entry)
			}
			out[i] = f
		default:
			return fmt.Errorf("entry %d, %v, is not a number", i, entry)
		}
	}
	*v = out
	return nil
}

// newLines reads JSON objects, one a line, from r.
func newLines(r io.Reader) *bufio.Scanner {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 64<<10), maxLine)
	return s
}

// decodeLine reads one line of the protocol or the journal into v.
func decodeLine(line []byte, v any) error {
	err := json.Unmarshal(line, v)
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || len(line) == 0 || line[0] != '{' {
		return fmt.Errorf("%q is not a JSON object", abridge(line))
	}
	return fmt.Errorf("%q: %s", abridge(line), strings.TrimPrefix(err.Error(), "json: "))
}

// encodeLine returns v as one line of JSON. Nothing is escaped that need not be: a simple program may read it by eye.
func encodeLine(v any) ([]byte, error) {
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return line.Bytes(), err
}

// abridge shortens what a worker printed to what fits in an error.
func abridge(b []byte) string {
	const most = 80
	if len(b) > most {
		return strings.ToValidUTF8(string(b[:most]), "�") + "…"
	}
	return string(b)
}

// check reports a request that cannot be served, whatever the backend.
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

// check reports a reply that does not answer the request, whatever the numbers.
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
		if err := r.LoadPhases.check(r.LoadNS); err != nil {
			return fmt.Errorf("the worker answered a load with parts that are none: %w", err)
		}
	case "descend":
		if len(r.W) != len(req.W) {
			return fmt.Errorf("the worker answered with %d weights to a descent on %d", len(r.W), len(req.W))
		}
		if r.RunNS <= 0 {
			return fmt.Errorf("the worker answered run_ns %d to a descent: a time must be positive", r.RunNS)
		}
		if err := checkDownload(r.DownloadNS, r.RunNS); err != nil {
			return fmt.Errorf("the worker answered a descent with a part that is none: %w", err)
		}
	}
	if r.InitNS < 0 || r.DeviceNS < 0 {
		return errors.New("the worker answered with a negative time")
	}
	return nil
}
