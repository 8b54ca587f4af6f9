package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// mulAddLines is kernel.MulAddLines. AVX2 has registers for half of the lanes of so many lines,
// with w beside them, so it takes the other half afterwards.
const mulAddLines = 12

func (m *machine) mulAdds() {
	m.function("MulAdds", "func(y *T, rounds int, w *T)")
	w := m.arg("w")
	w0, w1 := m.broadcast(Mem{Base: w}), m.broadcast(Mem{Base: w, Disp: m.size})
	y, rounds, left := m.arg("y"), m.arg("rounds"), m.GP64()
	for h := range m.lanes() {
		var chains [mulAddLines]reg.VecVirtual
		place := func(k int) Mem { return Mem{Base: y, Disp: k*line + h*m.width()} }
		for k := range chains {
			chains[k] = m.load(place(k))
		}
		round := fmt.Sprintf("round_%d", h)
		m.MOVQ(rounds, left)
		m.Label(round)
		for _, chain := range chains {
			m.of(m.VFMADD213PD, m.VFMADD213PS)(w0, w1, chain)
		}
		m.DECQ(left)
		m.JNZ(LabelRef(round))
		for k, chain := range chains {
			m.move(chain, place(k))
		}
	}
	m.end()
}
