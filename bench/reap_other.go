//go:build !linux

package bench

// awaitEnd would tell the end of a child before it is reaped. Without it the number of one that was reaped is used
// once more, at once: systems give numbers out in turn, so that it is not another's by then.
func awaitEnd(int) bool { return false }
