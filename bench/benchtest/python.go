package benchtest

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"

	"descent/bench/peers"
)

// Python returns the interpreter that tests of outside programs take, for a package two folders below the module's: that of
// DESCENT_PYTHON, that of 'make peers', or the system's; "" where there is none.
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
