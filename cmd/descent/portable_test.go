//go:build linux && cgo

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The archive for other machines has this build. It must run on a machine without OpenGL and X11,
// and say that they are missing.
func TestAPortableBuildRunsWithoutAnyLibrary(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "descent")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-tags", "noglfw", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// The loader takes the first file of the name, and fails because it is empty.
	for _, library := range []string{"libEGL.so.1", "libGL.so.1", "libGLX.so.0", "libOpenGL.so.0", "libX11.so.6", "libXrandr.so.2", "libXcursor.so.1", "libXi.so.6", "libXinerama.so.1", "libXxf86vm.so.1"} {
		if err := os.WriteFile(filepath.Join(dir, library), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, strings.Fields("run --n 100 --epochs 10 --rate 0.1 --processes 1 --blocks 1 --details --out "+filepath.Join(dir, "r.jsonl"))...)
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+dir)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"loop/f64", "gl-graph, ", ": unavailable: ", "libEGL.so.1", "hint: "} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in the report:\n%s", want, out)
		}
	}
}
