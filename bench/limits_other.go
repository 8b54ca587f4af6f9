//go:build !linux

package bench

import "errors"

// CanLimitMemory returns why Limits.Memory cannot be used here.
func CanLimitMemory() error { return errNoMemoryLimit }

func limitMemory(int, int64) error { return errNoMemoryLimit }

func spareDriver(int) {}

var errNoMemoryLimit = errors.New("memory can be limited on Linux only")
