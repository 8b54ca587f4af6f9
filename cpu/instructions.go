package cpu

import (
	"os"

	"descent/cpu/internal/kernel"
)

// Forced returns the instruction set that the environment variable DESCENT_SIMD names, for NewSIMD
// and NewGram. "" stands for the fastest. The one that it names may not be there.
func Forced() string { return os.Getenv("DESCENT_SIMD") }

// InstructionSets returns all instruction sets that this build has kernels for and this processor
// has, the fastest first and plain Go, "purego", last. It also returns the one in use, with an
// error if Forced names none of them.
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
