package device

import (
	"fmt"
	"os"
	"strings"
)

// CheckRoom refuses, with the sizes, what would take more bytes than are known to be free. The
// error starts with what.
func (d Info) CheckRoom(bytes int64, what string) error {
	if room := d.room(); room > 0 && bytes > room {
		return &Error{Kind: Limit, Provider: d.Provider, Detail: fmt.Sprintf("%s would take %s, and %s has %s free",
			what, FormatBytes(int(bytes)), d.Renderer, FormatBytes(int(room)))}
	}
	return nil
}

// room returns how many bytes of buffers a device has room for, 0 if that is unknown. A software
// renderer's buffers are in the memory of the host.
func (d Info) room() int64 {
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

// availableMemory finds, in the text of /proc/meminfo, how many bytes programs can still take
// without swapping; 0 if it is not there.
func availableMemory(meminfo string) int64 {
	for line := range strings.Lines(meminfo) {
		var kib int64
		if n, _ := fmt.Sscanf(line, "MemAvailable: %d kB", &kib); n == 1 {
			return kib << 10
		}
	}
	return 0
}

// FormatBytes writes a size as people read it: "1.5 GiB".
func FormatBytes(n int) string {
	const units = "KMGTPE"
	if n < 1<<10 {
		return fmt.Sprintf("%d bytes", n)
	}
	size, unit := float64(n), -1
	for size >= 1<<10 {
		size /= 1 << 10
		unit++
	}
	return fmt.Sprintf("%.4g %ciB", size, units[unit])
}
