package main

import . "github.com/mmcloughlin/avo/operand"

// sumLines is how many lines Sum takes at once, with an accumulator each: all 16 registers of AVX2.
const sumLines = 8

func (m *machine) sum() {
	m.function("Sum", "func(data *T, lines, passes int) float64")
	first, all, passes := m.arg("data"), m.arg("lines"), m.arg("passes")
	n := m.lanes()
	acc := m.zeros(sumLines * n)
	data, lines := m.GP64(), m.GP64()
	m.Label("pass")
	m.MOVQ(first, data)
	m.MOVQ(all, lines)
	m.Label("group")
	m.SUBQ(U8(sumLines), lines)
	m.JLT(LabelRef("rest"))
	for i, a := range acc {
		m.add(Mem{Base: data, Disp: i * m.width()}, a, a)
	}
	m.ADDQ(U32(sumLines*line), data)
	m.JMP(LabelRef("group"))
	m.Label("rest")
	m.ADDQ(U8(sumLines), lines)
	m.JZ(LabelRef("next"))
	m.Label("single")
	for i, a := range acc[:n] {
		m.add(Mem{Base: data, Disp: i * m.width()}, a, a)
	}
	m.ADDQ(U8(line), data)
	m.DECQ(lines)
	m.JNZ(LabelRef("single"))
	m.Label("next")
	m.DECQ(passes)
	m.JNZ(LabelRef("pass"))
	for half := len(acc) / 2; half >= n; half /= 2 {
		for i, a := range acc[:half] {
			m.add(acc[half+i], a, a)
		}
	}
	m.Store(m.fold(m.widen(acc[:n])), m.ReturnIndex(0))
	m.end()
}
