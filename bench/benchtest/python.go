package benchtest

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"

	"descent/bench/peers"
)

// Python returns the interpreter for tests of outside programs, "" if there is none. It is
// the value of DESCENT_PYTHON, else the interpreter from 'make peers', else python3.
// The calling test must be in a package two folders below the module's root.
func Python() string {
	made, _ := filepath.Abs(filepath.Join("..", "..", "build", "peers", "venv", "bin", "python"))
	if _, err := os.Stat(made); err != nil {
		made = ""
	}
	found, err := exec.LookPath(cmp.Or(os.Getenv(peers.PythonVariable), made, "python3"))
	if err != nil {
		return ""
	}
	found, _ = filepath.Abs(found) // tests run in other folders
	return found
}
