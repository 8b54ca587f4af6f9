package peers_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"descent/bench/peers"
)

// anyPython returns the interpreter that the tests take: that of DESCENT_PYTHON, of 'make peers', or the system's. Where
// DESCENT_REQUIRE_PEERS is set there must be one.
func anyPython(t *testing.T) string {
	t.Helper()
	var candidates []string
	if named := os.Getenv(peers.PythonVariable); named != "" {
		candidates = append(candidates, named)
	} else {
		candidates = append(candidates, filepath.Join("..", "..", "build", "peers", "venv", "bin", "python"), "python3")
	}
	for _, name := range candidates {
		if path, err := exec.LookPath(name); err == nil {
			path, err = filepath.Abs(path)
			if err != nil {
				t.Fatal(err)
			}
			return path
		}
	}
	if os.Getenv("DESCENT_REQUIRE_PEERS") != "" {
		t.Fatalf("DESCENT_REQUIRE_PEERS is set, and there is none of %v", candidates)
	}
	t.Skip("there is no Python here")
	return ""
}
