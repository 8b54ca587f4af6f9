//go:build unix

package proc

import (
	"os/exec"
	"syscall"
)

// OwnGroup makes cmd start at the head of a process group of its own. So it can be ended with its
// children, and a Ctrl-C at the terminal reaches the driver alone. When its context ends, the group
// is sent SIGTERM, because it may be in the middle of a submission to a device.
func OwnGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return signalGroup(cmd, syscall.SIGTERM) }
}

// KillGroup kills a started cmd and its children.
func KillGroup(cmd *exec.Cmd) error { return signalGroup(cmd, syscall.SIGKILL) }

func signalGroup(cmd *exec.Cmd, s syscall.Signal) error { return syscall.Kill(-cmd.Process.Pid, s) }
