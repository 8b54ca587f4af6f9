//go:build unix

package bench

import (
	"os/exec"
	"syscall"
)

// ownGroup puts the worker at the head of a process group of its own, so that it can
// be ended with its children, and so that a Ctrl-C at the terminal reaches the driver
// alone. Where its context ends, the group is asked to leave: a worker may be in the middle
// of a submission to a device.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return signalGroup(cmd, syscall.SIGTERM) }
}

func killGroup(cmd *exec.Cmd) error { return signalGroup(cmd, syscall.SIGKILL) }

func signalGroup(cmd *exec.Cmd, s syscall.Signal) error { return syscall.Kill(-cmd.Process.Pid, s) }
