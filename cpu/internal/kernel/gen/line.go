package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// strip is the bytes of a strip of one feature: a line of x and a line of d.
const strip = 2 * line

func (m *machine) line() {
	m.function("Line", "func(sums *[2]float64, data *T, strips int, w *T, mask *Mask)")
	w := m.arg("w")
	w0, w1 := m.broadcast(Mem{Base: w}), m.broadcast(Mem{Base: w, Disp: m.size})
	data, full := m.arg("data"), m.arg("strips")
	m.DECQ(full)
	// The totals are in memory: AVX2 has no register left for them, and they are needed once a run.
	totals, zero := m.AllocLocal(2*line), m.zeros(1)[0]
	for at := 0; at < 2*line; at += m.width() {
		m.move(zero, totals.Offset(at))
	}

	m.Label("run")
	n := m.lanes()
	e, ex := m.zeros(2*n), m.zeros(4*n) // register h of the place k in a group is at k·n + h
	groups := m.GP64()
	m.MOVQ(U32(run), groups)
	m.CMPQ(full, groups)
	m.CMOVQLT(full, groups)
	m.SHRQ(U8(2), groups)
	m.JZ(LabelRef("last"))

	// residual returns w₀ − d + w₁·x of a line's register h, and adds its product with x to sum. It reads x
	// before d: in the other order the second cache gives a seventh less.
	residual := func(at, h int, inRegister bool, mask *Mem, sum reg.VecVirtual) reg.VecVirtual {
		var x Op = Mem{Base: data, Disp: at + h*m.width()}
		e := m.vec()
		if inRegister {
			x = m.load(x.(Mem))
		}
		m.sub(w0, Mem{Base: data, Disp: at + line + h*m.width()}, e)
		m.fma(x, w1, e)
		if mask != nil {
			m.and(mask.Offset(h*m.width()), e)
		}
		m.fma(x, e, sum)
		return e
	}
	m.Label("group")
	for pair := range 2 {
		for h := range n {
			k := 2 * pair
			// AVX2 has two registers left here: the second x of a pair is read twice.
			a := residual(k*strip, h, true, nil, ex[k*n+h])
			b := residual((k+1)*strip, h, m.wide, nil, ex[(k+1)*n+h])
			m.add(a, b, b)
			m.add(b, e[pair*n+h], e[pair*n+h])
		}
	}
	m.ADDQ(U32(4*strip), data)
	m.DECQ(groups)
	m.JNZ(LabelRef("group"))

	m.Label("last")
	m.CMPQ(full, U32(run))
	m.JGE(LabelRef("widen"))
	single := func(mask *Mem) {
		for h := range n {
			m.add(residual(0, h, true, mask, ex[h]), e[h], e[h])
		}
	}
	singles := m.GP64()
	m.MOVQ(full, singles)
	m.ANDQ(U8(3), singles)
	m.JZ(LabelRef("masked"))
	m.Label("single")
	single(nil)
	m.ADDQ(U32(strip), data)
	m.DECQ(singles)
	m.JNZ(LabelRef("single"))
	m.Label("masked")
	single(&Mem{Base: m.arg("mask")})

	m.Label("widen")
	for h := range n {
		m.add(e[n+h], e[h], e[h])
		m.add(ex[n+h], ex[h], ex[h])
		m.add(ex[3*n+h], ex[2*n+h], ex[2*n+h])
		m.add(ex[2*n+h], ex[h], ex[h])
	}
	sums := [][]reg.VecVirtual{m.widen(e[:n]), m.widen(ex[:n])}
	for i, sum := range sums {
		for h, v := range sum {
			total := totals.Offset(i*line + h*m.width())
			m.VADDPD(total, v, v)
			m.VMOVUPD(v, total)
		}
	}
	m.SUBQ(U32(run), full)
	m.JGE(LabelRef("run"))

	out := m.arg("sums")
	for i, sum := range sums {
		m.VMOVSD(m.fold(sum), Mem{Base: out, Disp: 8 * i})
	}
	m.end()
}
