// Package shaders holds the OpenGL compute shaders, an operation a file, and makes their complete
// sources. The .comp files are written in terms of macros, and the functions here put the values in
// front. This package alone decides work-group and tile sizes, binding numbers and uniform
// locations.
//
// Where things are:
//
//	shaders.go      Kernel, bindings and uniforms, every kernel (Variants), how a source is made
//	tiles.go        tiles of matmul.comp, matmul_reduce.comp and transpose.comp
//	expression.go   the formulas of elementwise.comp
//	fused.go        shapes and variants of fused.comp
//	resident.go     variants of resident.comp
//	probe.go        read.comp, copy.comp, tick.comp, meet.comp, muladd.comp, and unseen.glsl
//	check           a command: glslangValidator on every variant
//
//	matmul.comp, matmul_reduce.comp, transpose.comp, elementwise.comp, reduce_mean.comp,
//	assign.comp
//	                the nodes of a graph
//	fused.comp      an epoch in one dispatch
//	resident.comp   many epochs in one dispatch
//	segment.glsl, rows.glsl
//	                how the last two add up tiles, and then sums
//	meet.glsl       how work groups wait for one another
//	fold.glsl, accumulate.glsl
//	                sums over a work group, and compensated sums
package shaders

import (
	"embed"
	"fmt"
	"math/bits"
	"regexp"
	"strings"
)

//go:embed *.comp *.glsl
var files embed.FS

// LocalSize is the number of invocations in a work group, all in x, of every shader but
// fused.comp, which has variants. OpenGL 4.3 promises room for 1024.
const LocalSize = 256

// MaxGroups is how many work groups OpenGL 4.3 promises in a dimension of a dispatch.
// Shaders loop where there is more to do.
const MaxGroups = 65535

// MaxElements is the length of the longest buffer that the shaders can index: all that they
// add up stays below 2³².
const MaxElements = 1 << 30

// The bindings of the shader storage blocks. A is the first or only operand; from C on
// they are those of elementwise.comp.
const (
	BindingA = iota
	BindingB
	BindingResult
	BindingC
	BindingD
	BindingE
	BindingF
	BindingG
)

// Those of fused.comp and resident.comp.
const (
	BindingData = iota
	BindingWeights
	BindingSums
	BindingArrivals
)

var bindings = []struct {
	name   string
	number int
}{
	{"A", BindingA}, {"B", BindingB}, {"RESULT", BindingResult},
	{"C", BindingC}, {"D", BindingD}, {"E", BindingE}, {"F", BindingF}, {"G", BindingG},
	{"DATA", BindingData}, {"WEIGHTS", BindingWeights}, {"SUMS", BindingSums}, {"ARRIVALS", BindingArrivals},
}

// LocationReal is the location of the one uniform of type Real, or of four of them, and
// LocationUint that of the first of type uint.
const (
	LocationReal = iota
	LocationUint
)

// reals names the uniform at LocationReal of the shaders that have one.
var reals = map[string]string{"elementwise": "factor", "reduce_mean": "factor", "fused": "scale", "resident": "scale", "muladd": "factor"}

// Uniforms lists the uniforms of type uint of each shader. Their locations count
// from 1 in this order; a variant may lack the last of them.
var Uniforms = map[string][]string{
	"matmul":        {"M", "N", "K", "span", "first"},
	"matmul_reduce": {"size", "parts"},
	"transpose":     {"rows", "cols"},
	"elementwise":   {"count", "strideA", "strideB", "strideC", "strideD", "strideE", "strideF", "strideG"},
	"reduce_mean":   {"count", "first"},
	"assign":        {"count"},
	"read":          {"count", "rounds", "shift"},
	"copy":          {"count"},
	"meet":          {"rounds", "patience"},
	"muladd":        {"rounds", "addend"},
	"fused":         {"rows", "features", "tiles", "stride", "start", "end", "before", "segments", "cluster", "beforeClusters", "clusters"},
	"resident":      {"rows", "features", "tiles", "segments", "cluster", "clusters", "epochs", "patience"},
}

// A Real is the type that a shader computes in.
type Real string

const (
	Float  Real = "float"
	Double Real = "double"
)

// A Kernel is a shader with all its macros given values, ready to compile.
type Kernel struct {
	Name   string // file and variant, unique: "matmul float TM=256 TN=1 TK=2"
	Source string // GLSL
}

// MatMul is the kernel of matmul.comp for a tile.
func MatMul(number Real, t MatMulTile) Kernel {
	return kernel("matmul", number, define("TM", t.M), define("TN", t.N), define("TK", t.K))
}

// MatMulReduce is the kernel of matmul_reduce.comp for blocks of elements neighbouring elements.
func MatMulReduce(number Real, elements int) Kernel {
	return kernel("matmul_reduce", number, define("TE", elements))
}

// Transpose is the kernel of transpose.comp for a tile.
func Transpose(number Real, t TransposeTile) Kernel {
	return kernel("transpose", number, define("TR", t.Rows), define("TC", t.Cols))
}

// ReduceMean is the kernel of reduce_mean.comp.
func ReduceMean(number Real) Kernel { return kernel("reduce_mean", number) }

// Assign is the kernel of assign.comp.
func Assign(number Real) Kernel { return kernel("assign", number) }

// Variants returns every kernel that this package makes for any shapes, except those of Unseen and
// of elementwise.comp all but some: see formulas.
func Variants() []Kernel {
	all := []Kernel{Read(), Copy(), Tick(), Meet(), MeetAlone()}
	for _, number := range []Real{Float, Double} {
		all = append(all, ReduceMean(number), Assign(number), MulAdd(number))
		for _, f := range formulas() {
			all = append(all, Elementwise(number, f))
		}
		for _, t := range transposeTiles() {
			all = append(all, Transpose(number, t))
		}
		for elements := 1; elements <= maxReduceBlock; elements *= 2 {
			all = append(all, MatMulReduce(number, elements))
		}
		for _, t := range matMulTiles() {
			all = append(all, MatMul(number, t))
		}
		all = append(all, fusedKernels(number)...)
		all = append(all, residentKernels(number)...)
	}
	return all
}

func define(name string, value int) string { return fmt.Sprintf("%s=%d", name, value) }

// comment matches what is left out of the source: drivers differ in the
// characters they accept in comments.
var comment = regexp.MustCompile(` *//.*`)

// kernel is a file with the local size of all but fused.comp.
func kernel(file string, number Real, macros ...string) Kernel {
	return source{file: file, number: number, localSize: LocalSize, macros: macros}.kernel()
}

// A source is what a kernel is made of.
type source struct {
	file       string
	number     Real
	localSize  int
	extensions []string
	macros     []string // each "NAME" or "NAME=value"
}

// kernel puts the version and the macros in front of the file.
func (s source) kernel() Kernel {
	var b strings.Builder
	b.WriteString("#version 430 core\n")
	for _, name := range s.extensions {
		fmt.Fprintf(&b, "#extension %s : require\n", name)
	}
	fmt.Fprintf(&b, "#define REAL %s\n#define LOCAL_SIZE %d\n", s.number, s.localSize)
	for _, binding := range bindings {
		fmt.Fprintf(&b, "#define BINDING_%s %d\n", binding.name, binding.number)
	}
	if name, ok := reals[s.file]; ok {
		fmt.Fprintf(&b, "#define LOCATION_%s %d\n", name, LocationReal)
	}
	for i, name := range Uniforms[s.file] {
		fmt.Fprintf(&b, "#define LOCATION_%s %d\n", name, LocationUint+i)
	}
	for _, m := range s.macros {
		fmt.Fprintf(&b, "#define %s\n", strings.Replace(m, "=", " ", 1))
	}
	b.WriteString(expand(s.file + ".comp"))
	name := s.file + " " + string(s.number)
	if s.localSize != LocalSize {
		name += " " + define("LOCAL_SIZE", s.localSize)
	}
	return Kernel{strings.Join(append([]string{name}, s.macros...), " "), b.String()}
}

// include matches a line that stands for another file.
var include = regexp.MustCompile(`^#include "(\w+\.glsl)"$`)

// expand returns a file without its comments and with those that it includes. #line makes a
// driver's messages count lines as the files do.
func expand(name string) string {
	lines := strings.Split(comment.ReplaceAllString(read(name), ""), "\n")
	for i, line := range lines {
		if m := include.FindStringSubmatch(line); m != nil {
			lines[i] = fmt.Sprintf("%s\n#line %d", expand(m[1]), i+2)
		}
	}
	return "#line 1\n" + strings.Join(lines, "\n")
}

func read(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // the files are part of the program
	}
	return string(text)
}

// PowerOf2 returns the smallest power of two that is at least n, which is positive.
func PowerOf2(n int) int { return 1 << bits.Len(uint(n-1)) }
