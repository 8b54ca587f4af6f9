//go:build unix

package proc

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

//go:embed janitor.sh
var janitorScript string

// A Janitor is a shell that outlives this process. It sees the end of this process, even by kill
// -9, as the end of a pipe. Then it kills the process groups and removes the folder that are left.
// Linux's parent-death signal would not do: it comes at the end of the thread that forked, and it
// does not reach grandchildren.
type Janitor struct {
	cmd  *exec.Cmd
	pipe *os.File // nil once it does not read any more
}

// How long a janitor may take to read a line, and to end.
const (
	tellGrace = time.Second
	endGrace  = 4 * time.Second
)

// StartJanitor starts the janitor of a folder. It runs in a session of its own, which neither a
// Ctrl-C nor the end of the terminal reaches. It holds nothing of this process but the pipe: its
// stdout and stderr are /dev/null, and its working folder is the root.
func StartJanitor(dir string) (*Janitor, error) {
	in, pipe, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	cmd := exec.Command("sh", "-c", janitorScript, "descent-janitor", dir)
	cmd.Stdin, cmd.Dir, cmd.Env = in, "/", []string{"PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		pipe.Close()
		return nil, err
	}
	return &Janitor{cmd, pipe}, nil
}

// Started tells the janitor of a process group that it is to kill.
func (j *Janitor) Started(pid int) { j.tell('+', pid) }

// Ended tells the janitor that a process group is gone.
func (j *Janitor) Ended(pid int) { j.tell('-', pid) }

// tell writes a line to the janitor. One that does not read is stopped or dead, and is told no
// more: the run can do without it.
func (j *Janitor) tell(sign byte, pid int) {
	if j.pipe == nil {
		return
	}
	j.pipe.SetWriteDeadline(time.Now().Add(tellGrace))
	if _, err := fmt.Fprintf(j.pipe, "%c %d\n", sign, pid); err != nil {
		j.pipe.Close()
		j.pipe = nil
	}
}

// End makes the janitor end whatever is left, and reaps it.
func (j *Janitor) End() {
	if j.pipe != nil {
		j.pipe.Close()
	}
	late := time.AfterFunc(endGrace, func() { j.cmd.Process.Kill() })
	defer late.Stop()
	j.cmd.Wait() // its exit status does not matter
}
