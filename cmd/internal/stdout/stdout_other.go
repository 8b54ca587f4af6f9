//go:build !linux

package stdout

import "io"

// Claim returns out. On this system a library that prints may disturb the protocol.
func Claim(out io.Writer) (io.Writer, error) { return out, nil }
