package gpu

import (
	"fmt"
	"os"
	"strings"
)

// hasRoom refuses, with the sizes, what would take more bytes than are known to be free.
func (d Device) hasRoom(bytes int64, what string) error {
	if memory := memoryFor(d); memory > 0 && bytes > memory {
		return &Error{Kind: Limit, Provider: d.Provider, Detail: fmt.Sprintf("%s would take %s, and %s has %s free",
			what, formatBytes(int(bytes)), d.Renderer, formatBytes(int(memory)))}
	}
	return nil
}

// memoryFor returns how many bytes of buffers a device has room for, 0 if that is unknown.
// A software renderer's buffers are in the memory of the host.
func memoryFor(d Device) int64 {
	switch {
	case d.FreeMemoryBytes > 0:
		return d.FreeMemoryBytes
	case d.MemoryBytes > 0:
		return d.MemoryBytes
	case d.Software:
		text, _ := os.ReadFile("/proc/meminfo")
		return availableMemory(string(text))
	}
	return 0
}

// availableMemory finds in the text of /proc/meminfo what programs can still take
// without swapping, in bytes; 0 if it is not there.
func availableMemory(meminfo string) int64 {
	for line := range strings.Lines(meminfo) {
		var kib int64
		if n, _ := fmt.Sscanf(line, "MemAvailable: %d kB", &kib); n == 1 {
			return kib << 10
		}
	}
	return 0
}
