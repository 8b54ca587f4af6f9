package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"

	"descent/bench"
)

// PythonVariable is the environment variable that names the Python interpreter.
const PythonVariable = "DESCENT_PYTHON"

// A Home says where the peers of this machine are.
type Home struct {
	Python string // the interpreter; "" if there is none
	GoMLX  string // the executable; "" if it was not built
	Dir    string // the folder that Unpack wrote to
	// Source is descent's source tree, if 'make peers' there installs what Python lacks, else "".
	Source string
}

// Locate looks for what runs the peers on this machine. The interpreter is the first of:
//
//	python, if it is not "" (the flag --python)
//	the value of DESCENT_PYTHON
//	the interpreter of the active virtual environment, or of the active conda environment
//	the interpreter that 'make peers' installed
//	python3 or python on the PATH
//
// If one of the first two is named but does not exist, Locate returns an error. If no interpreter
// is found, Home.Python is "".
func Locate(python string) (Home, error) {
	h := Home{GoMLX: built("gomlx")}
	for _, named := range []struct{ by, path string }{{"--python", python}, {PythonVariable, os.Getenv(PythonVariable)}} {
		if named.path == "" {
			continue
		}
		path, err := exec.LookPath(named.path)
		if err != nil {
			return h, fmt.Errorf("%s %s: %w", named.by, named.path, err)
		}
		h.Python = path
		return h, nil
	}
	for _, active := range []string{inEnvironment(os.Getenv("VIRTUAL_ENV")), inEnvironment(conda())} {
		if found, err := exec.LookPath(active); err == nil {
			h.Python = found
			return h, nil
		}
	}
	h.Source = source()
	for _, path := range []string{built(inEnvironment("venv")), "python3", "python"} {
		if found, err := exec.LookPath(path); err == nil {
			h.Python = found
			break
		}
	}
	return h, nil
}

// inEnvironment returns the path of the interpreter in an environment's folder, "" if folder is "".
func inEnvironment(folder string) string {
	switch {
	case folder == "":
		return ""
	case runtime.GOOS == "windows":
		return filepath.Join(folder, "Scripts", "python.exe")
	}
	return filepath.Join(folder, "bin", "python")
}

// conda returns the folder of the active conda environment. It returns "" if none is active, and
// for base, which many shells activate at every start.
func conda() string {
	if os.Getenv("CONDA_DEFAULT_ENV") == "base" {
		return ""
	}
	return os.Getenv("CONDA_PREFIX")
}

// built returns the path of something that 'make peers' left in build/peers, "" if it is not there.
// The folder build is beside bin, the folder of this executable.
func built(path string) string {
	found, err := exec.LookPath(filepath.Join(besideBin(), "build", "peers", path))
	if err != nil {
		return ""
	}
	return found
}

// source returns descent's source tree, "" if this executable is not in the folder bin of one.
func source() string {
	root := besideBin()
	if _, err := os.Stat(filepath.Join(root, "bench", "peers", "install.sh")); err != nil {
		return ""
	}
	return root
}

// besideBin returns the folder that holds bin, the folder of this executable.
func besideBin() string {
	self, err := os.Executable()
	if err == nil {
		self, err = filepath.EvalSymlinks(self)
	}
	if err != nil {
		return "" // then nothing is found
	}
	return filepath.Dir(filepath.Dir(self))
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

// Contenders returns all peers, each on at most threads processors. A peer that has no interpreter
// or executable is included, and its Absent says why it cannot run.
func (h Home) Contenders(threads int) []bench.Contender {
	var out []bench.Contender
	env := ThreadEnv(threads)
	if h.Source != "" {
		env = append(env, "DESCENT_SOURCE="+h.Source)
	}
	for _, p := range all {
		for _, precision := range p.precisions {
			c := bench.Contender{Backend: p.backend, Precision: precision, Env: env, SlowStart: !p.prompt}
			switch {
			case p.backend == gomlx && h.GoMLX == "":
				c.Absent = absence{"not built: GoMLX, a program in Go", "'make peers' in descent's source tree builds it"}
			case p.backend == gomlx:
				c.Command = []string{h.GoMLX, c.Name()}
			case h.Python == "":
				c.Absent = absence{"no Python: neither python3 nor python is on the PATH", "install python3, or name one with --python or in " + PythonVariable}
			default:
				c.Command = []string{h.Python, filepath.Join(h.Dir, "worker.py"), c.Name()}
			}
			out = append(out, c)
		}
	}
	return out
}

// An absence says why a peer cannot run here, and what to do about it.
type absence struct{ why, hint string }

func (a absence) Error() string { return a.why }

// Unwrap returns bench.ErrUnavailable.
func (absence) Unwrap() error { return bench.ErrUnavailable }

// Hint implements bench.Hinter.
func (a absence) Hint() string { return a.hint }

// ThreadEnv returns the environment variables that limit a library to n threads. They are
// documented by OpenMP (which PyTorch uses), each BLAS that NumPy may have, TensorFlow, Go, Rust's
// Rayon and Julia. DESCENT_THREADS is for programs that must be told in another way.
func ThreadEnv(n int) []string {
	var env []string
	for _, name := range []string{
		"DESCENT_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
		"TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "GOMAXPROCS", "RAYON_NUM_THREADS", "JULIA_NUM_THREADS",
	} {
		env = append(env, name+"="+strconv.Itoa(n))
	}
	return env
}
