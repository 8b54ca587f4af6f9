package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// PythonVariable names the interpreter in the environment.
const PythonVariable = "DESCENT_PYTHON"

// Find looks for the peers of this machine. The interpreter is the one given or, where that is "", the one that DESCENT_PYTHON
// names, the python3 of an environment that is active, that of 'make peers', or that on the PATH. Only of one that was
// named is it an error that it is not there.
func Find(python string) (Home, error) {
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
	if os.Getenv("VIRTUAL_ENV")+os.Getenv("CONDA_PREFIX") == "" {
		h.Python = built(filepath.Join("venv", "bin", "python"))
	}
	for _, name := range []string{"python3", "python"} {
		if path, err := exec.LookPath(name); err == nil && h.Python == "" {
			h.Python = path
		}
	}
	return h, nil
}

// built returns the path of what 'make peers' leaves for the executable in bin, "" where it is not there.
func built(path string) string {
	self, err := os.Executable()
	if err == nil {
		self, err = filepath.EvalSymlinks(self)
	}
	if err != nil {
		return ""
	}
	found, err := exec.LookPath(filepath.Join(filepath.Dir(self), "..", "build", "peers", path))
	if err != nil {
		return ""
	}
	return found
}

// ThreadEnv returns the variables that bound the threads of libraries to n, as their documentation names them: of
// OpenMP, which PyTorch uses, of each BLAS that NumPy may have, of TensorFlow, and of the runtimes of Go, Rust and Julia; and for
// a program that needs to be told otherwise, DESCENT_THREADS.
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
