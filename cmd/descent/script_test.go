package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/shirou/gopsutil/v4/process"

	"descent/bench"
	"descent/bench/benchtest"
	"descent/bench/peers"
	"descent/bench/report"
	"descent/cpu"
	"descent/gpu/device"
)

// programs are what scripts can run by exec. terminal_linux_test.go adds one.
var programs = map[string]func(){"descent": main, "badworker": badWorker}

func TestMain(m *testing.M) { testscript.Main(m, programs) }

// TestScripts runs the command line: one behaviour a file.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setup,
		Condition:           condition(t),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"row": checkRow, "grade": checkGrade, "weights": checkWeights, "sameweights": sameWeights, "killworker": killWorker, "waitworker": waitWorker, "waitfor": waitFor, "waitgone": waitGone, "xvfb": startXvfb, "drawn": checkDrawn,
		},
	})
}

// setup gives each script its own cache folder, and a locale in UTF-8. ROOT is the folder of the
// module. It sets the Python to the one of 'make peers', if
// there is one, and BIN to the folder that holds only the program.
func setup(e *testscript.Env) error {
	e.Setenv("XDG_CACHE_HOME", filepath.Join(e.WorkDir, ".cache"))
	e.Setenv("LANG", "C.UTF-8")
	root, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	e.Setenv("ROOT", root)
	first, _, _ := strings.Cut(e.Getenv("PATH"), string(os.PathListSeparator))
	e.Setenv("BIN", first)
	e.Setenv(peers.PythonVariable, benchtest.Python())
	return nil
}

func inPython(program string) error {
	if out, err := exec.Command(benchtest.Python(), "-c", program).CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

// condition knows what a script may need:
//
//	[gl]        an OpenGL context, if only of a software renderer
//	[glfw]      GLFW in this build, and Xvfb for its windows
//	[python]    a Python
//	[numpy]     a Python with NumPy
//	[avx2]      kernels in AVX2 instructions
//	[nogpu]     no GPU's driver
//	[terminal]  pseudo-terminals of this system, for exec terminal
//
// The first two must be there if DESCENT_REQUIRE_GL is set. The next two must be there if
// DESCENT_REQUIRE_PEERS is set.
func condition(t *testing.T) func(string) (bool, error) {
	met := func(required string, err error) (bool, error) {
		if err != nil && os.Getenv(required) != "" {
			t.Errorf("%s is set: %v", required, err)
		}
		return err == nil, nil
	}
	return func(name string) (bool, error) {
		switch name {
		case "avx2":
			_, all, err := cpu.InstructionSets()
			return slices.Contains(all, name), err
		case "python":
			return met("DESCENT_REQUIRE_PEERS", inPython("import json"))
		case "numpy":
			return met("DESCENT_REQUIRE_PEERS", inPython("import numpy"))
		case "terminal":
			return programs[name] != nil, nil
		case "nogpu":
			_, err := os.Stat("/dev/kfd")
			return err != nil && inPython("import ctypes; ctypes.CDLL('libcuda.so.1')") != nil, nil
		case "gl":
			return met("DESCENT_REQUIRE_GL", openContext(""))
		case "glfw":
			_, err := exec.LookPath("Xvfb")
			if unbuilt := openContext("glfw"); errors.Is(unbuilt, device.Unsupported) {
				err = unbuilt
			}
			return met("DESCENT_REQUIRE_GL", err)
		}
		return false, os.ErrInvalid
	}
}

// openContext opens a context by a provider, on a software renderer too, and closes it.
func openContext(provider string) error {
	c, err := device.Open(device.Options{Provider: provider, AllowSoftware: true})
	if err != nil {
		return err
	}
	return c.Close()
}

// readRow finds the row of a contender in the JSON of one run.
func readRow(ts *testscript.TestScript, file, contender string) report.Row {
	var doc report.Document
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(file)), &doc))
	if len(doc.Runs) != 1 {
		ts.Fatalf("%s has %d runs", file, len(doc.Runs))
	}
	for _, row := range doc.Runs[0].Rows {
		if row.Contender == contender {
			return row
		}
	}
	ts.Fatalf("%s has no row %s", file, contender)
	return report.Row{}
}

// checkRow is the command "row FILE CONTENDER STATUS". A row that is ok must be verified and have a
// time. Any other row must have no time, and a note.
func checkRow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: row FILE CONTENDER STATUS")
	}
	row := readRow(ts, args[0], args[1])
	if row.Status != bench.Status(args[2]) {
		ts.Fatalf("%s is %s (%s), not %s", row.Contender, row.Status, row.Note, args[2])
	}
	if ok := row.Status == bench.OK; ok != (row.Run != nil) || ok && !row.Verified || !ok && row.Note == "" {
		ts.Fatalf("%s is %s and has run %v, verified %v, note %q", row.Contender, row.Status, row.Run, row.Verified, row.Note)
	}
}

// checkWeights is the command "weights FILE CONTENDER TOLERANCE W…".
func checkWeights(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: weights FILE CONTENDER TOLERANCE W…")
	}
	row := readRow(ts, args[0], args[1])
	tolerance, err := strconv.ParseFloat(args[2], 64)
	ts.Check(err)
	if len(row.W) != len(args)-3 {
		ts.Fatalf("w is %v", row.W)
	}
	for j, arg := range args[3:] {
		want, err := strconv.ParseFloat(arg, 64)
		ts.Check(err)
		if !(math.Abs(row.W[j]-want) <= tolerance) {
			ts.Fatalf("w is %v, not %v within %v", row.W, args[3:], tolerance)
		}
	}
}

// sameWeights is the command "sameweights FILE FILE CONTENDER": to the last bit.
func sameWeights(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: sameweights FILE FILE CONTENDER")
	}
	a, b := readRow(ts, args[0], args[2]).W, readRow(ts, args[1], args[2]).W
	if len(a) == 0 || !slices.Equal(a, b) {
		ts.Fatalf("w is %v in %s and %v in %s", a, args[0], b, args[1])
	}
}

// killWorker is the command "killworker SIGNAL NAME". It sends the signal, KILL or TERM, to the
// worker of a contender as soon as there is one.
func killWorker(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]syscall.Signal{"KILL": syscall.SIGKILL, "TERM": syscall.SIGTERM}
	if neg || len(args) != 2 || signals[args[0]] == 0 {
		ts.Fatalf("usage: killworker KILL|TERM NAME")
	}
	ts.Check(findWorker(ts, args[1]).SendSignal(signals[args[0]]))
}

// waitWorker is the command "waitworker NAME": it returns when a contender has a worker.
func waitWorker(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waitworker NAME")
	}
	findWorker(ts, args[0])
}

// findWorker waits for a worker that belongs to this script's own run.
func findWorker(ts *testscript.TestScript, name string) *process.Process {
	var found *process.Process
	if !eventually(func() bool { found = seeWorker(ts, name); return found != nil }) {
		ts.Fatalf("no worker %s was seen", name)
	}
	return found
}

// eventually waits until holds reports true. It gives up after five minutes, more than any machine
// needs.
func eventually(holds func() bool) bool {
	for range 6000 {
		if holds() {
			return true
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false
}

// seeWorker returns a worker that belongs to this script's own run, or nil.
func seeWorker(ts *testscript.TestScript, name string) *process.Process {
	all, err := process.Processes()
	ts.Check(err)
	for _, p := range all {
		line, err := p.CmdlineSlice()
		if err != nil || len(line) < 3 || line[1] != "worker" || line[2] != name {
			continue
		}
		if dir, err := p.Cwd(); err == nil && strings.HasPrefix(dir, ts.Getenv("WORK")) {
			return p
		}
	}
	return nil
}

// waitGone is the command "waitgone NAME DIR": it returns when a contender has no worker, and DIR
// is empty.
func waitGone(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitgone NAME DIR")
	}
	gone := func() bool {
		left, err := os.ReadDir(ts.MkAbs(args[1]))
		ts.Check(err)
		return len(left) == 0 && seeWorker(ts, args[0]) == nil
	}
	if !eventually(gone) {
		ts.Fatalf("%s has a worker, or there is something in %s", args[0], args[1])
	}
}

// waitFor is the command "waitfor FILE TEXT": it returns when FILE holds TEXT.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor FILE TEXT")
	}
	holds := func() bool {
		b, err := os.ReadFile(ts.MkAbs(args[0]))
		return err == nil && strings.Contains(string(b), args[1])
	}
	if !eventually(holds) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
}
