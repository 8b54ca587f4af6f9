package kernel

import (
	"fmt"
	"strings"
)

//go:generate go -C gen run . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg kernel

// Sets returns the kernels of every instruction set that this processor has, the fastest first. The
// last is plain Go.
func Sets[T Float]() []*Set[T] {
	return append(vectorSets[T](), Portable[T]())
}

// Named returns the kernels of the instruction set name, or the fastest of this processor if name
// is empty. A name is an error if it is unknown, or if this processor or build lacks it.
func Named[T Float](name string) (*Set[T], error) {
	sets := Sets[T]()
	if name == "" {
		return sets[0], nil
	}
	have := make([]string, len(sets))
	for i, s := range sets {
		if s.Name == name {
			return s, nil
		}
		have[i] = s.Name
	}
	return nil, fmt.Errorf("instruction set %q is not one that this build has on this processor: %s", name, strings.Join(have, ", "))
}
