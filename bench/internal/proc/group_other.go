//go:build !unix

package proc

import "os/exec"

// OwnGroup does nothing: there are no process groups.
func OwnGroup(*exec.Cmd) {}

// KillGroup kills a started cmd; its children are not known.
func KillGroup(cmd *exec.Cmd) error { return cmd.Process.Kill() }
