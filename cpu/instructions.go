package cpu

import (
	"os"

	"descent/cpu/internal/kernel"
)

// Forced returns the instruction set that the environment variable DESCENT_SIMD names, for NewSIMD
// and NewGram; "", which is the fastest that there is, where it names none. It may be one that is
// not there.
func Forced() string { return os.Getenv("DESCENT_SIMD") }

// InstructionSets returns those that there are kernels for in this build and on this processor, the
// fastest first and plain Go, "purego", last; and which of them is in use, with an error where
// Forced names none of them.
func InstructionSets() (inUse string, all []string, err error) {
	for _, set := range kernel.Sets[float64]() {
		all = append(all, set.Name)
	}
	set, err := kernel.Named[float64](Forced())
	if err != nil {
		return "", all, err
	}
	return set.Name, all, nil
}
