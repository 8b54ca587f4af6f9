// Command gen writes the assembly of package kernel: go generate runs it. What each function computes, and in
// what order, is told in ../kernel.go and ../portable.go.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("!purego")
	sumAVX512()
	Generate()
}

func sumAVX512() {
	TEXT("sumAVX512F64", NOSPLIT, "func(data *float64, lines int) float64")
	Doc("sumAVX512F64 is Set.Sum.")
	Pragma("noescape")
	data := Load(Param("data"), GP64())
	lines := Load(Param("lines"), GP64())
	acc := make([]reg.VecVirtual, 8)
	for i := range acc {
		acc[i] = ZMM()
		VPXORQ(acc[i], acc[i], acc[i])
	}
	Label("loop")
	CMPQ(lines, U32(8))
	JL(LabelRef("rest"))
	for i, a := range acc {
		VADDPD(Mem{Base: data, Disp: 64 * i}, a, a)
	}
	ADDQ(U32(512), data)
	SUBQ(U32(8), lines)
	JMP(LabelRef("loop"))
	Label("rest")
	CMPQ(lines, U32(0))
	JE(LabelRef("end"))
	VADDPD(Mem{Base: data}, acc[0], acc[0])
	ADDQ(U32(64), data)
	DECQ(lines)
	JMP(LabelRef("rest"))
	Label("end")
	for n := 4; n > 0; n /= 2 {
		for i := range n {
			VADDPD(acc[i+n], acc[i], acc[i])
		}
	}
	y := YMM()
	VEXTRACTF64X4(U8(1), acc[0], y)
	VADDPD(y, acc[0].AsY(), y)
	x := XMM()
	VEXTRACTF128(U8(1), y, x)
	VADDPD(x, y.AsX(), x)
	h := XMM()
	VUNPCKHPD(x, x, h)
	VADDSD(h, x, x)
	Store(x, ReturnIndex(0))
	VZEROUPPER()
	RET()
}
