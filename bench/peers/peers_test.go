package peers_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"descent/bench"
	"descent/bench/peers"
)

// unpacked returns a home with the programs, run by a Python that does not exist.
func unpacked(t *testing.T) peers.Home {
	h := peers.Home{Python: "python", Dir: t.TempDir()}
	if err := peers.Unpack(h.Dir); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestEveryPeerHasItsProgramAndEveryProgramItsPeer(t *testing.T) {
	h := unpacked(t)
	var used []string
	for _, c := range h.Contenders(1) {
		library, _, _ := strings.Cut(c.Backend, "-")
		if library == "gomlx" {
			continue
		}
		program := filepath.Join(h.Dir, "peer_"+library+".py")
		if _, err := os.Stat(program); err != nil {
			t.Errorf("%s: %v", c.Name(), err)
		}
		used = append(used, program)
	}
	programs, err := filepath.Glob(filepath.Join(h.Dir, "peer_*.py"))
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range programs {
		if !slices.Contains(used, program) {
			t.Errorf("no peer has %s", program)
		}
	}
}

// This includes the programs of libraries that are not installed here.
func TestEveryProgramIsPython(t *testing.T) {
	python := anyPython(t)
	h := unpacked(t)
	programs, err := filepath.Glob(filepath.Join(h.Dir, "*.py"))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(python, append([]string{"-m", "py_compile"}, programs...)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// Python alone has float64 only, as in the article.
func TestAllButPythonComeInBothPrecisions(t *testing.T) {
	names := bench.Names(unpacked(t).Contenders(1))
	for _, backend := range peers.Names() {
		if got, want := slices.Contains(names, backend+"/f32"), backend != "python"; got != want {
			t.Errorf("%s/f32 is there: %v", backend, got)
		}
		if !slices.Contains(names, backend+"/f64") {
			t.Errorf("there is no %s/f64", backend)
		}
	}
}

func TestAPythonThatIsNamedComesBeforeOneThatIsFound(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"first", "second", "python3"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	t.Setenv("VIRTUAL_ENV", dir)
	for _, c := range []struct{ flag, variable, want string }{
		{"first", "second", "first"},
		{"", "second", "second"},
		{"", "", "python3"},
	} {
		t.Setenv(peers.PythonVariable, c.variable)
		h, err := peers.Locate(c.flag)
		if err != nil || filepath.Base(h.Python) != c.want {
			t.Errorf("--python %q, %s=%q: %q, %v", c.flag, peers.PythonVariable, c.variable, h.Python, err)
		}
	}
	for _, c := range []struct{ flag, variable, place string }{{"none", "second", "--python none"}, {"", "none", "DESCENT_PYTHON none"}} {
		t.Setenv(peers.PythonVariable, c.variable)
		if h, err := peers.Locate(c.flag); err == nil || !strings.Contains(err.Error(), c.place) {
			t.Errorf("--python %q, %s=%q: %q, %v", c.flag, peers.PythonVariable, c.variable, h.Python, err)
		}
	}
	t.Setenv(peers.PythonVariable, "")
	t.Setenv("PATH", t.TempDir())
	if h, err := peers.Locate(""); err != nil || h.Python != "" {
		t.Errorf("without a Python: %q, %v", h.Python, err)
	}
}

// Find starts a library once on each device, for all ways of using it and for both precisions.
func TestEachLibraryIsAskedOncePerDevice(t *testing.T) {
	all := peers.Home{}.Contenders(1)
	got := map[string][]string{}
	for _, f := range peers.Find(t.Context(), all, bench.Limits{}) {
		got[f.Peers[0]] = f.Peers
		if f.Status != bench.Unavailable || f.Error == "" || f.Hint == "" {
			t.Errorf("a peer without a command: %+v", f)
		}
	}
	if shared := got["tensorflow"]; !slices.Equal(shared, []string{"tensorflow", "tensorflow-eager"}) {
		t.Errorf("with tensorflow: %v", shared)
	}
	for _, alone := range []string{"python", "tensorflow-gpu", "jax", "jax-gpu", "gomlx"} {
		if len(got[alone]) != 1 {
			t.Errorf("with %s: %v", alone, got[alone])
		}
	}
	some, err := bench.Select(all, []string{"tensorflow-eager/f32"})
	if err != nil {
		t.Fatal(err)
	}
	if found := peers.Find(t.Context(), some, bench.Limits{}); len(found) != 1 || !slices.Equal(found[0].Peers, []string{"tensorflow-eager"}) {
		t.Errorf("one peer alone: %+v", found)
	}
	if found := peers.Find(t.Context(), nil, bench.Limits{}); len(found) != 0 {
		t.Errorf("no peer: %+v", found)
	}
}

func TestAllPeersAreToldTheSameNumberOfThreads(t *testing.T) {
	for _, c := range unpacked(t).Contenders(3) {
		for _, name := range []string{"DESCENT_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"} {
			if !slices.Contains(c.Env, name+"=3") {
				t.Errorf("%s has %v", c.Name(), c.Env)
			}
		}
	}
}
