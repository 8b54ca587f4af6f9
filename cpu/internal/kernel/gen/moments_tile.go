package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tileSide is kernel.Tile.
const tileSide = 4

// A term is one sum of a tile: of the products of column i of panel a and j of panel b, or, where i
// is negative, of column j alone.
type term struct{ i, j int }

func (m *machine) products() {
	m.function("Products", "func(tile *[16]float64, a, b *T, strips, stride, columns int)")
	var terms []term
	for j := range tileSide {
		for i := range tileSide {
			terms = append(terms, term{i, j})
		}
	}
	m.tile(terms, m.arg("a"), m.arg("b"))
}

func (m *machine) squares() {
	m.function("Squares", "func(tile *[16]float64, panel *T, strips, stride, columns int, ahead *byte)")
	var terms []term
	for j := range tileSide {
		for i := range j + 1 {
			terms = append(terms, term{i, j})
		}
	}
	for j := range tileSide {
		terms = append(terms, term{-1, j})
	}
	m.tile(terms, m.arg("panel"), nil)
}

// tile writes the body of Products, and of Squares where b is nil: term k is at place k of the
// tile. AVX-512 has all sums in registers, and AVX2 half a tile and half of the lanes at once.
func (m *machine) tile(terms []term, a, b reg.Register) {
	strips, stride, columns := m.arg("strips"), m.arg("stride"), m.arg("columns")
	m.SHLQ(U8(6), stride)
	out := m.arg("tile")
	each, saved := tileSide*tileSide, Mem{}
	if !m.wide {
		each /= 2
		saved = m.AllocLocal(each * m.width()) // the sums of the lower lanes
	}
	for lo := 0; lo < len(terms); lo += each {
		part := terms[lo:min(lo+each, len(terms))]
		var acc []reg.VecVirtual
		for h := range m.lanes() {
			if h == 1 {
				for k, v := range acc {
					m.VMOVUPD(v, saved.Offset(k*m.width()))
				}
			}
			acc = m.zeros(each)
			t := &sums{machine: m, terms: part, acc: acc, h: h, strips: strips, stride: stride, a: a, b: b}
			t.byColumns(columns, fmt.Sprintf("%d_%d", lo, h))
		}
		if !m.wide {
			for k, v := range acc {
				m.VADDPD(saved.Offset(k*m.width()), v, v)
			}
		}
		for k := 0; k < len(acc); k += m.width() / 8 {
			at := Mem{Base: out, Disp: 8 * (lo + k)}
			v := m.foldAll(acc[k : k+m.width()/8])
			m.VADDPD(at, v, v)
			m.VMOVUPD(v, at)
		}
	}
	m.end()
}

// foldAll returns the sums of the lanes of as many registers as each has, in their order. The lanes
// are added in halves; of AVX2 the two halves of eight have been added already.
func (m *machine) foldAll(v []reg.VecVirtual) reg.VecVirtual {
	// both adds what two shuffles take of a and b.
	both := func(low, high func(b, a, to Op), a, b reg.VecVirtual) reg.VecVirtual {
		x, y := m.vec(), m.vec()
		low(b, a, x)
		high(b, a, y)
		m.VADDPD(y, x, x)
		return x
	}
	quarters := func(order U8) func(b, a, to Op) {
		return func(b, a, to Op) {
			if m.wide {
				m.VSHUFF64X2(order, b, a, to)
			} else {
				m.VPERM2F128(order, b, a, to)
			}
		}
	}
	// l and l+2, of two registers of AVX2 or of four of AVX-512, where l and l+4 come first.
	two := func(v []reg.VecVirtual) reg.VecVirtual {
		if !m.wide {
			return both(quarters(0x20), quarters(0x31), v[0], v[1])
		}
		a := both(quarters(0x44), quarters(0xee), v[0], v[1])
		b := both(quarters(0x44), quarters(0xee), v[2], v[3])
		return both(quarters(0x88), quarters(0xdd), a, b)
	}
	unpack := func(by func(...Op)) func(b, a, to Op) { return func(b, a, to Op) { by(b, a, to) } }
	var even, odd []reg.VecVirtual
	for i := 0; i < len(v); i += 2 {
		even, odd = append(even, v[i]), append(odd, v[i+1])
	}
	return both(unpack(m.VUNPCKLPD), unpack(m.VUNPCKHPD), two(even), two(odd))
}

// sums are some terms of a tile, in register h of the lanes.
type sums struct {
	*machine
	terms          []term
	acc            []reg.VecVirtual
	h              int
	strips, stride reg.GPVirtual
	a, b           reg.Register
}

// byColumns goes over the strips, in a loop for each number of columns that a panel can have.
func (t *sums) byColumns(columns reg.GPVirtual, name string) {
	label := func(what string, n int) string { return fmt.Sprintf("%s%d_%s", what, n, name) }
	for n := 1; n < tileSide; n++ {
		t.CMPQ(columns, U8(n))
		t.JE(LabelRef(label("columns", n)))
	}
	for n := tileSide; n >= 1; n-- {
		t.Label(label("columns", n))
		t.loop(n, label("loop", n))
		if n > 1 {
			t.JMP(LabelRef("summed_" + name))
		}
	}
	t.Label("summed_" + name)
}

// loop goes over the strips with the terms of the first columns.
func (t *sums) loop(columns int, label string) {
	some := false
	for _, term := range t.terms {
		some = some || term.j < columns
	}
	if !some {
		return
	}
	a, n := t.GP64(), t.GP64()
	b, ahead := a, reg.GPVirtual(nil)
	t.MOVQ(t.a, a)
	t.MOVQ(t.strips, n)
	if t.b != nil {
		b = t.GP64()
		t.MOVQ(t.b, b)
	} else if t.h == 0 && t.terms[0] == (term{0, 0}) {
		ahead = t.arg("ahead")
	}
	t.Label(label)
	for step := range t.steps() {
		t.step(columns, step, a, b)
	}
	if ahead != nil {
		for j := range columns {
			t.PREFETCHT0(Mem{Base: ahead, Disp: j * line})
		}
		t.ADDQ(U32(columns*line), ahead)
	}
	t.ADDQ(t.stride, a)
	if b != a {
		t.ADDQ(t.stride, b)
	}
	t.DECQ(n)
	t.JNZ(LabelRef(label))
}

// step adds one step of the terms of the first columns. A column is read once.
func (t *sums) step(columns, step int, a, b reg.GPVirtual) {
	var read [2][tileSide]reg.VecVirtual
	column := func(panel reg.GPVirtual, of *[tileSide]reg.VecVirtual, j int) reg.VecVirtual {
		if of[j] == nil {
			of[j] = t.loadWide(Mem{Base: panel, Disp: j * line}, step, t.h)
		}
		return of[j]
	}
	ofB := &read[0]
	if b != a {
		ofB = &read[1]
	}
	for k, term := range t.terms {
		switch {
		case term.j >= columns:
		case term.i < 0:
			t.VADDPD(column(b, ofB, term.j), t.acc[k], t.acc[k])
		default:
			x := column(a, &read[0], term.i)
			t.VFMADD231PD(column(b, ofB, term.j), x, t.acc[k])
		}
	}
}

// moments writes the functions of kernel.Moments.
func (m *machine) moments() {
	m.lineMoments()
	m.squares()
	m.products()
	if m.size == 8 {
		m.apply()
	}
}
