package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"descent/bench/peers"
)

// TestReadmeCommandsWork runs every command of the README's shell examples, in their order. The
// folder holds the files that they name. Runs are cut short.
func TestReadmeCommandsWork(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	script := &strings.Builder{}
	commands := 0
	inShell := false
	for line := range strings.Lines(string(readme)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			inShell = line == "```sh"
			continue
		}
		if !inShell || !strings.HasPrefix(line, "bin/descent ") {
			continue
		}
		command, _, _ := strings.Cut(line, "  #")
		if strings.Contains(command, "descent run") {
			command += " --budget 1s --processes 1 --blocks 1"
		}
		fmt.Fprintf(script, "exec %s\n", command)
		commands++
	}
	if all := strings.Count(string(readme), "\nbin/descent "); commands < all || all < 5 {
		t.Fatalf("%d commands were found in the README, of %d", commands, all)
	}
	script.WriteString("-- prices.csv --\nrooms,age,price\n3,10,200\n4,12,260.5\n2,30,150\n5,5,301\n3,22,181\n")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "readme.txtar"), []byte(script.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: dir, Setup: func(e *testscript.Env) error {
		return errors.Join(setup(e),
			os.Mkdir(filepath.Join(e.WorkDir, "bin"), 0o755),
			os.Symlink(filepath.Join(e.Getenv("BIN"), "descent"), filepath.Join(e.WorkDir, "bin", "descent")))
	}})
}

// The README's tables name every contender and every command.
func TestReadmeNamesAllContendersAndCommands(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, b := range builtins {
		names = append(names, "`"+b.backend+"`")
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
		if !strings.Contains(string(readme), name) {
			t.Errorf("the README does not mention %s", name)
		}
	}
}
