package shaders

import (
	"fmt"
	"slices"
)

// FusedSlots is how many slots share a tile of fused.comp.
const FusedSlots = 256

// A FusedShape is how the slots of a tile divide a sample: among Lanes of them, a power of two,
// of which each takes up to Features of its features.
type FusedShape struct{ Lanes, Features int }

const (
	// fusedFeatures is how many features a slot takes while there are lanes for the others: as
	// many as leave its registers for a second tile, or for a second group on the same unit.
	fusedFeatures = 8
	// MaxFusedFeatures is the largest number of features that fused.comp takes: 64 a slot.
	MaxFusedFeatures = 64 * FusedSlots
)

// FusedShapeFor fits the shape to p features, at most MaxFusedFeatures: one lane up to 8 features,
// and beyond that as few as leave each with 8 at most, or with a power of two where all slots are
// lanes.
func FusedShapeFor(p int) FusedShape {
	lanes := min(PowerOf2((p+fusedFeatures-1)/fusedFeatures), FusedSlots)
	features := (p + lanes - 1) / lanes
	if features > fusedFeatures {
		features = PowerOf2(features)
	}
	return FusedShape{lanes, features}
}

// fusedShapes lists the shapes of FusedShapeFor.
func fusedShapes() []FusedShape {
	var all []FusedShape
	for p := 1; p <= MaxFusedFeatures; p++ {
		if s := FusedShapeFor(p); len(all) == 0 || s != all[len(all)-1] {
			all = append(all, s)
		}
	}
	// 9 features a slot begin again with 5 where there are twice the lanes.
	slices.SortFunc(all, func(a, b FusedShape) int {
		return (a.Lanes-b.Lanes)*MaxFusedFeatures + a.Features - b.Features
	})
	return slices.Compact(all)
}

// Rows is how many VECs of samples a tile holds.
func (s FusedShape) Rows() int { return FusedSlots / s.Lanes }

// FusedWidth is how many samples a VEC holds, 16 bytes of them.
func FusedWidth(number Real) int {
	if number == Float {
		return 4
	}
	return 2
}

// columns is how many neighbouring sums the slots of a part add up at a time.
func (s FusedShape) columns() int { return min(PowerOf2(s.Lanes*s.Features+1), 32) }

// fusedAhead is how many rows of sums a slot loads before it adds the first of them up: their loads
// take several times as long as all the rest.
const fusedAhead = 8

// RowsAhead is how many rows of sums the slots of a part load together.
func (s FusedShape) RowsAhead() int { return fusedAhead * FusedSlots / s.columns() }

// A FusedVariant is one of the ways to do the same sums in the same order: all give the same bits.
type FusedVariant struct {
	LocalSize int // invocations in a work group: 256, 512 or 1024
	Unroll    int // tiles whose loads are in flight together: 1, 2, 4 or 8
	// Invocations in a subgroup, where sums go through its registers; 0 for shared memory.
	Subgroup int
}

// PlainFused is the variant that every driver runs.
var PlainFused = FusedVariant{LocalSize: FusedSlots, Unroll: 1}

func (v FusedVariant) String() string {
	tiles := "1 tile"
	if v.Unroll > 1 {
		tiles = fmt.Sprintf("%d tiles", v.Unroll)
	}
	sums := "sums through shared memory"
	if v.Subgroup > 0 {
		sums = fmt.Sprintf("sums through subgroups of %d", v.Subgroup)
	}
	return fmt.Sprintf("work groups of %d, %s at a time, %s", v.LocalSize, tiles, sums)
}

// Parts is how many segments a work group takes.
func (v FusedVariant) Parts() int { return v.LocalSize / FusedSlots }

// maxInFlight is how many VECs of a slot may be loaded at once: more would spill its registers.
const maxInFlight = 24

// Fits reports whether v suits the shape: with many features few tiles are in flight.
func (v FusedVariant) Fits(s FusedShape) bool {
	return v.Unroll == 1 || v.Unroll*(s.Features+1) <= maxInFlight
}

// FusedSubgroups are the sizes of subgroups that there are variants for.
var FusedSubgroups = []int{8, 16, 32, 64}

// FusedVariants lists the variants that fit a shape, on a device with subgroups of so many
// invocations, 0 for none: the plain one first.
func FusedVariants(s FusedShape, subgroup int) []FusedVariant {
	var all []FusedVariant
	for _, local := range []int{256, 512, 1024} {
		for _, unroll := range []int{1, 2, 4, 8} {
			for _, size := range subgroupsFor(s, subgroup) {
				if v := (FusedVariant{local, unroll, size}); v.Fits(s) {
					all = append(all, v)
				}
			}
		}
	}
	return all
}

// fusedShared is how many bytes of shared memory the slots' sums may take together: with those of
// the lanes, 16 KiB at most, within the 32 KiB that OpenGL 4.3 promises.
const fusedShared = 8 << 10

// subgroupsFor lists what a variant's Subgroup may be on a device with subgroups of so many
// invocations.
func subgroupsFor(s FusedShape, subgroup int) []int {
	if slices.Contains(FusedSubgroups, subgroup) && s.Rows() > 1 {
		return []int{0, subgroup}
	}
	return []int{0}
}

// Fused is the kernel of fused.comp for a shape, in one of its variants.
func Fused(number Real, s FusedShape, v FusedVariant) Kernel {
	batch := min(max(1, fusedShared/(v.LocalSize*16/FusedWidth(number))), s.Features+1)
	return tileKernel{"fused", number, s, v.LocalSize, v.Subgroup}.kernel(
		define("SPAN", 1), define("SEGMENTS", 1), define("UNROLL", v.Unroll), define("BATCH", batch))
}

// A tileKernel is a kernel that adds up tiles by segment.glsl and rows.glsl.
type tileKernel struct {
	file      string
	number    Real
	shape     FusedShape
	localSize int
	subgroup  int // as in FusedVariant
}

// kernel gives the file the macros of its tiles, and then macros of its own.
func (k tileKernel) kernel(macros ...string) Kernel {
	width := FusedWidth(k.number)
	src := source{file: k.file, number: k.number, localSize: k.localSize, macros: append([]string{
		"VEC=" + map[int]string{4: "vec4", 2: "dvec2"}[width], define("WIDTH", width), define("SLOTS", FusedSlots),
		define("LANES", k.shape.Lanes), define("FEATURES", k.shape.Features), define("COLUMNS", k.shape.columns()), define("AHEAD", fusedAhead),
		define("SUBGROUP", k.subgroup),
	}, macros...)}
	if k.subgroup > 0 {
		src.extensions = []string{"GL_KHR_shader_subgroup_basic", "GL_KHR_shader_subgroup_shuffle"}
	}
	return src.kernel()
}

// fusedKernels returns all kernels of fused.comp.
func fusedKernels(number Real) []Kernel {
	var all []Kernel
	for _, s := range fusedShapes() {
		for _, v := range FusedVariants(s, 0) {
			all = append(all, Fused(number, s, v))
		}
		for _, size := range FusedSubgroups {
			for _, v := range FusedVariants(s, size) {
				if v.Subgroup > 0 {
					all = append(all, Fused(number, s, v))
				}
			}
		}
	}
	return all
}
