package main

import (
	"bufio"
	"os"
	"os/exec"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// startXvfb is the command "xvfb": it starts an X server without a screen for the rest
// of the script and sets DISPLAY.
func startXvfb(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: xvfb")
	}
	r, w, err := os.Pipe()
	ts.Check(err)
	defer r.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "64x64x24", "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{w}
	ts.Check(cmd.Start())
	w.Close()
	ts.Defer(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	})
	line, err := bufio.NewReader(r).ReadString('\n')
	ts.Check(err)
	ts.Setenv("DISPLAY", ":"+strings.TrimSpace(line))
}
