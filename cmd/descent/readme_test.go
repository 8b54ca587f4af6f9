package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"descent/bench/benchtest"
	"descent/bench/peers"
	"descent/cmd/internal/builtin"
)

// notRun says which commands of the READMEs TestReadmeCommandsWork does not run, and why. Each key
// begins a command.
var notRun = map[string]string{
	"make report": "it measures for minutes, and installs libraries; .ci/run has make build",
	"make test":   "it is what runs this test",
}

// instead says what runs in place of other commands, because another test runs those.
var instead = map[string]string{
	"sh gpu-check.sh": "cp results.jsonl gpu-check-card-20261130.jsonl", // gpu_check_test.go
}

// cutShort is added to the end of every run, because a run takes a minute or more. Nothing else is
// changed in a command.
const cutShort = " --budget 1s --processes 1 --blocks 1"

// cutSweep is added to the end of every sweep.
const cutSweep = " --n 64,1024 --budget 4s --blocks 1"

// TestReadmeCommandsWork runs the shell examples of all READMEs as they are written, in their
// order. It does so in a folder that has what they need of the repository: bin/descent and
// dataset/examples. The archive's README calls ./descent. The README of bench/peers calls the
// program of its own example.
func TestReadmeCommandsWork(t *testing.T) {
	script, files := &strings.Builder{}, &strings.Builder{}
	used := map[string]bool{}
	for i, command := range readmeCommands(t) {
		run := command
		for _, table := range []map[string]string{notRun, instead} {
			for prefix := range table {
				if strings.HasPrefix(command, prefix) {
					used[prefix], run = true, instead[prefix]
				}
			}
		}
		switch program, rest, _ := strings.Cut(run, " "); {
		case run == "":
			continue
		case run != command:
		case program != "bin/descent" && program != "./descent":
			t.Errorf("%q is a new kind of command: run it here, or say in notRun why not", command)
			continue
		case strings.HasPrefix(rest, "run"):
			run += cutShort
		case strings.HasPrefix(rest, "sweep"):
			run += cutSweep
		}
		fmt.Fprintf(script, "# %s\n", run)
		if strings.Contains(command, "mine.py") {
			script.WriteString("[numpy] ")
		}
		fmt.Fprintf(script, "exec sh command%d.sh\n", i)
		fmt.Fprintf(files, "-- command%d.sh --\n%s\n", i, run)
	}
	for prefix := range notRun {
		if !used[prefix] {
			t.Errorf("no README has the command %q any more", prefix)
		}
	}
	fmt.Fprintf(files, "-- mine.py --\n%s", between(t, "bench/peers/README.md", "```python\n", "```"))
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "readme.txtar"), []byte(script.String()+files.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: dir, Condition: condition(t), Setup: setupTree})
}

// setupTree makes a folder that looks like the repository after 'make build', and like the archive.
// python3 is the Python that the tests of outside programs take.
func setupTree(e *testscript.Env) error {
	in := func(path ...string) string { return filepath.Join(append([]string{e.WorkDir}, path...)...) }
	program := filepath.Join(strings.Split(e.Getenv("PATH"), string(os.PathListSeparator))[0], "descent")
	err := errors.Join(setup(e),
		os.Mkdir(in("bin"), 0o755), os.Symlink(program, in("bin", "descent")), os.Symlink(program, in("descent")),
		os.CopyFS(in("dataset", "examples"), os.DirFS("../../dataset/examples")), os.Mkdir(in(".python"), 0o755),
		os.WriteFile(in(".python", "python3"), []byte("#!/bin/sh\nexec '"+benchtest.Python()+"' \"$@\"\n"), 0o755))
	e.Setenv("PATH", in(".python")+string(os.PathListSeparator)+e.Getenv("PATH"))
	return err
}

// readmeCommands returns the commands in the shell examples of all READMEs, without comments. Those
// of the README in the root come first.
func readmeCommands(t *testing.T) (commands []string) {
	t.Helper()
	for _, path := range readmes(t) {
		inShell := false
		for line := range strings.Lines(read(t, path)) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "```") {
				inShell = line == "```sh"
				continue
			}
			command, _, _ := strings.Cut(line, " #")
			if command = strings.TrimSpace(command); inShell && command != "" && command[0] != '#' {
				commands = append(commands, command)
			}
		}
	}
	return commands
}

// readmes returns the paths of all Markdown files, from the root of the module.
func readmes(t *testing.T) []string {
	t.Helper()
	var paths []string
	err := fs.WalkDir(os.DirFS("../.."), ".", func(path string, entry fs.DirEntry, err error) error {
		name := entry.Name()
		switch {
		case entry.IsDir() && (name == "build" || name == "dist" && path == name || name == "testdata" || path != "." && name[0] == '.'):
			return fs.SkipDir
		case strings.HasSuffix(name, ".md"):
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// read returns the text of a file, whose path is from the root of the module.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// between returns what stands in a file between two texts.
func between(t *testing.T, path, start, end string) string {
	t.Helper()
	_, rest, ok := strings.Cut(read(t, path), start)
	inner, _, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has nothing between %q and %q", path, start, end)
	}
	return inner
}

// The files that the examples of the help texts name are in dataset/examples.
func TestHelpExamplesOnFilesWork(t *testing.T) {
	script := "cd dataset/examples\n"
	n := 0
	for _, cmd := range newRoot().Commands() {
		for line := range strings.Lines(cmd.Example) {
			line = strings.TrimSpace(line)
			switch {
			case strings.HasPrefix(line, "descent fit "):
			case strings.Contains(line, " --data "):
				line += cutShort
			default:
				continue
			}
			script += "exec " + line + "\n"
			n++
		}
	}
	if n < 4 {
		t.Fatalf("%d examples were found", n)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "help.txtar"), []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: dir, Setup: setupTree})
}

// The README's tables name every contender and every command.
func TestReadmeNamesAllContendersAndCommands(t *testing.T) {
	readme := read(t, "README.md")
	var names []string
	for _, c := range builtin.Contenders(builtin.Options{}) {
		names = append(names, "`"+c.Backend+"`")
	}
	for _, peer := range peers.Names() {
		names = append(names, "`"+peer+"`")
	}
	for _, cmd := range newRoot().Commands() {
		if !cmd.Hidden && cmd.Name() != "help" {
			names = append(names, "descent "+cmd.Name())
		}
	}
	for _, name := range slices.Compact(names) {
		if !strings.Contains(readme, name) {
			t.Errorf("the README does not mention %s", name)
		}
	}
}
