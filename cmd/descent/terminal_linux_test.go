package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"descent/cmd/internal/screen"
)

func init() { programs["terminal"] = terminalMain }

// terminalMain is the program "terminal WIDTHxHEIGHT COMMAND [ARGUMENT]…". It runs the command with
// stdout and stderr on a new pseudo-terminal of that size, and copies to its own stdout what the
// command writes there, byte by byte. Its exit status is that of the command. In a script:
//
//	env TERM=xterm LANG=C.UTF-8
//	exec terminal 80x24 descent run
//	cmp stdout screen.golden
func terminalMain() {
	var size unix.Winsize
	if len(os.Args) < 3 {
		fatal(errors.New("usage: terminal WIDTHxHEIGHT COMMAND [ARGUMENT]…"))
	}
	if _, err := fmt.Sscanf(os.Args[1], "%dx%d", &size.Col, &size.Row); err != nil {
		fatal(fmt.Errorf("%q is not WIDTHxHEIGHT: %w", os.Args[1], err))
	}
	near, far, err := openTerminal(&size)
	if err != nil {
		fatal(err)
	}
	cmd := exec.Command(os.Args[2], os.Args[3:]...)
	cmd.Stdout, cmd.Stderr = far, far
	if err := cmd.Start(); err != nil {
		fatal(err)
	}
	far.Close()
	io.Copy(os.Stdout, near) // it ends with an error when nothing has the far end open any more
	if err := cmd.Wait(); err != nil && cmd.ProcessState.ExitCode() < 0 {
		fatal(err)
	}
	os.Exit(cmd.ProcessState.ExitCode())
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "terminal:", err)
	os.Exit(125)
}

// openTerminal opens a pseudo-terminal. What is written to its far end is read from its near end,
// unchanged.
func openTerminal(size *unix.Winsize) (near, far *os.File, err error) {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("/dev/ptmx: %w", err)
	}
	near = os.NewFile(uintptr(fd), "/dev/ptmx")
	number, err := unix.IoctlGetUint32(fd, unix.TIOCGPTN)
	if err != nil {
		return nil, nil, fmt.Errorf("the number of the terminal: %w", err)
	}
	err = errors.Join(unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0), unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, size))
	if err != nil {
		return nil, nil, err
	}
	far, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	mode, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, nil, err
	}
	mode.Oflag &^= unix.OPOST // leaves \n alone
	return near, far, unix.IoctlSetTermios(fd, unix.TCSETS, mode)
}

// A window may change its size at any time.
func TestEachDrawFitsTheSizeOfThatMoment(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("LC_ALL", "C.UTF-8")
	near, far, err := openTerminal(&unix.Winsize{Col: 40, Row: 24})
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	show := screen.NewProgress(far)
	show.Tell(screen.Job{Doing: "reading " + strings.Repeat("a", 80)})
	if err := unix.IoctlSetWinsize(int(near.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: 20, Row: 24}); err != nil {
		t.Fatal(err)
	}
	show.Tell(screen.Job{Doing: "solving " + strings.Repeat("b", 80)})
	show.End()
	far.Close()
	out, _ := io.ReadAll(near)
	want := "\rreading " + strings.Repeat("a", 30) + "…" + "\rsolving " + strings.Repeat("b", 10) + "…" + "\r" + strings.Repeat(" ", 19) + "\r"
	if string(out) != want {
		t.Errorf("%q, not %q", out, want)
	}
}
