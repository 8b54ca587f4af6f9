// Package peers holds the outside programs that descent knows: what a user of Python or of GoMLX would otherwise write,
// a file a library, as contenders that speak the worker protocol. The Python files are part of the executable.
package peers

import (
	"embed"
	"os"
	"path/filepath"

	"descent/bench"
	"descent/dataset"
)

//go:embed *.py
var programs embed.FS

// A peer is a library on one kind of device, used in one way.
type peer struct {
	backend    string
	precisions []dataset.Precision
	like       string // the peer with the same library on the same device, if it stands before this one
	prompt     bool   // it starts in a moment, where others take seconds
}

var (
	both   = []dataset.Precision{dataset.Float64, dataset.Float32}
	double = both[:1]
)

// all are in the order of every report: the article's three first.
var all = []peer{
	{backend: "python", precisions: double, prompt: true},
	{backend: "numpy", precisions: both, prompt: true},
	{backend: "tensorflow", precisions: both},
	{backend: "tensorflow-eager", precisions: both, like: "tensorflow"},
	{backend: "tensorflow-gpu", precisions: both},
	{backend: "jax", precisions: both},
	{backend: "jax-gpu", precisions: both},
	{backend: "torch", precisions: both},
	{backend: "torch-gpu", precisions: both},
	{backend: "torch-gpu-graph", precisions: both, like: "torch-gpu"},
	{backend: "cupy", precisions: both},
	{backend: "cupy-graph", precisions: both, like: "cupy"},
	{backend: gomlx, precisions: both, prompt: true},
}

// gomlx is the one that is no program in Python but an executable, which 'make peers' builds.
const gomlx = "gomlx"

// A Home is where the peers of this machine are.
type Home struct {
	Python string // the interpreter, "" where there is none
	GoMLX  string // the executable, "" where it was not built
	Dir    string // where Unpack put the programs
}

// Unpack writes the programs in Python into dir.
func Unpack(dir string) error {
	files, err := programs.ReadDir(".")
	for _, file := range files {
		var source []byte
		if source, err = programs.ReadFile(file.Name()); err == nil {
			err = os.WriteFile(filepath.Join(dir, file.Name()), source, 0o644)
		}
		if err != nil {
			break
		}
	}
	return err
}

// Contenders returns all peers, each on threads processors at most. One that has nothing to run it is there too, and says so.
func (h Home) Contenders(threads int) []bench.Contender {
	var out []bench.Contender
	for _, p := range all {
		for _, precision := range p.precisions {
			c := bench.Contender{Backend: p.backend, Precision: precision, Env: ThreadEnv(threads), SlowStart: !p.prompt}
			switch {
			case p.backend == gomlx && h.GoMLX == "":
				c.Absent = absence{"it is not built", "'make peers' builds it"}
			case p.backend == gomlx:
				c.Command = []string{h.GoMLX, c.Name()}
			case h.Python == "":
				c.Absent = absence{"there is no Python", "install python3, or name one with --python or in " + PythonVariable}
			default:
				c.Command = []string{h.Python, filepath.Join(h.Dir, "worker.py"), c.Name()}
			}
			out = append(out, c)
		}
	}
	return out
}

// An absence is why there is nothing that runs a peer, and what can be done.
type absence struct{ why, hint string }

func (a absence) Error() string { return a.why }

// Unwrap returns bench.ErrUnavailable.
func (absence) Unwrap() error { return bench.ErrUnavailable }

// Hint implements bench.Hinter.
func (a absence) Hint() string { return a.hint }

// Names returns the backends of all peers.
func Names() []string {
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.backend
	}
	return names
}
