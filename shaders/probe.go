package shaders

import (
	"fmt"
	"strings"
)

const (
	// StreamBytes is the length of an element of read.comp and copy.comp.
	StreamBytes = 16
	// StreamBlock is how many of them a work group takes at a time: four an invocation, all
	// loaded before the first is used.
	StreamBlock = 4 * LocalSize
)

// word is the REAL of kernels that have no arithmetic in it.
const word Real = "uint"

// Read is the kernel of read.comp.
func Read() Kernel { return kernel("read", word, define("BLOCK", StreamBlock)) }

// Copy is the kernel of copy.comp.
func Copy() Kernel { return kernel("copy", word, define("BLOCK", StreamBlock)) }

// Tick is the kernel of tick.comp.
func Tick() Kernel { return kernel("tick", word) }

// Meet is the kernel of meet.comp for any number of groups.
func Meet() Kernel { return kernel("meet", word, define("ALONE", 0)) }

// MeetAlone is the kernel of meet.comp for one group alone.
func MeetAlone() Kernel { return kernel("meet", word, define("ALONE", 1)) }

const (
	// MulAddChains is how many numbers an invocation of muladd.comp has.
	MulAddChains = 8
	// MulAddSteps is how many multiply-adds of each a round has.
	MulAddSteps = 16
)

// MulAdd is the kernel of muladd.comp.
func MulAdd(number Real) Kernel {
	return kernel("muladd", number, define("CHAINS", MulAddChains), define("STEPS", MulAddSteps))
}

// Unseen is a kernel of usual size that a driver has to compile anew for every nonce: that
// of matmul.comp for a tile of UnseenTile, whose result does not depend on the nonce.
func Unseen(nonce uint32) Kernel {
	k := MatMul(Float, UnseenTile)
	version, rest, _ := strings.Cut(k.Source, "\n")
	k.Name += " unseen"
	k.Source = fmt.Sprintf("%s\n#define NONCE %du\n#define main timed\n%s\n#undef main\n#line 1\n%s",
		// Larger than any M.
		version, nonce|1<<31, rest, comment.ReplaceAllString(read("unseen.glsl"), ""))
	return k
}

// UnseenTile is the tile of the kernels of Unseen.
var UnseenTile = MatMulTile{M: 16, N: 16, K: 32}
