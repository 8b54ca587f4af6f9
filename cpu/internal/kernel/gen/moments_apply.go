package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// apply has four products of a row under way, and those of the lanes.
func (m *machine) apply() {
	m.function("Apply", "func(y, a, u *float64, strips, columns int)")
	y, a, u := m.arg("y"), m.arg("a"), m.arg("u")
	strips, columns := m.arg("strips"), m.arg("columns")
	places := m.GP64() // columns = 4·places + rest
	rest := m.GP64()
	m.MOVQ(columns, places)
	m.MOVQ(columns, rest)
	m.SHRQ(U8(2), places)
	m.ANDQ(U8(3), rest)

	m.Label("strip")
	var acc [4][]reg.VecVirtual
	for k := range acc {
		acc[k] = m.zeros(m.lanes())
	}
	at, left := m.GP64(), m.GP64()
	m.MOVQ(u, at)
	product := func(k, to int) {
		factor := m.broadcast(Mem{Base: at, Disp: 8 * k})
		for h, sum := range acc[to] {
			m.VFMADD231PD(Mem{Base: a, Disp: k*line + h*m.width()}, factor, sum)
		}
	}
	m.MOVQ(places, left)
	m.TESTQ(left, left)
	m.JZ(LabelRef("rest"))
	m.Label("four")
	for k := range 4 {
		product(k, k)
	}
	m.ADDQ(U32(4*line), a)
	m.ADDQ(U8(4*8), at)
	m.DECQ(left)
	m.JNZ(LabelRef("four"))
	m.Label("rest")
	for k := range 3 {
		m.CMPQ(rest, U8(k))
		m.JE(LabelRef("sum"))
		product(0, k)
		m.ADDQ(U8(line), a)
		m.ADDQ(U8(8), at)
	}
	m.Label("sum")
	for h := range m.lanes() {
		m.VADDPD(acc[1][h], acc[0][h], acc[0][h])
		m.VADDPD(acc[3][h], acc[2][h], acc[2][h])
		m.VADDPD(acc[2][h], acc[0][h], acc[0][h])
		m.VMOVUPD(acc[0][h], Mem{Base: y, Disp: h * m.width()})
	}
	m.ADDQ(U8(line), y)
	m.DECQ(strips)
	m.JNZ(LabelRef("strip"))
	m.end()
}
