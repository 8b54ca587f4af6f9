//go:build unix

package peers_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// fakePython makes virtual environments whose pip is fakePip. It has no library of its own.
const fakePython = `#!/bin/sh
case "$*" in
"-m venv --clear "*) [ ! -e NOVENV ] && mkdir -p "$4/bin" && cp PIP "$4/bin/pip" ;;
*) [ -e OWN ] ;;
esac
`

// fakePip keeps a list of its calls. What FAIL names cannot be had, and nothing can be had from no
// index before it was installed.
const fakePip = `#!/bin/sh
echo "$*" >>CALLS
case "$*" in *--no-index*) [ -e INSTALLED ]; exit ;; esac
for arg; do
	case "$arg" in
	*/wanted.txt) asked=$(cat "$arg") ;;
	numpy* | tensorflow*) asked=$arg ;;
	esac
done
case "$asked" in
*tensorflow-cpu*) library=tensorflow-cpu ;;
*numpy*) library=numpy ;;
*) exit 0 ;; # a requirement for other machines
esac
if grep -q $library FAIL 2>/dev/null; then
	echo "WARNING: Retrying after connection broken" >&2
	echo "ERROR: No matching distribution found for $library" >&2
	exit 1
fi
touch INSTALLED
`

// An installation is install.sh in a tree of its own, with a python3 that is fakePython.
type installation struct {
	t   *testing.T
	dir string
	env []string
}

func newInstallation(t *testing.T) *installation {
	i := &installation{t: t, dir: t.TempDir()}
	script, err := os.ReadFile("install.sh")
	if err != nil {
		t.Fatal(err)
	}
	requirements, err := os.ReadFile("requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	places := strings.NewReplacer("NOVENV", i.path("novenv"), "OWN", i.path("own"), "PIP", i.path("pip"), "CALLS", i.path("calls"), "INSTALLED", i.path("installed"), "FAIL", i.path("fail"))
	i.write("bench/peers/install.sh", string(script))
	i.write("bench/peers/requirements.txt", string(requirements))
	i.write("bin/python3", places.Replace(fakePython))
	i.write("bin/apt-get", "#!/bin/sh\nexit 1\n")
	i.write("pip", places.Replace(fakePip))
	i.env = []string{"PATH=" + i.path("bin") + string(os.PathListSeparator) + os.Getenv("PATH")}
	return i
}

func (i *installation) path(name string) string { return filepath.Join(i.dir, name) }

func (i *installation) write(name, data string) {
	i.t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(i.path(name)), 0o755), os.WriteFile(i.path(name), []byte(data), 0o755)); err != nil {
		i.t.Fatal(err)
	}
}

// run runs install.sh and returns what it printed, and its exit status.
func (i *installation) run(args ...string) (out string, status int) {
	i.t.Helper()
	cmd := exec.Command("sh", append([]string{i.path("bench/peers/install.sh")}, args...)...)
	cmd.Env = i.env
	printed, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		i.t.Fatal(err)
	}
	return string(printed), cmd.ProcessState.ExitCode()
}

// reports runs install.sh as 'make report' does, and holds what it prints against lines.
func (i *installation) reports(args []string, lines ...string) {
	i.t.Helper()
	out, status := i.run(append([]string{"--report"}, args...)...)
	if status != 0 || strings.Count(out, "\n") != len(lines) {
		i.t.Errorf("%v: status %d\n%s", args, status, out)
	}
	for _, line := range lines {
		if !strings.Contains(out, line) {
			i.t.Errorf("%v: no %q in\n%s", args, line, out)
		}
	}
}

func (i *installation) calls() int {
	data, _ := os.ReadFile(i.path("calls"))
	return strings.Count(string(data), "\n")
}

const telling = "installing numpy and tensorflow for the report, once, in build/peers/venv: 340 MB to download, 1.6 GB on the disk"

func TestAReportInstallsTheArticlesLibrariesOnce(t *testing.T) {
	i := newInstallation(t)
	i.reports(nil, telling)
	before := i.calls()
	i.reports(nil)
	if more := i.calls() - before; more != 1 {
		t.Errorf("pip was called %d times more, and not only to ask what is there", more)
	}
	if wanted, err := os.ReadFile(i.path("build/peers/wanted.txt")); err != nil || !strings.HasPrefix(string(wanted), "numpy~=") || strings.Contains(string(wanted), "jax") || strings.Count(string(wanted), "\ntensorflow") != 2 {
		t.Errorf("what was asked for is %q, %v", wanted, err)
	}
}

// Without a network, without venv and without Python the report has one line more, and the Python
// that was there before.
func TestWhatAReportCannotInstallIsOneLine(t *testing.T) {
	const without = "the report goes on without "
	for name, c := range map[string]struct {
		file, content string
		lines         []string
		left          bool // an environment
	}{
		"no network":    {"fail", "numpy tensorflow-cpu", []string{telling, without + "numpy and tensorflow: pip could not install numpy (build/peers/pip.log: ERROR: No matching distribution found for numpy)\n"}, false},
		"no TensorFlow": {"fail", "tensorflow-cpu", []string{telling, without + "it: pip could not install tensorflow-cpu (build/peers/pip.log: ERROR: No matching"}, true},
		"no venv":       {"novenv", "", []string{without + "numpy and tensorflow: 'python3 -m venv' makes no virtual environment: "}, false},
		"no Python":     {"bin/python3", "#!/bin/sh\nexit 127\n", []string{without + "numpy and tensorflow: 'python3 -m venv' makes no virtual environment: "}, false},
	} {
		t.Run(name, func(t *testing.T) {
			i := newInstallation(t)
			i.write(c.file, c.content)
			if os.Getuid() == 0 && !strings.HasPrefix(c.lines[0], telling) {
				c.lines = append(c.lines, "installing python3-venv\n")
			}
			i.reports(nil, c.lines...)
			if _, err := os.Stat(i.path("build/peers/venv")); (err == nil) != c.left {
				t.Errorf("an environment is there: %v", err == nil)
			}
		})
	}
}

func TestAReportInstallsWhatPEERSSaysUnlessAnotherPythonIsTaken(t *testing.T) {
	i := newInstallation(t)
	i.reports([]string{"none"})
	i.write("own", "")
	i.reports(nil) // python3 has them
	if err := os.Remove(i.path("own")); err != nil {
		t.Fatal(err)
	}
	path := i.env
	for _, variable := range []string{"DESCENT_PYTHON", "VIRTUAL_ENV", "CONDA_PREFIX"} {
		i.env = append(path[:1:1], variable+"=/mine")
		i.reports(nil, "nothing is installed for the report: it runs Python from /mine\n")
	}
	i.env = append(path, "CONDA_PREFIX=/base", "CONDA_DEFAULT_ENV=base")
	if i.calls() != 0 {
		t.Errorf("pip was called %d times", i.calls())
	}
	i.reports([]string{"numpy"}, "installing numpy for the report, once, in build/peers/venv: 20 MB to download, 100 MB on the disk")
}

func TestWithoutAReportWhatWasNamedMustBeInstalled(t *testing.T) {
	i := newInstallation(t)
	i.write("fail", "tensorflow-cpu")
	if out, status := i.run("numpy"); status != 0 {
		t.Errorf("numpy: status %d\n%s", status, out)
	}
	if out, status := i.run("numpy", "tensorflow"); status != 1 || !strings.HasSuffix(out, "pip could not install numpy and tensorflow\n") {
		t.Errorf("numpy and tensorflow: status %d\n%s", status, out)
	}
	if out, status := i.run(); status != 0 || !strings.Contains(out, "pip could not install tensorflow-cpu\n") {
		t.Errorf("all: status %d\n%s", status, out)
	}
	if out, status := i.run("none"); status != 0 || out != "" {
		t.Errorf("none: status %d\n%s", status, out)
	}
}
