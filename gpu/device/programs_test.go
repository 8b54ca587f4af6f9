//go:build linux && cgo

package device

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"descent/gpu/internal/glfwctx"
	"descent/gpu/internal/gltest"
)

// programs are builds of testdata/open.
type programs struct {
	full     string // with GLFW; "" if the headers of X11 are missing
	portable string // as archives for other machines are built
}

// withGLFW returns the program with GLFW, or ends the test.
func (p programs) withGLFW(t *testing.T) string {
	t.Helper()
	if p.full == "" {
		gltest.Unmet(t, errors.New("needs GLFW in the build, and so the headers of X11 ('make deps')"))
	}
	return p.full
}

// TestPrograms runs programs of their own, in environments of their own.
func TestPrograms(t *testing.T) {
	p := programs{portable: build(t, "noglfw")}
	if glfwctx.Built {
		p.full = build(t, "")
	}
	t.Run("need no OpenGL library to start", p.needNoLibrary)
	t.Run("start without their libraries and say what to install", p.startWithoutLibraries)
	t.Run("without a driver say that there is no device", p.runWithoutDriver)
	t.Run("without a display say so and print nothing", p.runWithoutDisplay)
	t.Run("open a hidden window on a display", p.openWindow)
	t.Run("open EGL without a display", p.openEGL)
}

// build links with a toolchain that keeps each library it is told of, unless the
// code itself says otherwise: some do by default and some do not.
func build(t *testing.T, tags string) string {
	t.Helper()
	cc, err := exec.Command("go", "env", "CC").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	linker := filepath.Join(dir, "linker")
	script := "#!/bin/sh\nexec " + strings.TrimSpace(string(cc)) + " -Wl,--no-as-needed \"$@\"\n"
	if err := os.WriteFile(linker, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "open")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-tags="+tags, "-ldflags=-extld="+linker, "-o", program, "./testdata/open").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// An answer is what testdata/open prints.
type answer struct {
	Device *Info
	Error  struct{ Kind, Text, Hint string }
}

// ask runs an opener with more environment. What it prints on stderr is an error:
// a driver's complaints are for Open's error, not for the user's terminal.
func ask(t *testing.T, env []string, program string, args ...string) answer {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, stderr.Bytes())
	}
	var a answer
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return a
}

// mask is the environment in which libraries cannot be loaded. The dynamic loader
// takes the first file of a library's name and gives up if that is no library,
// so that empty files before the real ones hide those from any user, without a
// mount or a changed root.
func mask(t *testing.T, libraries ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, library := range libraries {
		if err := os.WriteFile(filepath.Join(dir, library), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return "LD_LIBRARY_PATH=" + dir
}

func (p programs) needNoLibrary(t *testing.T) {
	for _, program := range []string{p.portable, p.full} {
		if program == "" {
			continue
		}
		file, err := elf.Open(program)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		needed, err := file.ImportedLibraries()
		if err != nil {
			t.Fatal(err)
		}
		t.Log(needed)
		for _, library := range needed {
			name, _, _ := strings.Cut(library, ".so")
			if slices.Contains([]string{"libGL", "libEGL", "libGLX", "libOpenGL", "libGLESv2"}, name) ||
				program == p.portable && strings.HasPrefix(name, "libX") {
				t.Errorf("the program needs %s to start, of %v", library, needed)
			}
		}
	}
}

func (p programs) startWithoutLibraries(t *testing.T) {
	all := mask(t, "libEGL.so.1", "libGL.so.1", "libGLX.so.0", "libOpenGL.so.0", "libX11.so.6")
	got := ask(t, []string{all}, p.portable, "-software")
	if got.Error.Kind != "library missing" || !strings.Contains(got.Error.Text, "libEGL.so.1") || !strings.Contains(got.Error.Hint, "libegl1") {
		t.Errorf("portable program: %+v", got)
	}
	got = ask(t, []string{mask(t, "libEGL.so.1", "libGL.so.1", "libGLX.so.0")}, p.withGLFW(t), "-software", "egl")
	if got.Error.Kind != "library missing" {
		t.Errorf("full program: %+v", got)
	}
	// That the mask hides libraries at all shows in GLFW's need of libX11.
	if out, err := exec.Command("env", all, p.full).CombinedOutput(); err == nil || !bytes.Contains(out, []byte("libX11")) {
		t.Errorf("with libX11 masked, the full program gave %v, %s", err, out)
	}
}

func (p programs) runWithoutDriver(t *testing.T) {
	got := ask(t, []string{"__EGL_VENDOR_LIBRARY_FILENAMES=/nonexistent.json"}, p.portable, "-software")
	// Where libEGL is a driver's own and not libglvnd's, the variable means nothing.
	if got.Error.Kind != "no device" && got.Device == nil {
		t.Errorf("got %+v", got)
	}
}

func (p programs) runWithoutDisplay(t *testing.T) {
	if got := ask(t, nil, p.portable, "-software", "glfw"); got.Error.Kind != "not in this build" {
		t.Errorf("portable program: %+v", got)
	}
	for _, env := range [][]string{
		{"DISPLAY=", "WAYLAND_DISPLAY="},
		{"DISPLAY=", "WAYLAND_DISPLAY=wayland-0"},
		{"DISPLAY=:65000"},
		{"DISPLAY=nonsense"},
	} {
		if got := ask(t, env, p.withGLFW(t), "-software", "glfw"); got.Error.Kind != "no display" {
			t.Errorf("%v: %+v", env, got)
		}
	}
}

// xvfb starts an X server without a screen and returns DISPLAY for it.
func xvfb(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("Xvfb"); err != nil {
		gltest.Unmet(t, fmt.Errorf("needs an X server for tests: %w (apt install xvfb)", err))
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	// -noreset: by default the server starts over when its last client leaves, and
	// refuses the next client meanwhile.
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "64x64x24", "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{write}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	var display int
	if _, err := fmt.Fscan(read, &display); err != nil {
		t.Fatalf("Xvfb gave no display: %v", err)
	}
	return fmt.Sprintf("DISPLAY=:%d", display)
}

func (p programs) openWindow(t *testing.T) {
	full, display := p.withGLFW(t), xvfb(t)
	got := ask(t, []string{display}, full, "-software", "glfw")
	if got.Device == nil || got.Device.Provider != "glfw" {
		t.Errorf("got %+v", got)
	}
	tests := map[string]struct {
		env  []string
		args []string
	}{
		"software renderer only": {nil, []string{"glfw"}},
		"library missing":        {[]string{mask(t, "libGL.so.1", "libGLX.so.0", "libGL.so")}, []string{"-software", "glfw"}},
		"OpenGL version":         {[]string{"MESA_GL_VERSION_OVERRIDE=3.3"}, []string{"-software", "glfw"}},
	}
	for kind, tt := range tests {
		if got := ask(t, append(tt.env, display), full, tt.args...); got.Error.Kind != kind {
			t.Errorf("%v %v: %+v", tt.env, tt.args, got)
		}
	}
}

func (p programs) openEGL(t *testing.T) {
	for _, provider := range []string{"egl-device", "egl-surfaceless"} {
		info := openForTest(t, Options{Provider: provider, AllowSoftware: true}).Device()
		if info.Provider != provider {
			t.Errorf("asked for %s, got %s", provider, info.Provider)
		}
		got := ask(t, []string{"DISPLAY="}, p.portable, provider)
		if info.Software && (got.Error.Kind != "software renderer only" || !strings.Contains(got.Error.Text, info.Renderer)) {
			t.Errorf("%s: software without leave: %+v", provider, got)
		}
		got = ask(t, []string{"MESA_GL_VERSION_OVERRIDE=3.3"}, p.portable, "-software", provider)
		if mesa := strings.Contains(info.Version, "Mesa"); mesa && got.Error.Kind != "OpenGL version" {
			t.Errorf("%s: with OpenGL 3.3: %+v", provider, got)
		}
	}
}

func TestOnlyOneWindowIsOpenAtATime(t *testing.T) {
	o := Options{Provider: "glfw", AllowSoftware: true}
	if !glfwctx.Built {
		gltest.Unmet(t, errors.New("needs GLFW in the build"))
	}
	display := xvfb(t)
	t.Setenv("DISPLAY", strings.TrimPrefix(display, "DISPLAY="))
	c := openForTest(t, o)
	if _, err := Open(o); !errors.Is(err, Limit) {
		t.Errorf("a second window: %v", err)
	}
	do(t, c, func() error { return CheckErrors("beside a second window") })
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	openForTest(t, o)
}

func TestADeviceFileThatIsNotOursIsFound(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"renderD128": 0o666, "renderD129": 0, "card0": 0} {
		if err := errors.Join(os.WriteFile(filepath.Join(dir, name), nil, 0o600), os.Chmod(filepath.Join(dir, name), mode)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chmod(filepath.Dir(dir), 0o755)); err != nil {
		t.Fatal(err)
	}
	got := asNobody(t, func() string { return deniedNode(filepath.Join(dir, "renderD*")) })
	if diff := cmp.Diff(filepath.Join(dir, "renderD129"), got); diff != "" {
		t.Error(diff)
	}
}

// asNobody runs f on a thread without root's rights over files.
func asNobody(t *testing.T, f func() string) string {
	t.Helper()
	result := make(chan string)
	problem := make(chan error, 1)
	go func() {
		// Never unlocked: the thread ends with the goroutine.
		runtime.LockOSThread()
		const nobody = 65534
		if os.Geteuid() == 0 {
			// The system call is the thread's own; syscall.Setresuid is the process's.
			if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, nobody, nobody, nobody); errno != 0 {
				problem <- errno
				return
			}
		}
		result <- f()
	}()
	select {
	case err := <-problem:
		t.Fatal(err)
	case r := <-result:
		return r
	}
	return ""
}
