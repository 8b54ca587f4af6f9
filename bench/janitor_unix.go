//go:build unix

package bench

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

// A janitor is a shell that sees the end of this process, a kill -9 too, by the end of a pipe, and then kills the
// workers and removes the folder that are left. Linux's parent-death signal would not do: it comes at the end of the
// thread that forked, and does not reach grandchildren.
type janitor struct {
	cmd  *exec.Cmd
	pipe *os.File // nil once it does not read any more
}

// startJanitor starts the janitor of a folder in a session of its own, which neither a Ctrl-C nor the
// end of the terminal reaches. It holds nothing of the driver but the pipe: stdout and stderr are /dev/null, and
// its folder is the root.
func startJanitor(dir string) (*janitor, error) {
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
	return &janitor{cmd, pipe}, nil
}

// tell tells the janitor that the process group of a worker is there ('+') or gone ('-'). One that does
// not read is not told any more: it is stopped or dead, and the run can do without it.
func (j *janitor) tell(sign byte, pid int) {
	if j.pipe == nil {
		return
	}
	j.pipe.SetWriteDeadline(time.Now().Add(lastGrace))
	if _, err := fmt.Fprintf(j.pipe, "%c %d\n", sign, pid); err != nil {
		j.pipe.Close()
		j.pipe = nil
	}
}

// end has the janitor end whatever is left, and reaps it.
func (j *janitor) end() {
	if j.pipe != nil {
		j.pipe.Close()
	}
	late := time.AfterFunc(2*exitGrace, func() { j.cmd.Process.Kill() })
	defer late.Stop()
	j.cmd.Wait() // how it ended has no bearing
}
