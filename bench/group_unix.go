//go:build unix

package bench

import (
	"os/exec"
	"syscall"
)

// ownGroup puts the worker at the head of a process group of its own, so that it can
// be ended with its children, and so that a Ctrl-C at the terminal reaches the driver alone.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return killGroup(cmd) }
}

func killGroup(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
