//go:build linux

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// check is gpu-check.sh in dir, run from cwd in the environment env and no other.
func check(dir, cwd string, env []string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(dir, "gpu-check.sh"), args...)
	cmd.Dir, cmd.Env = cwd, append([]string{}, env...)
	return cmd
}

// run returns what cmd prints and its exit status.
func run(t *testing.T, cmd *exec.Cmd) (string, int) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// only returns the one file of a folder that the pattern matches.
func only(t *testing.T, dir, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(names) != 1 {
		t.Fatalf("%s in %s: %v, %v", pattern, dir, names, err)
	}
	return names[0]
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// writeProgram writes a file that is going to be run. No test beside may start a process meanwhile:
// its child would have the file open for writing, and the kernel runs no such file.
func writeProgram(path string, data []byte, mode os.FileMode) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return os.WriteFile(path, data, mode)
}

// fake is an unpacked archive whose program is a shell script. It starts with the
// version, and keeps a list of its calls.
func fake(t *testing.T, needs, script string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	script = "#!/bin/sh\necho \"$*\" >>" + dir + "/calls\ncase $* in\n--version) echo descent version fake ;;\n" + script + "\nesac\n"
	for name, data := range map[string]string{"gpu-check.sh": string(gpuCheck), "descent": script, "needs-glibc": needs + "\n"} {
		if err := writeProgram(filepath.Join(dir, name), []byte(data), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Parts of fake programs.
const (
	aGPU = `devices*--format*) printf '%s\n' '"provider": "egl-device"' '"renderer": "llvmpipe"' '"software": true' \
		'"provider": "egl-device"' '"renderer": "NVIDIA H100 80GB HBM3/PCIe/SSE2"' '"software": false' '"provider": "glfw"' '"error": {' ;;
`
	noGPU = `devices*--format*) printf '%s\n' '"provider": "egl-device"' '"renderer": "llvmpipe"' '"software": true' '"error": {' ;;
`
	runs = `run*) while [ "$1" != --out ]; do shift; done; echo ran >>"$2" ;;
`
)

func TestTheExitStatusIsOfTheWorstThatHappened(t *testing.T) {
	tests := map[string]struct {
		script string
		status int
		last   string
	}{
		"all fine":                         {aGPU + runs, 0, ": no answer was wrong"},
		"a wrong answer in the selftest":   {aGPU + "*--selftest*) exit 3 ;;\n" + runs, 3, ": WRONG ANSWERS, see above"},
		"a wrong answer in the results":    {aGPU + "*'--n 1000 '*) echo '{\"sample\":{\"wrong\":\"far off\"}}' >>\"${12}\" ;;\n" + runs, 3, ": WRONG ANSWERS, see above"},
		"a wrong answer and a failure":     {aGPU + "*--probe*) exit 1 ;; *'--n 1000 '*) exit 3 ;;\n" + runs, 3, ": WRONG ANSWERS, see above"},
		"a probe that failed":              {aGPU + "*--probe*) exit 1 ;;\n" + runs, 1, ": something failed, see above"},
		"a sweep that failed":              {aGPU + "sweep*) exit 1 ;;\n" + runs, 1, ": something failed, see above"},
		"a run that failed":                {aGPU + "*'--n 1000 '*) exit 1 ;;\n" + runs, 1, ": something failed, see above"},
		"a report that failed":             {aGPU + "report*) exit 1 ;;\n" + runs, 1, ": something failed, see above"},
		"nothing that could be run at all": {aGPU + "run*) exit 1 ;;", 1, ": something failed, see above"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cwd := t.TempDir()
			out, status := run(t, check(fake(t, "none", tt.script), cwd, nil))
			if status != tt.status || !strings.HasSuffix(out, tt.last+"\n") {
				t.Errorf("status %d\n%s", status, out)
			}
			if log := only(t, cwd, "gpu-check-nvidia-h100-80gb-hbm3-2*.log"); string(read(t, log)) != out {
				t.Errorf("the log is not what was printed")
			}
		})
	}
}

func TestEverySizeThatFitsIsRunAndOthersAreNamed(t *testing.T) {
	t.Parallel()
	dir, cwd := fake(t, "none", aGPU+runs), t.TempDir()
	out, _ := run(t, check(dir, cwd, nil, "--gl-provider", "egl", "--allow-software"))
	calls := string(read(t, filepath.Join(dir, "calls")))
	rest := calls
	for _, want := range []string{ // in this order, for one who has to stop early
		"devices --peers none --probe --gl-provider egl --allow-software\n",
		"run --n 10000 --features 1 --budget 26s --timeout 56s --append --out " + cwd,
		"devices --peers none --selftest --gl-provider egl --allow-software\n",
		"sweep --budget 121s --timeout 151s --append --out " + cwd,
		"run --n 1000000 --features 1 ", "run --n 100 --features 1 --budget 13s ", "run --n 10000000 --features 1 ",
		"run --n 262144 --features 64 ", "report " + cwd,
	} {
		var called bool
		if _, rest, called = strings.Cut(rest, want); !called {
			t.Errorf("no call %q in its place in\n%s", want, calls)
		}
	}
	// 480 GB of memory are more than most have, and the time would not do either.
	if !strings.Contains(out, "== N = 10000000000, features = 1: left out: it ") || strings.Contains(calls, "--n 10000000000 ") {
		t.Errorf("%s", out)
	}
}

func TestWithoutAGPUTheCPUGoesOn(t *testing.T) {
	t.Parallel()
	dir, cwd := fake(t, "none", noGPU+runs), t.TempDir()
	out, status := run(t, check(dir, cwd, nil))
	only(t, cwd, "gpu-check-cpu-only-*.jsonl")
	calls := string(read(t, filepath.Join(dir, "calls")))
	if status != 0 || strings.Contains(calls, "--selftest") || strings.Contains(calls, "sweep") || !strings.Contains(calls, "devices --gl-provider auto\n") || !strings.Contains(out, "== no GPU can be used") {
		t.Errorf("status %d\n%s\n%s", status, calls, out)
	}
}

// The limit is long enough to start in, on a busy machine too.
func TestATimeLimitIsNoFailure(t *testing.T) {
	for name, tt := range map[string]struct {
		script, said string
		status       int // 1 for want of any result
	}{
		"of a run":      {"run*) exec sleep 60 ;;\n", "N = 10000 was stopped after", 1},
		"of a selftest": {"*--selftest*) exec sleep 60 ;;\n" + runs, "selftest was stopped after 5 s", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := fake(t, "none", aGPU+tt.script)
			out, status := run(t, check(dir, t.TempDir(), nil, "--minutes=.2"))
			if status != tt.status || !strings.Contains(out, tt.said) {
				t.Errorf("status %d\n%s", status, out)
			}
			// The forms would take all of so short a time.
			if calls := string(read(t, filepath.Join(dir, "calls"))); !strings.Contains(calls, "devices --peers none --probe --forms=false --gl-provider ") {
				t.Errorf("calls are\n%s", calls)
			}
		})
	}
}

func TestAProgramThatDoesNotStartIsExplained(t *testing.T) {
	t.Parallel()
	for needs, want := range map[string]string{
		"99.1":  "gpu-check: error: this descent needs glibc 99.1 or newer, and this machine has ",
		"2.2.5": "does not start: cannot execute\n",
		"none":  "does not start: cannot execute\n",
	} {
		dir, cwd := fake(t, needs, ""), t.TempDir()
		if err := writeProgram(filepath.Join(dir, "descent"), []byte("#!/bin/sh\necho cannot execute >&2\nexit 126\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		out, status := run(t, check(dir, cwd, nil))
		if status != 1 || !strings.Contains(out, want) || strings.Count(out, "\n") != 1 {
			t.Errorf("needs %s: status %d\n%s", needs, status, out)
		}
	}
}

func TestAMistakeOnTheCommandLineIsOneErrorAndAHint(t *testing.T) {
	t.Parallel()
	dir, cwd := fake(t, "none", aGPU+runs), t.TempDir()
	if err := os.WriteFile(filepath.Join(cwd, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"--minute 3":           `there is no option "--minute"`,
		"3":                    `there is no option "3"`,
		"--minutes":            "--minutes is given without a value",
		"--minutes= --help":    "--minutes is given without a value",
		"--minutes 0":          `--minutes "0" is not a number of minutes`,
		"--minutes -1":         `--minutes "-1" is not a number of minutes`,
		"--minutes 1e3":        `--minutes "1e3" is not a number of minutes`,
		"--minutes 9999999":    `--minutes "9999999" is not a number of minutes`,
		"--minutes 1,5":        `--minutes "1,5" is not a number of minutes`,
		"--gl-provider vulkan": `--gl-provider "vulkan" is not one of auto, glfw, egl`,
		"--out file":           `--out "file" is not a folder`,
		"--out file/deeper":    `--out "file/deeper" is not a folder`,
	} {
		out, status := run(t, check(dir, cwd, nil, strings.Fields(args)...))
		if status != 2 || !strings.HasPrefix(out, "gpu-check: error: "+want) || !strings.Contains(out, "\ngpu-check: hint: ") || strings.Count(out, "\n") != 2 {
			t.Errorf("%s: status %d\n%s", args, status, out)
		}
	}
	if out, status := run(t, check(dir, cwd, nil, "--help")); status != 0 || !strings.Contains(out, "\n  sh gpu-check.sh --minutes ") {
		t.Errorf("--help: status %d\n%s", status, out)
	}
}
