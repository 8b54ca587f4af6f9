package machine

import (
	"fmt"
	"io/fs"
)

const swapFair = 256 // pages: 1 MiB if a page has 4 KiB

// readSwapped reads how many pages went to swap and came from it since boot. It returns nil if that
// is not known.
func readSwapped(fsys fs.FS) *uint64 {
	stat := keyed(fsys, "proc/vmstat")
	in, ok := stat["pswpin"]
	out, okOut := stat["pswpout"]
	if !ok || !okOut {
		return nil
	}
	sum := in + out
	return &sum
}

// swapping grades how many pages were swapped over the interval.
func swapping(i interval) []Assessment {
	a, b := i.before.swapped, i.after.swapped
	if a == nil || b == nil {
		return nil
	}
	pages := growth(*a, *b)
	value := "none"
	if pages > 0 {
		value = fmt.Sprintf("pages in and out: %d", pages)
	}
	return assessed("swapping", value, graded(float64(pages), 0, swapFair),
		"close programs that hold memory, or choose a smaller problem")
}
