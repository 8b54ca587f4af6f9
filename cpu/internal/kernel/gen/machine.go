package main

import (
	"go/token"
	"go/types"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// These are kernel.Line, kernel.Group and kernel.Run.
const (
	line  = 64
	group = 4
	run   = 256
)

// A machine is an instruction set at one precision. A line of a strip takes lanes registers of it:
// one of AVX-512, or two of AVX2, the lower half first.
type machine struct {
	*build.Context
	name string
	wide bool // AVX-512: 32 registers of 64 bytes, against 16 of 32
	size int  // bytes of a value
}

func machines(c *build.Context) []*machine {
	return []*machine{
		{c, "avx512", true, 8}, {c, "avx512", true, 4},
		{c, "avx2", false, 8}, {c, "avx2", false, 4},
	}
}

// function begins the one for a field of kernel.Set. In its signature T is the type of the data.
func (m *machine) function(field, signature string) {
	t, suffix := "float64", "F64"
	if m.size == 4 {
		t, suffix = "float32", "F32"
	}
	name := strings.ToLower(field) + strings.ToUpper(m.name) + suffix
	m.Function(name)
	m.Attributes(attr.NOSPLIT)
	m.Doc(name + " is Set." + field + ".")
	m.Pragma("noescape")
	sig, err := gotypes.ParseSignatureInPackage(pkg, strings.ReplaceAll(signature, "*T", "*"+t))
	if err != nil {
		panic(err)
	}
	m.Signature(sig)
}

// pkg is package kernel, as far as the signatures need it.
var pkg = func() *types.Package {
	p := types.NewPackage("kernel", "kernel")
	mask := types.NewTypeName(token.NoPos, p, "Mask", nil)
	types.NewNamed(mask, types.NewArray(types.Typ[types.Byte], group*line), nil)
	p.Scope().Insert(mask)
	return p
}()

// arg loads an argument.
func (m *machine) arg(name string) reg.GPVirtual {
	r := m.GP64()
	m.Load(m.Param(name), r)
	return r
}

// lanes is the number of registers that hold a line, and width the bytes of each.
func (m *machine) lanes() int { return line / m.width() }

func (m *machine) width() int {
	if m.wide {
		return 64
	}
	return 32
}

func (m *machine) vec() reg.VecVirtual {
	if m.wide {
		return m.ZMM()
	}
	return m.YMM()
}

// zeros returns n registers of zeros.
func (m *machine) zeros(n int) []reg.VecVirtual {
	z := make([]reg.VecVirtual, n)
	for i := range z {
		z[i] = m.vec()
		m.VXORPD(z[i], z[i], z[i])
	}
	return z
}

// of picks the instruction of the precision.
func (m *machine) of(f64, f32 func(...Op)) func(...Op) {
	if m.size == 8 {
		return f64
	}
	return f32
}

// add sets dst = a + b; a may be in memory.
func (m *machine) add(a, b, dst Op) { m.of(m.VADDPD, m.VADDPS)(a, b, dst) }

// sub sets dst = a − b; b may be in memory.
func (m *machine) sub(a, b, dst Op) { m.of(m.VSUBPD, m.VSUBPS)(b, a, dst) }

// fma sets acc = acc + a·b; a may be in memory.
func (m *machine) fma(a, b, acc Op) { m.of(m.VFMADD231PD, m.VFMADD231PS)(a, b, acc) }

// and sets v = v & a; a may be in memory.
func (m *machine) and(a, v Op) { m.of(m.VANDPD, m.VANDPS)(a, v, v) }

// move loads or stores.
func (m *machine) move(from, to Op) { m.of(m.VMOVUPD, m.VMOVUPS)(from, to) }

// load returns what is at a place of memory.
func (m *machine) load(at Mem) reg.VecVirtual {
	v := m.vec()
	m.move(at, v)
	return v
}

// broadcast returns a register of which each lane is the value at a place of memory.
func (m *machine) broadcast(at Mem) reg.VecVirtual {
	v := m.vec()
	if m.size == 8 {
		m.VBROADCASTSD(at, v)
	} else {
		m.VBROADCASTSS(at, v)
	}
	return v
}

// widen returns the eight float64 that the registers of a line add up to: the lanes themselves,
// or lanes l and l+8 of float32.
func (m *machine) widen(v []reg.VecVirtual) []reg.VecVirtual {
	if m.size == 8 {
		return v
	}
	if m.wide {
		low, high := m.ZMM(), m.ZMM()
		half := m.YMM()
		m.VEXTRACTF64X4(U8(1), v[0], half)
		m.VCVTPS2PD(v[0].AsY(), low)
		m.VCVTPS2PD(half, high)
		m.VADDPD(high, low, low)
		return []reg.VecVirtual{low}
	}
	sums := make([]reg.VecVirtual, 2)
	for i := range sums {
		low, high := m.YMM(), m.YMM()
		if i == 0 {
			m.VCVTPS2PD(v[0].AsX(), low)
			m.VCVTPS2PD(v[1].AsX(), high)
		} else {
			half := m.XMM()
			m.VEXTRACTF128(U8(1), v[0], half)
			m.VCVTPS2PD(half, low)
			m.VEXTRACTF128(U8(1), v[1], half)
			m.VCVTPS2PD(half, high)
		}
		m.VADDPD(high, low, low)
		sums[i] = low
	}
	return sums
}

// fold returns the sum of eight float64, added in halves.
func (m *machine) fold(v []reg.VecVirtual) reg.VecVirtual {
	y := m.YMM()
	if m.wide {
		m.VEXTRACTF64X4(U8(1), v[0], y)
		m.VADDPD(y, v[0].AsY(), y)
	} else {
		m.VADDPD(v[1], v[0], y)
	}
	x, h := m.XMM(), m.XMM()
	m.VEXTRACTF128(U8(1), y, x)
	m.VADDPD(x, y.AsX(), x)
	m.VUNPCKHPD(x, x, h)
	m.VADDSD(h, x, x)
	return x
}

// end ends a function.
func (m *machine) end() {
	m.VZEROUPPER()
	m.RET()
}
