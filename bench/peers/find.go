package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
)

// PythonVariable names the interpreter in the environment.
const PythonVariable = "DESCENT_PYTHON"

// Find looks for the peers of this machine. The interpreter is the one given or, where that is "", the one that DESCENT_PYTHON
// names, that of an environment that is active, that of 'make peers', or the python3 on the PATH. It is an error where one
// that was named is not there; where none was named, and there is none, it is "".
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
	for _, path := range []string{inEnvironment(os.Getenv("VIRTUAL_ENV")), inEnvironment(conda()), built(inEnvironment("venv")), "python3", "python"} {
		if found, err := exec.LookPath(path); err == nil {
			h.Python = found
			break
		}
	}
	return h, nil
}

// inEnvironment returns the path of the interpreter in an environment's folder, "" where there is no folder.
func inEnvironment(folder string) string {
	switch {
	case folder == "":
		return ""
	case runtime.GOOS == "windows":
		return filepath.Join(folder, "Scripts", "python.exe")
	}
	return filepath.Join(folder, "bin", "python")
}

// conda returns the folder of conda's environment, "" where none is active, or the one that always is.
func conda() string {
	if os.Getenv("CONDA_DEFAULT_ENV") == "base" {
		return ""
	}
	return os.Getenv("CONDA_PREFIX")
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
