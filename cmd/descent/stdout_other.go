//go:build !linux

package main

import "io"

func claimStdout(out io.Writer) (io.Writer, error) { return out, nil }
