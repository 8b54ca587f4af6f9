package shaders

import (
	"fmt"
	"math/bits"
	"slices"
)

// A ResidentVariant is one of the ways to keep tiles on the chip with resident.comp: all give the
// bits of fused.comp.
type ResidentVariant struct {
	LocalSize int // invocations in a work group: 32 to 1024
	Segments  int // that a part of a group takes, a power of two
	Tiles     int // of a segment, at most
	// Held is how many pieces of the tiles of an invocation are in registers. The others are in
	// shared memory.
	Held int
	Many bool // several groups, which wait for one another in every epoch
	// Subgroup is the invocations in a subgroup, if sums go through its registers; 0 for shared
	// memory.
	Subgroup int
}

const (
	// MaxResidentSegments is how many segments a work group takes at most.
	MaxResidentSegments = 32
	// maxResidentTiles is how many tiles of a segment fused.comp takes in one run, as resident.comp
	// takes all.
	maxResidentTiles = 32
	// residentShared is how many bytes of shared memory the slots' sums may take together.
	residentShared = 16 << 10
)

// maxHeld is how many VECs an invocation may have in its registers: what is left of its share of 64
// Ki registers of 4 bytes, 256 at most, beside those for all else.
func maxHeld(localSize int) int { return min(48, (64<<10/localSize-36)/4) }

// Parts is how many segments a work group takes at a time.
func (v ResidentVariant) Parts() int { return max(1, v.LocalSize/FusedSlots) }

// span is how many slots an invocation has.
func (v ResidentVariant) span() int { return max(1, FusedSlots/v.LocalSize) }

// pieces is how many parts of tiles an invocation has.
func (v ResidentVariant) pieces() int { return v.Segments * v.Tiles * v.span() }

// Taken is how many segments a work group takes.
func (v ResidentVariant) Taken() int { return v.Parts() * v.Segments }

// batch is how many sums of all slots are in shared memory together.
func (v ResidentVariant) batch(number Real, s FusedShape) int {
	return min(max(1, residentShared/(v.LocalSize*16/FusedWidth(number))), v.Segments*(s.Features+1))
}

// SharedBytes is how much shared memory a work group takes.
func (v ResidentVariant) SharedBytes(number Real, s FusedShape) int {
	value := 16 / FusedWidth(number)
	width := s.Lanes*s.Features + 1
	bytes := 16*(v.pieces()-v.Held)*(s.Features+1)*v.LocalSize + value*v.batch(number, s)*v.LocalSize
	if s.Lanes > 1 {
		bytes += 16 * v.LocalSize
	}
	if v.Many {
		return bytes + value*width + 16
	}
	return bytes + value*width*v.Taken()
}

// Barriers is how often an invocation comes to a barrier() in an epoch, with p features and so many
// clusters. If groups meet, it is that of a group that also adds a cluster up: the others wait for
// it. The two barriers around the wait for other groups are among them.
func (v ResidentVariant) Barriers(number Real, s FusedShape, p, clusters int) int {
	n := 0
	if s.Lanes > 1 { // sumLanes, for each piece
		n += v.pieces() * (2 + bits.TrailingZeros(uint(s.Lanes)))
	}
	// sumRows: a barrier before each batch but the first, one behind the totals, and the levels.
	batch, totals := v.batch(number, s), v.Segments*(s.Features+1)
	batches := (totals + batch - 1) / batch
	n += batches - 1 + batches*(1+v.levels(FusedSlots/v.span()/s.Lanes, 1))
	if !v.Many {
		return n + 1
	}
	blocks := (p + s.columns()*v.Parts()) / (s.columns() * v.Parts())
	reduce := blocks - 1 + blocks*(1+v.levels(FusedSlots, s.columns()))
	if clusters > 1 {
		n += 2 + reduce // arrive
	}
	return n + 2 + reduce + 1
}

// levels is how many barriers there are where shared memory adds up left values down to least.
func (v ResidentVariant) levels(left, least int) (n int) {
	if v.Subgroup > 0 {
		return 0
	}
	for ; left > least; n++ { // fewer of segment.glsl
		if left > 2*least {
			left /= 4
		} else {
			left /= 2
		}
	}
	return n
}

func (v ResidentVariant) String() string {
	groups, sums := "one work group", "sums through shared memory"
	if v.Many {
		groups = "work groups"
	}
	if v.Subgroup > 0 {
		sums = fmt.Sprintf("sums through subgroups of %d", v.Subgroup)
	}
	kept := ""
	if n := v.pieces() - v.Held; n > 0 {
		kept = fmt.Sprintf(" and %d in shared memory", n)
	}
	return fmt.Sprintf("%s of %d, each invocation with %d × 16 bytes of every column in registers%s, %s", groups, v.LocalSize, v.Held, kept, sums)
}

// A ResidentFit is what the variants of resident.comp have to fit: the data, and the device.
type ResidentFit struct {
	Tiles, Segments int // of the data: the tiles are dealt to the segments
	SharedBytes     int // of shared memory in a work group
	Subgroup        int // invocations in a subgroup, 0 for none
}

// ResidentVariants lists the variants that fit: those with the fewest groups first, then with the
// smallest groups, then through subgroups.
func ResidentVariants(number Real, s FusedShape, fit ResidentFit) []ResidentVariant {
	var all []ResidentVariant
	each := (fit.Tiles + fit.Segments - 1) / fit.Segments
	if each > maxResidentTiles {
		return nil
	}
	for taken := min(MaxResidentSegments, PowerOf2(fit.Segments)); taken >= 1; taken /= 2 {
		for local := 32; local <= 1024; local *= 2 {
			v := ResidentVariant{LocalSize: local, Tiles: each, Many: taken < fit.Segments}
			v.Segments = taken / v.Parts()
			if v.Segments == 0 || v.span() > 1 && (v.Many || s.Lanes > 1) {
				continue
			}
			v.Held = min(v.pieces(), maxHeld(local)/(s.Features+1))
			if v.Held == 0 || v.SharedBytes(number, s) > fit.SharedBytes {
				continue
			}
			for _, size := range slices.Backward(subgroupsFor(s, fit.Subgroup)) {
				if v.Subgroup = size; size <= local {
					all = append(all, v)
				}
			}
		}
	}
	return all
}

// Resident is the kernel of resident.comp for a shape, in one of its variants.
func Resident(number Real, s FusedShape, v ResidentVariant) Kernel {
	many := 0
	if v.Many {
		many = 1
	}
	return tileKernel{"resident", number, s, v.LocalSize, v.Subgroup}.kernel(
		define("SPAN", v.span()), define("SEGMENTS", v.Segments), define("TILES", v.Tiles), define("HELD", v.Held), define("KEPT", v.pieces()-v.Held),
		define("MANY", many), define("BATCH", v.batch(number, s)))
}

// residentKernels returns kernels of resident.comp: each kind for every shape, since the numbers of
// tiles make too many.
func residentKernels(number Real) []Kernel {
	var all []Kernel
	known := map[string]bool{}
	for _, s := range fusedShapes() {
		for _, subgroup := range []int{0, 8, 32, 64} {
			for _, segments := range []int{1, 4, 100} {
				for _, v := range ResidentVariants(number, s, ResidentFit{2 * segments, segments, 32 << 10, subgroup}) {
					if k := Resident(number, s, v); !known[k.Name] {
						known[k.Name] = true
						all = append(all, k)
					}
				}
			}
		}
	}
	return all
}
