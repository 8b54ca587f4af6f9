// Package stdout keeps what libraries print out of the answers on stdout.
package stdout

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// Claim returns the process's stdout, for the protocol alone. It points descriptor 1 at stderr. So
// a driver's library that prints cannot disturb the protocol.
func Claim(out io.Writer) (io.Writer, error) {
	if out != os.Stdout {
		return out, nil
	}
	fd, err := unix.FcntlInt(os.Stdout.Fd(), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, err
	}
	if err := unix.Dup3(int(os.Stderr.Fd()), int(os.Stdout.Fd()), 0); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "protocol"), nil
}
