//go:build !linux

package main

import "io"

// claimStdout returns out. On this system a library that prints may disturb the protocol.
func claimStdout(out io.Writer) (io.Writer, error) { return out, nil }
