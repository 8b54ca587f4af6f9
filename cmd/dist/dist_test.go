//go:build linux

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"descent/bench"
	"descent/bench/report"
)

// TestArchive builds the archive and uses it as its user does: unpacked, without Go,
// without an environment.
func TestArchive(t *testing.T) {
	b := build{Version: "v1.2-test", Target: runtime.GOOS + "/" + runtime.GOARCH}
	path := b.mustArchive(t)
	dir := unpack(t, path)
	t.Run("is the same every time", func(t *testing.T) {
		again := b.mustArchive(t)
		if !bytes.Equal(read(t, path), read(t, again)) {
			t.Error("two builds differ")
		}
	})
	t.Run("says what the program needs", func(t *testing.T) { b.checkNeeds(t, dir) })
	t.Run("measures everything without an environment", func(t *testing.T) { measureAll(t, dir, b.OpenGL) })
	t.Run("keeps what was measured when it is interrupted", func(t *testing.T) { interrupt(t, dir) })
}

func (b *build) mustArchive(t *testing.T) string {
	t.Helper()
	path, err := b.archive(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if want := "descent-" + runtime.GOOS + "-" + runtime.GOARCH + ".tar.gz"; filepath.Base(path) != want {
		t.Errorf("the archive is %s, not %s", path, want)
	}
	return path
}

// unpack holds the archive's list against what it should be, and returns the folder
// that its files are in.
func unpack(t *testing.T, path string) string {
	t.Helper()
	top := "descent-v1.2-test-" + runtime.GOOS + "-" + runtime.GOARCH
	compressed, err := gzip.NewReader(bytes.NewReader(read(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	modes := map[string]int64{}
	var names []string
	dir := t.TempDir()
	for archive := tar.NewReader(compressed); ; {
		h, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		name, ok := strings.CutPrefix(h.Name, top+"/")
		if !ok || h.Typeflag != tar.TypeReg || h.Uid != 0 || h.Gid != 0 || h.Uname != "" || !h.ModTime.Equal(sourceTime(".")) {
			t.Errorf("%s: %+v", h.Name, h)
		}
		data, err := io.ReadAll(archive)
		target := filepath.Join(dir, h.Name)
		if err := errors.Join(err, os.MkdirAll(filepath.Dir(target), 0o755), writeProgram(target, data, os.FileMode(h.Mode))); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
		modes[name] = h.Mode
	}
	if diff := cmp.Diff(map[string]int64{"descent": 0o755, "gpu-check.sh": 0o755, "README.md": 0o644, "needs-glibc": 0o644}, modes); diff != "" {
		t.Error(diff)
	}
	if !slices.IsSorted(names) {
		t.Errorf("not sorted: %v", names)
	}
	return filepath.Join(dir, top)
}

func (b *build) checkNeeds(t *testing.T, dir string) {
	needs, err := readNeeds(filepath.Join(dir, "descent"))
	if err != nil {
		t.Fatal(err)
	}
	for _, library := range needs.Libraries {
		name, _, _ := strings.Cut(library, ".so")
		if !slices.Contains([]string{"libc", "libdl", "libpthread", "ld-linux-x86-64", "ld-linux-aarch64"}, name) {
			t.Errorf("the program needs %s to start", library)
		}
	}
	readme := string(read(t, filepath.Join(dir, "README.md")))
	file := strings.TrimSpace(string(read(t, filepath.Join(dir, "needs-glibc"))))
	t.Logf("needs glibc %q, %v", needs.Glibc, needs.Libraries)
	if !b.OpenGL {
		if file != "none" || needs.Glibc != "" || !strings.Contains(readme, "This build has no OpenGL") || strings.Contains(readme, "glibc") {
			t.Errorf("a build without cgo needs %+v, its file says %q, and its README\n%s", needs, file, readme)
		}
		return
	}
	if file != needs.Glibc || !strings.Contains(readme, "- glibc "+needs.Glibc+" or newer") || strings.Contains(readme, "no OpenGL") {
		t.Errorf("the program needs %+v, the archive's file says %q, and its README\n%s", needs, file, readme)
	}
	objects, err := oldGlibc(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if bound := len(objects) > 0; bound && needs.Glibc != "2.3.2" {
		t.Errorf("the program needs glibc %s: a function is missing among those that moved", needs.Glibc)
	}
}

func TestAnArchiveWithoutCgoIsForTheCPUAlone(t *testing.T) {
	t.Setenv("CGO_ENABLED", "0")
	b := build{Version: "v1.2-test", Target: runtime.GOOS + "/" + runtime.GOARCH}
	dir := unpack(t, b.mustArchive(t))
	b.checkNeeds(t, dir)
	out, err := exec.Command(filepath.Join(dir, "descent"), "--version").Output()
	if err != nil || string(out) != "descent version v1.2-test\n" {
		t.Errorf("it prints %q, %v", out, err)
	}
}

func TestNewestGlibcIsOfAllSymbolVersions(t *testing.T) {
	for want, names := range map[string][]string{
		"":       {"OTHER_9.9"},
		"2.3.2":  {"GLIBC_2.2.5", "GLIBC_2.3.2", "GLIBC_2.3"},
		"2.34":   {"GLIBC_2.34", "GLIBC_2.4", "GCC_3.0"},
		"2.36":   {"GLIBC_ABI_DT_RELR", "GLIBC_2.35"},
		"2.10.1": {"GLIBC_2.10", "GLIBC_2.10.1", "GLIBC_2.9"},
	} {
		if got, err := newestGlibc(names); got != want || err != nil {
			t.Errorf("%v: %q, %v", names, got, err)
		}
	}
	if got, err := newestGlibc([]string{"GLIBC_PRIVATE"}); err == nil {
		t.Errorf("a private symbol needs glibc %q", got)
	}
}

// patiently calls try with more and more minutes for gpu-check.sh, until it reports that they were
// enough. A busy machine needs many.
func patiently(try func(minutes string) bool, minutes ...string) {
	for _, m := range minutes {
		if try(m) {
			return
		}
	}
}

// measureAll runs gpu-check.sh from an empty folder, in an empty environment.
func measureAll(t *testing.T, dir string, opengl bool) {
	var out, results string
	var status int
	var timed map[string]bool
	device := usable(t, dir)
	patiently(func(minutes string) bool {
		cwd := t.TempDir()
		out, status = run(t, check(dir, cwd, nil, "--minutes", minutes, "--allow-software"))
		results = only(t, cwd, "gpu-check-*.jsonl")
		timed = okRows(t, dir, results)
		return status != 0 || timed["loop"] && device == timed["gl-fused"] && device == timed["gl-graph"]
	}, "0.3", "1.2", "5", "20")
	t.Logf("%s", out)
	if log := strings.TrimSuffix(results, ".jsonl") + ".log"; string(read(t, log)) != out {
		t.Errorf("%s is not what was printed", log)
	}
	if status != 0 || !strings.HasSuffix(out, "no answer was wrong\n") {
		t.Errorf("status %d", status)
	}
	if cpuOnly := strings.HasPrefix(filepath.Base(results), "gpu-check-cpu-only-"); device == cpuOnly {
		t.Errorf("a device can be used: %v; the results are in %s", device, results)
	}
	if os.Getenv("DESCENT_REQUIRE_GL") != "" && opengl && !device {
		t.Error("DESCENT_REQUIRE_GL is set, and descent has no device")
	}
	for _, want := range []string{"N = 10000,", "N = 100,", "loop/f64"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q was not printed", want)
		}
	}
	rendered, err := exec.Command(filepath.Join(dir, "descent"), "report", results).Output()
	if err != nil || !bytes.Contains(rendered, []byte("N = 10,000, ")) {
		t.Errorf("the report: %v\n%s", err, rendered)
	}
	if !timed["loop"] || device != timed["gl-fused"] || device != timed["gl-graph"] {
		t.Errorf("a device can be used: %v; backends with a time: %v", device, timed)
	}
}

// usable reports whether an OpenGL device, if only a software renderer, can be had.
func usable(t *testing.T, dir string) bool {
	t.Helper()
	out, err := exec.Command(filepath.Join(dir, "descent"), "devices", "--allow-software", "--format", "json").Output()
	var devices struct {
		OpenGL []struct{ Device, Error json.RawMessage } `json:"opengl"`
	}
	if err := errors.Join(err, json.Unmarshal(out, &devices)); err != nil {
		t.Fatal(err)
	}
	for _, d := range devices.OpenGL {
		if d.Device != nil && d.Error == nil {
			return true
		}
	}
	return false
}

// okRows are the backends that have a row with a time in a results file.
func okRows(t *testing.T, dir, results string) map[string]bool {
	t.Helper()
	out, err := exec.Command(filepath.Join(dir, "descent"), "report", "--format", "json", results).Output()
	var doc report.Document
	if err := errors.Join(err, json.Unmarshal(out, &doc)); err != nil {
		t.Fatal(err)
	}
	ok := map[string]bool{}
	for _, run := range doc.Runs {
		for _, row := range run.Rows {
			if row.Status == bench.OK {
				ok[row.Backend] = true
			}
		}
	}
	return ok
}

// terminate ends cmd when the results file has the second run's header, unless cmd has ended
// before.
func terminate(cmd *exec.Cmd, results string, ended <-chan struct{}) {
	for {
		select {
		case <-ended:
			return
		case <-time.After(50 * time.Millisecond):
		}
		names, _ := filepath.Glob(results)
		for _, name := range names {
			data, _ := os.ReadFile(name)
			if bytes.Count(data, []byte(`"header"`)) > 1 && bytes.Contains(data, []byte(`"sample"`)) {
				cmd.Process.Signal(syscall.SIGTERM)
				return
			}
		}
	}
}

// interrupt ends gpu-check.sh by a signal in the middle of the measuring.
func interrupt(t *testing.T, dir string) {
	var cwd, tmp, out string
	var status int
	patiently(func(minutes string) bool {
		cwd, tmp = t.TempDir(), t.TempDir()
		cmd := check(dir, cwd, []string{"TMPDIR=" + tmp}, "--minutes", minutes, "--out", "kept")
		ended := make(chan struct{})
		go terminate(cmd, filepath.Join(cwd, "kept", "*.jsonl"), ended)
		out, status = run(t, cmd)
		close(ended)
		return status != 0
	}, "1", "4", "16")
	if status != 130 || !strings.HasSuffix(out, ": interrupted\n") {
		t.Errorf("status %d\n%s", status, out)
	}
	if got := okRows(t, dir, only(t, filepath.Join(cwd, "kept"), "*.jsonl")); !got["loop"] {
		t.Errorf("backends with a time: %v", got)
	}
	if rest, err := os.ReadDir(tmp); err != nil || len(rest) > 0 {
		t.Errorf("left behind in the temporary folder: %v, %v", rest, err)
	}
}
