// Package shaders holds the OpenGL compute shaders, an operation a file, and makes
// their complete sources: the .comp files are written in terms of macros, and the
// functions here put the values in front. Work-group and tile sizes, binding numbers
// and uniform locations are decided in this package and nowhere else.
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

// LocalSize is the number of invocations in a work group of every shader, all in x.
// OpenGL 4.3 promises room for 1024.
const LocalSize = 256

// MaxGroups is how many work groups OpenGL 4.3 promises in a dimension of a dispatch.
// Shaders loop where there is more to do.
const MaxGroups = 65535

// MaxElements is the length of the longest buffer that the shaders can index: all that they
// add up stays below 2³².
const MaxElements = 1 << 30

// The bindings of the shader storage blocks. A is the first or only operand.
const (
	BindingA = iota
	BindingB
	BindingResult
)

// LocationFactor is the location of the one uniform of type Real.
const LocationFactor = 0

// Uniforms lists the uniforms of type uint of each shader. Their locations count
// from 1 in this order; a variant may lack the last of them.
var Uniforms = map[string][]string{
	"matmul":        {"M", "N", "K", "span", "first"},
	"matmul_reduce": {"size", "parts"},
	"transpose":     {"rows", "cols"},
	"elementwise":   {"count", "strideA", "strideB"},
	"reduce_mean":   {"count", "first"},
	"assign":        {"count"},
}

// A Real is the type that a shader computes in.
type Real string

const (
	Float  Real = "float"
	Double Real = "double"
)

// An Op is the operation of an element-wise shader.
type Op string

const (
	Sub    Op = "SUB"
	Add    Op = "ADD"
	Mul    Op = "MUL"
	Scale  Op = "SCALE"
	Square Op = "SQUARE"
)

// A Kernel is a shader with all its macros given values, ready to compile.
type Kernel struct {
	Name   string // file and variant, unique: "matmul float TM=256 TN=1 TK=2"
	Source string // GLSL
}

// MatMul is the kernel of matmul.comp for a tile.
func MatMul(real Real, t MatMulTile) Kernel {
	return kernel("matmul", real, define("TM", t.M), define("TN", t.N), define("TK", t.K))
}

// MatMulReduce is the kernel of matmul_reduce.comp for blocks of elements neighbouring elements.
func MatMulReduce(real Real, elements int) Kernel {
	return kernel("matmul_reduce", real, define("TE", elements))
}

// Transpose is the kernel of transpose.comp for a tile.
func Transpose(real Real, t TransposeTile) Kernel {
	return kernel("transpose", real, define("TR", t.Rows), define("TC", t.Cols))
}

// Elementwise is the kernel of elementwise.comp for an operation.
func Elementwise(real Real, op Op) Kernel { return kernel("elementwise", real, string(op)) }

// ReduceMean is the kernel of reduce_mean.comp.
func ReduceMean(real Real) Kernel { return kernel("reduce_mean", real) }

// Assign is the kernel of assign.comp.
func Assign(real Real) Kernel { return kernel("assign", real) }

// Variants returns every kernel that the functions above make for any shapes.
func Variants() []Kernel {
	var all []Kernel
	for _, real := range []Real{Float, Double} {
		all = append(all, ReduceMean(real), Assign(real))
		for _, op := range []Op{Sub, Add, Mul, Scale, Square} {
			all = append(all, Elementwise(real, op))
		}
		for _, t := range transposeTiles() {
			all = append(all, Transpose(real, t))
		}
		for elements := 1; elements <= maxReduceBlock; elements *= 2 {
			all = append(all, MatMulReduce(real, elements))
		}
		for _, t := range matMulTiles() {
			all = append(all, MatMul(real, t))
		}
	}
	return all
}

func define(name string, value int) string { return fmt.Sprintf("%s=%d", name, value) }

// comment matches what is left out of the source: drivers differ in the
// characters they accept in comments.
var comment = regexp.MustCompile(` *//.*`)

// kernel puts the version and the macros, each "NAME" or "NAME=value", in front of a file. #line makes a driver's
// messages count lines as the file does.
func kernel(file string, real Real, macros ...string) Kernel {
	var b strings.Builder
	fmt.Fprintf(&b, "#version 430 core\n#define REAL %s\n#define LOCAL_SIZE %d\n", real, LocalSize)
	for i, name := range []string{"A", "B", "RESULT"} {
		fmt.Fprintf(&b, "#define BINDING_%s %d\n", name, i)
	}
	fmt.Fprintf(&b, "#define LOCATION_factor %d\n", LocationFactor)
	for i, name := range Uniforms[file] {
		fmt.Fprintf(&b, "#define LOCATION_%s %d\n", name, LocationFactor+1+i)
	}
	for _, m := range macros {
		fmt.Fprintf(&b, "#define %s\n", strings.Replace(m, "=", " ", 1))
	}
	text := read(file + ".comp")
	if strings.Contains(text, "accumulate(") {
		fmt.Fprintf(&b, "#line 1\n%s", comment.ReplaceAllString(read("sums.glsl"), ""))
	}
	fmt.Fprintf(&b, "#line 1\n%s", comment.ReplaceAllString(text, ""))
	return Kernel{strings.Join(append([]string{file, string(real)}, macros...), " "), b.String()}
}

func read(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // the files are part of the program
	}
	return string(text)
}

// powerOf2 returns the smallest power of two that is at least n.
func powerOf2(n int) int { return 1 << bits.Len(uint(n-1)) }
