//go:build !unix

package bench

import (
	"os/exec"
	"syscall"
)

func ownGroup(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd, _ syscall.Signal) { cmd.Process.Kill() }
