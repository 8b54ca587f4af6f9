//go:build !amd64 || purego

package kernel

// vectorSets returns none: there is no assembly for this processor, or it was left out.
func vectorSets[T Float]() []*Set[T] { return nil }
